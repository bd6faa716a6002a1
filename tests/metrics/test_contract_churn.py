"""Contracts: which run, which ended, which were renewed, who was lost with theirs."""

from datetime import date, timedelta

import pytest

from core.metrics.contract_churn import ended_contracts, lost_by, renewal, running_contracts
from tests.care_shop import facts, keys, lines, rows

A, B = date(2023, 12, 31), date(2024, 3, 31)


def contract(number: int, ends: date | None, begins: date = date(2023, 1, 1), **more) -> dict:
    return {"contract_id": f"c{number}", "customer_key": number, "started_on": begins,
            "ended_on": ends, **more}  # fmt: skip


def ended(*found: dict) -> list[dict]:
    table = facts("contracts", *found)
    return rows(ended_contracts(table, opened_on=A, as_of=B), "contract_id")


def ids(found: list[dict]) -> list[str]:
    return [row["contract_id"] for row in found]


def test_a_contract_runs_from_its_first_to_its_last_day():
    table = facts(
        "contracts",
        contract(1, B), contract(2, B - timedelta(days=1)), contract(3, None),
        contract(4, None, begins=B), contract(5, None, begins=B + timedelta(days=1)),
    )  # fmt: skip
    assert keys(running_contracts(table, as_of=B)) == [1, 3, 4]


def test_a_contract_has_ended_from_the_day_after_its_last():
    found = ended(
        contract(1, A - timedelta(days=1)), contract(2, A), contract(3, B - timedelta(days=1)),
        contract(4, B), contract(5, None),
    )  # fmt: skip
    assert ids(found) == ["c2", "c3"]


def test_running_less_ended_plus_begun_is_running():
    every = [contract(1, A), contract(2, B), contract(3, date(2024, 2, 1)),
             contract(4, None, begins=date(2024, 1, 1)),
             contract(5, date(2024, 2, 2), begins=date(2024, 1, 2))]  # fmt: skip
    table = facts("contracts", *every)
    then, now = (len(keys(running_contracts(table, as_of=on))) for on in (A, B))
    begun = sum(A < each["started_on"] <= B for each in every)
    assert (then, begun, len(ended(*every)), now) == (3, 2, 3, 2)


@pytest.mark.parametrize("stated", [True, False])
def test_the_company_says_whether_a_contract_was_renewed(stated):
    later = contract(1, None, begins=date(2024, 2, 2)) | {"contract_id": "c9"}
    (row,) = ended(contract(1, date(2024, 2, 1), is_renewed=stated), later)
    assert row["is_renewed"] is stated


@pytest.mark.parametrize(
    ("begins", "ends", "is_renewed"),
    [(date(2024, 2, 2), None, True), (date(2024, 2, 3), None, False),
     (date(2023, 6, 1), None, True), (date(2023, 6, 1), date(2024, 2, 1), False),
     (date(2024, 2, 2), date(2024, 2, 2), True)],
)  # fmt: skip
def test_where_it_does_not_say_a_contract_that_runs_the_day_after_is_a_renewal(
    begins, ends, is_renewed
):
    other = contract(1, ends, begins) | {"contract_id": "c9"}
    (row, *_) = ended(contract(1, date(2024, 2, 1)), other)
    assert row["is_renewed"] is is_renewed


def test_a_contract_of_another_product_or_customer_is_no_renewal():
    first = contract(1, date(2024, 2, 1), product_id="p1")
    follows = {"begins": date(2024, 2, 2)}
    other = contract(1, None, **follows, product_id="p2") | {"contract_id": "c9"}
    stranger = contract(2, None, **follows, product_id="p1")
    same = contract(1, None, **follows, product_id="p1") | {"contract_id": "c8"}
    assert ended(first, other, stranger)[0]["is_renewed"] is False
    assert ended(first, same)[0]["is_renewed"] is True


def test_two_contracts_of_one_customer_that_end_together_do_not_renew_each_other():
    found = ended(contract(1, date(2024, 2, 1)),
                  contract(1, date(2024, 2, 1)) | {"contract_id": "c2"})  # fmt: skip
    assert [row["is_renewed"] for row in found] == [False, False]


