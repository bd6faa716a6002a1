"""Kinds of customers, the upper tiers that stay, negative value: through books, by hand."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner

from core import breakdowns, lists
from core.cli import main
from core.facts import Books
from core.figures import FAMILIES, Figure, compute
from core.figures.tiers import earlier_periods, longest_expected, tier_title
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.figures.tiered_shop import AS_OF, QUARTER, YEAR_AGO
from tests.shop import CLOSING, OPENING, build, ten_customers

pytestmark = pytest.mark.slow

KINDS = ("migrating", "freezing", "potential", "value", "steady")
# The shop of ten customers is 15 months old: no 12 months before those of a year ago.
WHOLE = dict.fromkeys([f"kind_{kind}{part}" for kind in KINDS for part in ("", "_value")]) | {
    # Jin alone is upper at the opening, and stays.
    "upper_kept": 1, "upper_fallen": 0, "upper_fallen_excess": None,
    # Gus gave back all: 90 - 90 is not below 0.
    "negative_value_customers": 0, "negative_value_sum": 0,
}  # fmt: skip
TIERED = {
    "kind_migrating": 2, "kind_migrating_value": 50 + 60,
    "kind_freezing": 2, "kind_freezing_value": 0,
    "kind_potential": 1, "kind_potential_value": 90,
    "kind_value": 2, "kind_value_value": 1200 + 200,
    "kind_steady": 2, "kind_steady_value": 30 - 50,
    # Of Ada, Cid and Dot, Cid fell; of 1 of high, 1/6 is usual: Ben in 1 of 6 cases.
    "upper_kept": 2 / 3, "upper_fallen": 1, "upper_fallen_excess": 1 - 1 / 6,
    "negative_value_customers": 1, "negative_value_sum": -50,
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with open_ledger(ten_customers(tmp_path_factory.mktemp("shop"))) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def tiered(tiered_books: Books) -> Iterator[View]:
    with open_ledger(tiered_books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def figures(tiered: View) -> dict[str, Figure]:
    return {figure.key: figure for figure in compute(tiered, ["kinds"], AS_OF)}


def notes(figure: Figure) -> list[str]:
    return [note.key for note in figure.note]


def rows(view: View, key: str, as_of: date = AS_OF, **days: date) -> list[dict]:
    return breakdowns.rows(view, key, as_of=as_of, **days).to_pylist()


def test_every_figure_of_the_family_is_worked_out():
    keys = {figure.key for figure in FAMILIES["kinds"]}
    assert set(WHOLE) == set(TIERED) == keys


@pytest.mark.parametrize("key", sorted(WHOLE))
def test_a_figure_of_the_shop_is_as_by_hand(shop, key):
    (found,) = compute(shop, [key], CLOSING)
    assert found.value == WHOLE[key]


@pytest.mark.parametrize("key", sorted(TIERED))
def test_a_figure_of_the_tiered_shop_is_as_by_hand(figures, key):
    assert figures[key].value == pytest.approx(TIERED[key])


def test_kinds_say_why_they_are_not_known(shop, tiered):
    (young,) = compute(shop, ["kind_value"], CLOSING)
    assert notes(young) == ["window_before_books"]
    (first,) = compute(tiered, ["kind_value"], date(2021, 11, 30))
    assert notes(first) == ["no_year_ago"]
    assert lists.rows(shop, "migrating", as_of=CLOSING).num_rows == 0
    assert rows(shop, "kinds", CLOSING) == []
    assert [note.key for note in breakdowns.notes(shop, "kinds", as_of=CLOSING)] == [
        "window_before_books"
    ]
    assert "12 months" in " ".join(lists.notes(tiered, "migrating", "en", date(2021, 11, 30)))


def test_the_values_of_the_kinds_add_up_to_that_of_all_customers(figures, tiered):
    total = compute(tiered, ["value", "bridge_value_lapsed"], AS_OF)
    assert sum(figures[f"kind_{k}_value"].value or 0 for k in KINDS) == sum(
        figure.value or 0 for figure in total
    )


def test_kinds_can_be_told_apart_by_region(tiered):
    found = compute(tiered, ["kind_migrating", "kind_freezing"], AS_OF, by="region")
    known = {(f.key, f.scope.get("region")): f.value for f in found}
    assert known["kind_migrating", "North"] == 2
    assert known["kind_migrating", "South"] == 0
    assert known["kind_freezing", "South"] == 2


def test_the_kinds_are_a_table_with_value_now_and_then(tiered):
    found = {row["customer_kind"]: row for row in rows(tiered, "kinds")}
    assert list(found) == list(KINDS)
    assert (found["migrating"]["value_then"], found["migrating"]["value"]) == (1200, 110)
    assert found["value"]["share_of_heads"] == pytest.approx(2 / 9)


def test_the_migrating_are_listed_by_the_higher_of_their_values(tiered):
    found = lists.rows(tiered, "migrating", as_of=AS_OF).to_pylist()
    shown = [(r["customer_id"], r["tier_then"], r["tier_name"], r["value_then"]) for r in found]
    assert shown == [("Ben", "high", "other", 600), ("Cid", "high", "other", 600)]


def test_a_share_of_the_upper_carries_its_interval(figures):
    kept = figures["upper_kept"]
    assert (kept.n, kept.low, kept.high) == (3, *wilson(2, 3))


def test_the_excess_says_from_how_many_periods_it_is(figures, shop):
    assert notes(figures["upper_fallen_excess"]) == ["since", "expected_from"]
    assert figures["upper_fallen_excess"].note[1].values == {"periods": 4}
    (young,) = compute(shop, ["upper_fallen_excess"], CLOSING)
    assert notes(young) == ["few_earlier_periods"]


def test_earlier_periods_end_where_the_next_begins_and_have_full_windows(tiered):
    assert earlier_periods(tiered, QUARTER, AS_OF)[:2] == [
        (date(2023, 6, 30), QUARTER), (date(2023, 3, 31), date(2023, 6, 30)),
    ]  # fmt: skip
    # Of years, 2022 alone has both ends: 12 months are first full at the end of 2021.
    assert earlier_periods(tiered, YEAR_AGO, AS_OF) == [(date(2021, 12, 31), YEAR_AGO)]
    assert earlier_periods(tiered, date(2023, 11, 15), AS_OF) == []


def test_tiers_of_provisional_cut_points_are_not_compared(shop):
    (found,) = compute(shop, ["upper_kept"], CLOSING, date(2023, 11, 30))
    assert (found.value, notes(found)) == (None, ["provisional_compared"])
    assert rows(shop, "tier-migration", CLOSING, compare=date(2023, 11, 30)) == []


def test_nobody_upper_is_no_rate(tiered):
    (whole, north, south) = compute(tiered, ["upper_kept"], AS_OF, by="region")
    assert (whole.value, north.value, south.value) == (pytest.approx(2 / 3), 0.5, 1)
    scoped = View(tiered.ledger, {"tier": ("other",)})
    (other,) = compute(scoped, ["upper_kept"], AS_OF)
    assert (other.value, notes(other)) == (None, ["nobody_upper"])


def test_money_tiers_are_the_same_on_every_day_with_full_windows(tiered):
    assert [row["cut_1"] for row in tiered.cuts] == [1000] * 36
    provisional = [row["month_end"] for row in tiered.cuts if row["is_provisional"]]
    assert provisional[-1] == date(2021, 11, 30)
    found = {row["tier_name"]: row["customers"] for row in rows(tiered, "pyramid")}
    assert found == {"top": 1, "middle": 1, "other": 6, "lost": 1}


def test_moves_between_tiers_with_their_excess(tiered):
    found = {(r["tier_then"], r["tier_now"]): r for r in rows(tiered, "tier-migration")}
    fell = found["high", "other"]
    assert (fell["customers"], fell["value_then"], fell["value_now"]) == (1, 600, 60)
    assert (fell["share_of_row"], fell["expected_share"]) == (1, pytest.approx(1 / 6))
    assert found["high", "high"]["customers"] == 0
    assert found["high", "high"]["excess"] == pytest.approx(-5 / 6)
    assert [note.key for note in breakdowns.notes(tiered, "tier-migration", as_of=AS_OF)] == [
        "since", "expected_from",
    ]  # fmt: skip


def test_the_curves_end_with_all_buyers_and_all_value(tiered):
    rising, falling = rows(tiered, "lorenz"), rows(tiered, "whale")
    # Seven bought in 2023 and bring 1580; Ada brings 1200, Joy -50.
    assert (rising[-1]["buyers"], rising[-1]["share_of_value"]) == (7, pytest.approx(1))
    assert rising[0]["share_of_value"] == pytest.approx(-50 / 1580)
    assert falling[0]["share_of_value"] == pytest.approx(1200 / 1580)
    assert falling[-2]["share_of_value"] == pytest.approx(1630 / 1580)


def test_rfm_scores_every_active_customer_under_the_cut_points_of_the_year_before(tiered):
    found = rows(tiered, "rfm")
    assert sum(row["customers"] for row in found) == 8
    (ada,) = [row for row in found if row["value"] == 1200]
    # Of nine active in 2022 four fifths bought once, for 600 or less, and lay 82 days back or more.
    assert (ada["f"], ada["m"]) == (5, 5)
    # Her 82 days tie with that cut-point; the one before lies between 213 and 143 days.
    assert ada["r"] == 4


def test_negative_value_is_told_by_its_parts(tiered):
    (joy,) = rows(tiered, "negative-value-parts")
    parts = {n: float(joy[n]) for n in ("customers", "value", "gross", "returned", "cost")}
    assert parts == {"customers": 1, "value": -50, "gross": 20, "returned": 70, "cost": 0}
    found = breakdowns.notes(tiered, "negative-value-parts", as_of=AS_OF)
    assert [note.key for note in found] == ["refunds_exceed_purchases", "on_net"]


def test_without_costs_negative_value_says_that_refunds_exceed_purchases(figures):
    assert notes(figures["negative_value_customers"])[0] == "refunds_exceed_purchases"


def test_tiers_are_called_as_the_definitions_say(tiered_books):
    assert [tier_title("zeithaml", t, "zh") for t in ("top", "high", "middle", "other")] == [
        "铂金", "黄金", "铁", "铅",
    ]  # fmt: skip
    assert tier_title("curry", "top", "en") == "Top"
    assert tier_title("zeithaml", None, "en") == "Unknown"
    runner = CliRunner(env={"REGULARS_HOME": str(tiered_books.home), "LC_ALL": "en_GB.UTF-8"})

    def said(*arguments: str) -> str:
        result = runner.invoke(main, [*arguments, "--as-of", AS_OF.isoformat()])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "Platinum" in said("kpi", "active_customers", "--by", "tier")
    assert "Platinum" in said("list", "tier-migration")
    assert "Migrating" in said("list", "kinds")
    # Programs read the codes.
    coded = json.loads(said("list", "tier-migration", "--format", "json"))
    assert coded[0]["tier_then"] == "top"


def test_the_opening_of_the_ten_is_the_first_day_that_compares(shop):
    assert earlier_periods(shop, OPENING, CLOSING) == []


def test_the_share_of_the_upper_tiers_is_that_of_the_first_three(tiered, shop):
    (share,) = compute(tiered, ["upper_value_share"], AS_OF)
    # Active and valued in 2023: Ada 1200 and Dot 200 of 1200 + 50 + 60 + 200 + 90 + 30 - 50, and
    # Fin, active with 0.
    assert share.value == pytest.approx(1400 / 1580)
    # Jin alone is upper: 520 of 120 + 60 + 210 + 30 + 520; then 500 of 150 + 80 + 25 + 90 + 500.
    (share,) = compute(shop, ["upper_value_share"], CLOSING, OPENING)
    assert (share.value, share.was) == pytest.approx((520 / 940, 500 / 845))
    (share,) = compute(shop, ["upper_value_share"], CLOSING, date(2023, 11, 30))
    assert share.was is None  # tiers of before the first year's end compare with no other day


def test_the_share_of_the_best_fifth_is_told_for_every_window_within_the_books(tiered):
    found = {row["window_months"]: row for row in rows(tiered, "top-share-windows")}
    assert {months: (row["buyers"], row["top"]) for months, row in found.items()} == {
        # Of October to December: Ada, Cid, Gil. From July: Dot too. Of 2023: Ben, Eve and Joy too.
        3: (3, 1), 6: (4, 1), 12: (7, 2),
        # From July 2022 nobody else; of both years Fin too.
        18: (7, 2), 24: (8, 2),
    }  # fmt: skip
    shares = {months: row["top_share"] for months, row in found.items()}
    assert shares == pytest.approx({
        3: 300 / 390,  # Ada 300, Cid 60, Gil 30
        6: 600 / 890,  # Ada 600, Dot 200
        12: 1400 / 1580,  # Ada 1200, Dot 200; Ben 50, Cid 60, Eve 90, Gil 30, Joy -50
        # Ada 1800, Cid 660; Ben 50, Dot 400, Eve 90, Gil 60, Joy -50
        18: 2460 / 3010,
        # Ada 2400, Cid 660 (Ben 650); Dot 400, Eve 140, Fin 50, Gil 60, Joy 40
        24: 3060 / 4400,
    })  # fmt: skip
    (year,) = compute(tiered, ["top_share"], AS_OF)
    assert shares[12] == pytest.approx(year.value)


def test_windows_that_reach_before_the_books_are_left_out(shop):
    # The books begin in January 2023: 12 months lie within them, 18 do not.
    assert [row["window_months"] for row in rows(shop, "top-share-windows", CLOSING)] == [3, 6, 12]


def test_windows_count_contracts_as_the_ledger_does(tmp_path):
    contract = {
        "contract_id": "k1", "customer_id": "Bob", "started_on": date(2023, 10, 1),
        "monthly_value": Decimal(100),
    }  # fmt: skip
    bought = [("Ann", "2023-01-05", 10), ("Ann", "2023-12-31", 50)]
    with open_ledger(build(tmp_path, bought, contracts=[contract])) as ledger:
        found = rows(View(ledger), "top-share-windows")
    # Ann 50 and Bob 3 x 100 in three and in six months; in twelve Ann has 60.
    assert [row["top_share"] for row in found] == pytest.approx([300 / 350, 300 / 350, 300 / 360])


def test_the_longest_period_with_a_usual_has_two_others_before_it(tiered, shop):
    # Tiers compare from the end of 2021 on. Before 2023 lies one year; before its second half lie
    # three half years.
    assert longest_expected(tiered, AS_OF) == date(2023, 6, 30)
    # Of the shop from the end of 2023 on: before March lie two months, before February one.
    assert longest_expected(shop, CLOSING) == date(2024, 2, 29)
    assert longest_expected(shop, date(2024, 2, 29)) is None
