"""What winning and keeping costs, contracts that end, who comes back: the ten-customer shop."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core import breakdowns
from core.facts import Books
from core.figures import FAMILIES, compute
from core.i18n import LANGUAGES
from core.ledger.refresh import refresh
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.rows import take
from tests.shop import CLOSING, CONFIGURATION, LAST, OPENING, day, ten_customers

pytestmark = pytest.mark.slow

# From January to March 300 + 300 + 300 were spent on winning, 50 + 60 + 70 on keeping.
SPEND = [
    ("2023-02-01", "acquisition", 7), ("2023-02-01", "retention", 8),
    ("2023-12-01", "acquisition", 999), ("2024-01-01", "acquisition", 300),
    ("2024-02-01", "acquisition", 300), ("2024-03-01", "acquisition", 300),
    ("2024-01-01", "retention", 50), ("2024-02-01", "retention", 60),
    ("2024-03-01", "retention", 70),
]  # fmt: skip
# Ann's was renewed the day after, Fay's ended on 2 March, later than silence allowed (29
# February); Bob's ended before the period; Kim had nothing but a contract that ended; Lea's runs
# for one day, the last.
CONTRACTS = [
    ("a1", "Ann", "2023-06-01", "2024-01-31", None, None),
    ("a2", "Ann", "2024-02-01", None, None, None),
    ("b1", "Bob", "2023-06-01", "2023-12-30", False, "price"),
    ("f1", "Fay", "2024-01-01", "2024-03-02", False, "price"),
    ("k1", "Kim", "2023-06-01", "2023-12-31", None, "moved"),
    ("l1", "Lea", "2024-03-31", "2024-03-31", None, None),
]  # fmt: skip
WHOLE = {
    "spend_acquisition": 900, "spend_retention": 180,
    # New are Dua, Eva and Lea; Hao came and went; Bob, Fay and Kim were lost; Ann and Jin kept.
    "cost_per_new": 900 / 4, "refill_cost": 900 / 3, "refill_spend": 900 / 3 * 3,
    "retention_cost": 180 / 2, "refill_ratio": 300 / 90,
    "contracts_running": 2, "contracts_ended": 3, "renewal_rate": 1 / 3, "churn_contract": 2 / 3,
}  # fmt: skip


def with_tables(home: Path, spend=SPEND, contracts=CONTRACTS) -> Books:
    books = ten_customers(home)
    rows = {
        "customers": [
            {"customer_id": "Kim", "joined_on": day("2023-06-01")},
            {"customer_id": "Lea", "joined_on": day("2024-03-31")},
        ],
        "spend": [
            {"month": day(m), "purpose": p, "amount": Decimal(amount)} for m, p, amount in spend
        ],
        "contracts": [
            {"contract_id": i, "customer_id": c, "started_on": day(begins),
             "ended_on": day(ends) if ends else None, "is_renewed": renewed, "end_cause": cause,
             "monthly_value": Decimal(0)}
            for i, c, begins, ends, renewed, cause in contracts
        ],
    }  # fmt: skip
    take(books, rows)
    refresh(books, CONFIGURATION)
    return books


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return with_tables(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def view(books: Books) -> Iterator[View]:
    with open_ledger(books) as ledger:
        yield View(ledger)


def values(view: View, keys, as_of: date = CLOSING, compare: date | None = None, **more) -> dict:
    return {f.key: f.value for f in compute(view, keys, as_of, compare, **more)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["money"]}


def test_the_figures_of_the_shop_are_as_by_hand(view):
    assert values(view, ["money"]) == pytest.approx(WHOLE)


def test_a_renewal_rate_carries_its_n_and_interval(view):
    (found,) = compute(view, ["renewal_rate"], CLOSING)
    assert (found.n, found.low, found.high) == (3, *wilson(1, 3))


def test_without_their_tables_the_figures_are_null_and_say_so(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = compute(View(ledger), ["money"], CLOSING)
    assert {f.value for f in found} == {None}
    for language in LANGUAGES:
        assert all(f.note_text(language) for f in found)


def test_where_more_were_lost_than_won_all_that_was_spent_on_winning_only_refilled(view):
    # In March Fay and Hao were lost, and of first-time buyers there was Lea.
    found = values(
        view, ["lost", "spend_acquisition", "refill_cost", "refill_spend"], CLOSING,
        date(2024, 2, 29),
    )  # fmt: skip
    assert found == {
        "lost": 2, "spend_acquisition": 300, "refill_cost": 300, "refill_spend": 300,
    }  # fmt: skip


def test_an_open_month_has_no_spend_yet(view):
    found = compute(view, ["spend_retention", "refill_cost", "retention_cost"], LAST, OPENING)
    assert {f.value for f in found} == {None}
    assert all("month-end" in f.note_text("en") for f in found)


def test_a_missing_month_makes_what_rests_on_it_unknown(tmp_path):
    books = with_tables(tmp_path, [row for row in SPEND if row[0] != "2024-02-01"] + [
        ("2024-02-01", "acquisition", 300)])  # fmt: skip
    with open_ledger(books) as ledger:
        found = {f.key: f for f in compute(View(ledger), ["money"], CLOSING)}
    assert found["refill_cost"].value == 300
    for key in ("spend_retention", "retention_cost", "refill_ratio"):
        assert found[key].value is None
        assert "2 of the 3 months" in found[key].note_text("en")


def test_spend_is_known_for_the_whole_company_alone(books):
    with open_ledger(books) as ledger:
        found = compute(View(ledger, {"region": ("North",)}), ["spend_retention", "refill_cost"],
                        CLOSING)  # fmt: skip
    assert {f.value for f in found} == {None}
    assert all("whole company" in f.note_text("en") for f in found)


def test_in_the_first_60_days_of_the_books_new_customers_are_not_known(view):
    # Cem came on 1 February 2023: whether for the first time, books of 22 days cannot tell.
    keys = ["cost_per_new", "refill_cost", "retention_cost"]
    found = {f.key: f for f in compute(view, keys, date(2023, 2, 28), date(2023, 1, 31))}
    assert {found[key].value for key in keys[:2]} == {None}
    assert "2023-03-11" in found["cost_per_new"].note_text("en")
    assert found["retention_cost"].value == 8  # Ann


def test_contracts_are_told_apart_by_the_scope_of_their_customers(view):
    figures = compute(view, ["contracts_ended", "churn_contract"], CLOSING, by="region")
    found = {(f.key, f.scope.get("region", "all")): f.value for f in figures}
    # Ann has moved to the South, where Fay is; the region of Kim is not known.
    assert [found["contracts_ended", r] for r in ("all", "South", None)] == [3, 2, 1]
    assert found["churn_contract", "South"] == 1 / 2


def test_a_contract_ended_only_from_the_day_after_its_last_one(view):
    # On 31 December Kim's still runs: it ended in the period that begins then.
    before = values(view, ["contracts_running", "contracts_ended"], OPENING, date(2023, 11, 30))
    assert before == {"contracts_running": 2, "contracts_ended": 1}


def table(view: View, key: str, **more) -> list[dict]:
    return breakdowns.rows(view, key, as_of=CLOSING, **more).to_pylist()


def test_who_came_back_stands_by_last_tier_and_silence(view):
    # Cem was silent for 333 days at the end of December, and the only one lost then.
    (row,) = table(view, "reactivation-by-silence")
    assert (row["silence_band"], row["customers"], row["came_back"], row["return_rate"]) == (
        "181-365", 1, 1, 1,
    )  # fmt: skip
    assert (row["return_low"], row["return_high"]) == wilson(1, 1)


def test_who_was_lost_by_contract_stands_apart_with_the_cause(view):
    found = table(view, "contract-churn")
    assert [(r["lost_by"], r["end_cause"], r["customers"], r["opening_value"]) for r in found] == [
        ("contract_unrenewed", "moved", 1, 0), ("contract_unrenewed", "price", 1, 25),
        ("silence", None, 1, 80),
    ]  # fmt: skip
    assert sum(r["share_of_lost"] for r in found) == pytest.approx(1)


def test_breakdowns_say_since_when_and_are_empty_without_an_opening(view):
    (note, *_) = breakdowns.notes(view, "reactivation-by-silence", as_of=CLOSING)
    assert "2023-12-31" in note.text("en")
    first = date(2023, 1, 31)
    assert breakdowns.rows(view, "reactivation-by-silence", as_of=first).num_rows == 0
    assert breakdowns.rows(view, "contract-churn", as_of=first).num_rows == 0
    assert breakdowns.notes(view, "contract-churn", as_of=first)[0].text("zh")


def test_without_contracts_there_is_no_contract_churn(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        assert breakdowns.rows(View(ledger), "contract-churn", as_of=CLOSING).num_rows == 0