def test_renewal_and_churn_of_contracts_make_one():
    table = facts("contracts", *[contract(n, A, is_renewed=n == 1) for n in (1, 2, 3, 4)])
    (row,) = rows(renewal(ended_contracts(table, opened_on=A, as_of=B)))
    assert (row["ended"], row["renewed"], row["unrenewed"]) == (4, 1, 3)
    assert (row["renewal_rate"], row["churn_contract"]) == (0.25, 0.75)


def test_where_no_contract_ended_the_rates_are_null():
    (row,) = rows(renewal(ended_contracts(facts("contracts"), opened_on=A, as_of=B)))
    assert (row["ended"], row["renewed"], row["renewal_rate"], row["churn_contract"]) == (
        0, 0, None, None,
    )  # fmt: skip


def lost(then: list[dict], now: list[dict], *contracts: dict, **more) -> list[tuple]:
    given = ended_contracts(facts("contracts", *contracts), opened_on=A, as_of=B)
    found = lost_by(lines(A, *then), lines(B, *now), given, lapse_after_days=60, **more)
    return [(r["customer_key"], r["lost_by"], r["end_cause"]) for r in rows(found, "customer_key")]


def gone(key: int, last_on: date | None, until: date, **more) -> dict:
    return {"customer_key": key, "is_active": False, "last_on": last_on, "active_until": until,
            "since_on": date(2023, 1, 1), **more}  # fmt: skip


def test_a_customer_is_lost_by_what_kept_them_longest():
    bought = date(2023, 12, 1)  # silence allowed until 30 January
    then = [{"customer_key": n} for n in (1, 2, 3)]
    now = [gone(1, bought, date(2024, 1, 30)), gone(2, bought, date(2024, 1, 31)),
           gone(3, bought, date(2024, 1, 30))]  # fmt: skip
    contracts = [contract(1, date(2024, 1, 15), end_cause="price"),
                 contract(2, date(2024, 1, 31), end_cause="price"),
                 contract(3, date(2024, 1, 30), end_cause="price")]  # fmt: skip
    # Customer 3's silence and contract end on one day: silence.
    assert lost(then, now, *contracts) == [
        (1, "silence", None), (2, "contract_unrenewed", "price"), (3, "silence", None),
    ]  # fmt: skip


def test_who_never_bought_is_lost_by_the_contract():
    now = [gone(1, None, date(2024, 2, 1))]
    assert lost([{"customer_key": 1}], now, contract(1, date(2024, 2, 1))) == [
        (1, "contract_unrenewed", None)
    ]


def test_a_contract_called_renewed_of_a_lost_customer_is_named():
    now = [gone(1, None, date(2024, 2, 1))]
    stated = contract(1, date(2024, 2, 1), is_renewed=True)
    assert lost([{"customer_key": 1}], now, stated) == [(1, "contract_renewed", None)]


def test_contracts_that_end_on_one_day_make_one_row():
    now = [gone(1, None, date(2024, 2, 1))]
    two = [contract(1, date(2024, 2, 1), end_cause="price"),
           contract(1, date(2024, 2, 1), end_cause="moved") | {"contract_id": "c2"}]  # fmt: skip
    assert lost([{"customer_key": 1}], now, *two) == [(1, "contract_unrenewed", "moved")]


def test_the_lapse_of_the_segment_decides():
    bought = date(2023, 12, 1)
    now = [gone(1, bought, date(2024, 1, 31), segment="fleet")]
    found = lost([{"customer_key": 1}], now, contract(1, date(2024, 1, 31)),
                 lapse_by_segment={"fleet": 61})  # fmt: skip
    assert found == [(1, "silence", None)]


def test_the_undone_the_kept_and_those_not_active_before_are_not_lost():
    then = [{"customer_key": 1}, {"customer_key": 2}, {"customer_key": 3, "is_active": False}]
    now = [gone(1, None, A, since_on=None), {"customer_key": 2}, gone(3, A, B)]
    assert lost(then, now) == []


def test_without_contracts_everybody_is_lost_by_silence():
    bought = date(2023, 12, 1)
    found = lost_by(
        lines(A, {"customer_key": 1, "value": 7}), lines(B, gone(1, bought, date(2024, 1, 30))),
        None, lapse_after_days=60,
    )  # fmt: skip
    assert [(r["lost_by"], r["end_cause"], r["value"]) for r in rows(found)] == [
        ("silence", None, 7)
    ]
