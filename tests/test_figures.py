"""Headline figures of the shop of ten customers, worked out by hand in ``tests/shop.py``."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.definitions import BooksSettings, Configuration, Definitions
from core.errors import UnknownFigure
from core.facts import Books
from core.figures import FAMILIES, FIGURES, Figure, compute, definition_of, definitions_of
from core.figures.asked import Asked
from core.figures.document import PAGE, document
from core.i18n import LANGUAGES
from core.metrics.intervals import wilson
from core.metrics.repurchase import first_and_second, repeat_rate
from core.reading import open_ledger
from core.view import View
from tests.shop import CLOSING, CONFIGURATION, LAST, OPENING, build, day, found, one, ten_customers

pytestmark = pytest.mark.slow

WHOLE = {
    "customers": 8, "active_customers": 5, "prospects": 2, "lost_customers": 3,
    "value": 940, "value_per_active": 188,
    "tier_top": 1, "tier_high": 0, "tier_middle": 0, "tier_other": 4,
    "tier_top_value": 520, "tier_high_value": 0, "tier_middle_value": 0, "tier_other_value": 420,
    "upper_value_share": 520 / 940,
    # Buyers bring 520, 210, 120, 80, 60, 30, 25, 15: the best two of eight.
    "top_share": 730 / 1060,
    "gini": (-7 * 15 - 5 * 25 - 3 * 30 - 60 + 80 + 3 * 120 + 5 * 210 + 7 * 520) / (8 * 1060),
    # Dua, Eva and Cem have been silent for more than half of 60 days; Ann for exactly 30.
    "overdue": 3,
    "net_sales_12m": 1095, "net_without_customer_12m": 35, "share_without_customer": 35 / 1095,
    "new": 2, "kept": 2, "returned": 1, "arrived": 3, "lost": 2, "undone": 1, "came_and_went": 1,
    "bridge_opening": 5, "bridge_new": 2, "bridge_returned": 1, "bridge_moved_in": 0,
    "bridge_lost": 2, "bridge_undone": 1, "bridge_moved_out": 0, "bridge_closing": 5,
    "bridge_value_opening": 845, "bridge_value_new": 240, "bridge_value_returned": 60,
    "bridge_value_moved_in": 0, "bridge_value_up": 20, "bridge_value_lost": 105,
    "bridge_value_undone": 90, "bridge_value_moved_out": 0, "bridge_value_down": 30,
    "bridge_value_closing": 940, "bridge_value_lapsed": 120, "bridge_value_without_customer": 35,
    "bridge_value_total": 1095,
    "retention": 2 / 5, "churn": 2 / 5, "retention_value": 650 / 845, "churn_value": 105 / 845,
    "quick_ratio": 3 / 2, "quick_ratio_value": 320 / 135, "reactivation": 1,
    # A year before, only Cem was active: Ann had been silent for 80 days.
    "retention_annual": 1, "churn_annual": 0, "grr": None, "nrr": None,
    # Ann and Jin of eight buyers came on two days; Dua's two orders are of one day.
    "repeat_rate": 2 / 8, "next_window_rate": None,
    "repurchase_within_30": 0, "repurchase_within_90": 0, "repurchase_within_180": 0,
    # Ann came back after 325 days, Cem after 374.
    "repurchase_within_365": 1 / 2,
    # Back after 151 of three still watched, after 325 of two: 2/3, then 1/3.
    "gap_median": 325,
}  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return ten_customers(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def view(books: Books) -> Iterator[View]:
    with open_ledger(books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def whole(view: View) -> dict[str, Figure]:
    return {figure.key: figure for figure in compute(view, None, CLOSING)}


def values(figures: list[Figure], by: str | None = None) -> dict:
    return {(f.key, f.scope[by]) if by in f.scope else f.key: f.value for f in figures}


def figure(view: View, key: str, *args, **options) -> Figure:
    (only,) = compute(view, [key], *args, **options)
    return only


def test_every_figure_of_purchases_is_worked_out_by_hand():
    families = ("standing", "sales", "movement", "repurchase")
    assert set(WHOLE) == {figure.key for family in families for figure in FAMILIES[family]}


@pytest.mark.parametrize("key", sorted(WHOLE))
def test_a_figure_of_the_shop_is_as_by_hand(whole, key):
    assert whole[key].value == (None if WHOLE[key] is None else pytest.approx(WHOLE[key]))


def test_a_figure_carries_where_it_comes_from(whole):
    churn = whole["churn"]
    assert (churn.scope, churn.as_of, churn.unit, churn.data_version) == ({}, CLOSING, "rate", 1)
    assert churn.definition == CONFIGURATION.definitions.version()


def test_a_rate_carries_its_n_and_interval(whole):
    churn = whole["churn"]
    assert (churn.n, churn.low, churn.high) == (5, *wilson(2, 5))
    assert churn.is_small_n


def test_thirty_customers_are_not_few_and_counts_never_are(whole):
    assert not whole["customers"].is_small_n
    few = Figure("churn", {}, CLOSING, 0.1, 29, "rate", 0.0, 0.2, "", 1)
    enough = Figure("churn", {}, CLOSING, 0.1, 30, "rate", 0.0, 0.2, "", 1)
    assert (few.is_small_n, enough.is_small_n) == (True, False)


def test_a_movement_says_since_when(view):
    assert "2023-12-31" in figure(view, "churn", CLOSING).note_text("en")
    assert "2024-02-29" in figure(view, "churn", CLOSING, date(2024, 2, 29)).note_text("en")
    assert figure(view, "customers", CLOSING).note == ()


def test_before_the_first_day_of_the_books_nothing_is_known(view):
    found = compute(view, None, date(2022, 6, 30))
    assert {each.value for each in found} == {None}


def test_a_null_says_why_in_both_languages(whole):
    for nothing in (figure for figure in whole.values() if figure.value is None):
        assert all(nothing.note_text(language) for language in LANGUAGES)
    assert "2022-04-01" in whole["grr"].note_text("en")


def test_by_a_scope_each_value_stands_beside_the_whole(view):
    keys = ["bridge_opening", "bridge_moved_in", "bridge_moved_out", "bridge_closing", "retention",
            "bridge_value_closing", "customers", "repurchase_within_365"]  # fmt: skip
    found = values(compute(view, keys, CLOSING, by="region"), "region")
    expected = {
        "bridge_opening": (5, 2, 3), "bridge_moved_in": (0, 0, 1), "bridge_moved_out": (0, 1, 0),
        "bridge_closing": (5, 2, 3), "retention": (2 / 5, 1 / 2, 1 / 3),
        "bridge_value_closing": (940, 270, 670), "customers": (8, 3, 5),
        "repurchase_within_365": (1 / 2, 0, 1),
    }  # fmt: skip
    for key, (whole, north, south) in expected.items():
        assert [found[key], found[key, "North"], found[key, "South"]] == [whole, north, south]


def test_in_a_scope_figures_are_of_those_in_it(books):
    with open_ledger(books) as ledger:
        north = View(ledger, {"region": ("North",)})
        found = compute(north, ["customers", "bridge_moved_out", "net_sales_12m"], CLOSING)
    assert [f.value for f in found] == [3, 1, None]
    assert found[0].scope == {"region": "North"}
    assert "no scope" in found[2].note_text("en")


def test_compared_figures_carry_what_they_were(view):
    found = compute(view, ["customers", "value", "repurchase_within_180"], CLOSING, OPENING)
    assert [(f.was, f.was_as_of) for f in found] == [(6, OPENING), (845, OPENING), (0, OPENING)]


def test_a_movement_is_compared_with_the_period_of_equal_length_before(view):
    lost = figure(view, "new", CLOSING, OPENING)
    # From October to December Bob, Fay, Gus and Jin first bought.
    assert (lost.value, lost.was) == (2, 4)


def test_without_a_comparison_movements_reach_three_month_ends_back(view):
    assert figure(view, "lost", CLOSING).value == figure(view, "lost", CLOSING, OPENING).value
    assert figure(view, "lost", CLOSING).was is None


def test_the_open_month_says_so_and_changes_no_earlier_figure(view):
    customers = figure(view, "active_customers", LAST)
    # Eva and Cem are gone by 15 April, Dua after 55 days is not.
    assert customers.value == 3
    assert "still open" in customers.note_text("en")
    assert figure(view, "retention_annual", LAST).value is None


def test_figures_of_occasions_hold_at_any_date_and_others_are_null(view):
    found = compute(view, ["repurchase_within_30", "customers"], date(2024, 3, 15))
    # By 15 March the 30 days of Ann, Bob, Cem, Eva, Fay, Hao and Jin have passed.
    assert (found[0].value, found[0].n) == (0, 7)
    assert found[1].value is None
    assert "2024-02-29, 2024-03-31" in found[1].note_text("en")


def test_occasions_in_a_scope_need_a_ledger_day(view):
    north = View(view.ledger, {"region": ("North",)})
    assert figure(north, "gap_median", date(2024, 3, 15)).value is None


@pytest.mark.parametrize("on", [OPENING, date(2024, 2, 29), CLOSING, LAST])
def test_the_ledger_and_the_occasions_agree_on_first_and_second(view, on):
    from_ledger = Asked(view, on, None).firsts
    of_occasions = first_and_second(view.occasions(on))
    kept = from_ledger.filter(from_ledger.first_on.notnull())
    columns = ("customer_key", "first_on", "second_on")
    assert {tuple(r.values()) for r in found(kept.select(*columns))} == {
        tuple(r.values()) for r in found(of_occasions.select(*columns))
    }


def test_the_ledger_and_the_occasions_agree_on_the_repeat_rate(view):
    occasions = view.occasions(CLOSING)
    recent = occasions.filter(occasions.occasion_on >= date(2023, 4, 1))
    counted = recent.group_by("customer_key").agg(occasions=recent.count())
    assert one(repeat_rate(counted))["rate"] == figure(view, "repeat_rate", CLOSING).value


def test_a_refund_after_the_day_is_not_seen(view):
    # Gus gave his purchase back in February; at the end of January he was a customer.
    assert figure(view, "customers", date(2024, 1, 31)).value == 8
    # Ann, Bob, Cem, Fay, Gus, Hao and Jin first bought 30 days before or earlier.
    assert figure(view, "repurchase_within_30", date(2024, 1, 31)).n == 7


def test_unknown_names_are_refused_with_those_that_there_are(view):
    with pytest.raises(UnknownFigure, match="retention_annual"):
        compute(view, ["retension"], CLOSING)
    with pytest.raises(UnknownFigure, match="region, branch"):
        compute(view, ["customers"], CLOSING, by="planet")


def test_days_after_the_data_and_comparisons_backwards_are_refused(view):
    with pytest.raises(UnknownFigure, match="2024-04-15"):
        compute(view, ["customers"], LAST + timedelta(days=1))
    with pytest.raises(UnknownFigure, match="not before"):
        compute(view, ["customers"], CLOSING, CLOSING)


def test_any_number_of_days_makes_a_repurchase_figure(view):
    # Jin came back after exactly 151 days, which passed on the very day looked at.
    assert figure(view, "repurchase_within_151", CLOSING).value == pytest.approx(1 / 3)
    assert definition_of("repurchase_within_151").name("zh") == "151 日复购率"


# Everybody bought every 40 days; the lapse is 60, so that the first 60 days tell nothing.
_EARLY = [
    ("a", "2024-01-01", 10), ("b", "2024-01-05", 10), ("a", "2024-02-09", 10),
    ("b", "2024-02-13", 10), ("c", "2024-02-20", 10), ("a", "2024-03-20", 10),
    ("b", "2024-03-24", 10), ("c", "2024-03-30", 10), ("a", "2024-06-30", 5),
]  # fmt: skip


def customers(**joined: str | None) -> list[dict]:
    return [{"customer_id": c, "joined_on": day(on) if on else None} for c, on in joined.items()]


def arrivals(home: Path, joined: list[dict] | None, as_of: str, compare: str) -> dict:
    more = {"customers": joined} if joined else {}
    books = build(home, _EARLY, **more)
    keys = ["new", "returned", "arrived", "came_and_went", "bridge_value_new"]
    with open_ledger(books) as ledger:
        return values(compute(View(ledger), keys, day(as_of), day(compare)))


def test_in_the_first_days_of_the_books_new_cannot_be_told_from_returned(tmp_path):
    found = arrivals(tmp_path, None, "2024-02-29", "2024-01-31")
    assert found == {
        "new": None, "returned": None, "arrived": 1, "came_and_went": None,
        "bridge_value_new": None,
    }  # fmt: skip


def test_after_the_first_days_of_the_books_new_is_told(tmp_path):
    # The 60 days of the books from 1 January end on 29 February.
    assert arrivals(tmp_path, None, "2024-03-31", "2024-02-29")["new"] == 0


def test_who_joined_before_the_books_returned_and_who_joined_since_is_new(tmp_path):
    before = arrivals(tmp_path / "before", customers(a=None, b=None, c="2019-01-01"),
                      "2024-02-29", "2024-01-31")  # fmt: skip
    assert (before["new"], before["returned"]) == (0, 1)
    since = arrivals(tmp_path / "since", customers(a=None, b=None, c="2024-01-01"),
                     "2024-02-29", "2024-01-31")  # fmt: skip
    assert (since["new"], since["returned"]) == (1, 0)


def test_if_one_day_of_joining_is_missing_the_origin_of_none_is_told(tmp_path):
    found = arrivals(tmp_path, customers(a="2024-01-01", b="2024-01-01", c=None),
                     "2024-02-29", "2024-01-31")  # fmt: skip
    assert (found["new"], found["returned"], found["arrived"]) == (None, None, 1)


def test_tiers_of_provisional_cut_points_compare_with_no_other_day(tmp_path):
    books = build(tmp_path, _EARLY)
    with open_ledger(books) as ledger:
        lost = compute(
            View(ledger), ["lost", "tier_top"], day("2024-03-31"), day("2024-02-29"), by="tier"
        )
    by_tier = [f for f in lost if f.key == "lost" and f.scope]
    assert by_tier
    assert all("provisional" in f.note_text("en") for f in by_tier)
    assert {f.value for f in by_tier} == {None}
    assert next(f.value for f in lost if f.key == "lost" and not f.scope) == 0


def test_without_the_customer_file_prospects_are_unknown(tmp_path):
    books = build(tmp_path, _EARLY)
    with open_ledger(books) as ledger:
        prospects = figure(View(ledger), "prospects", day("2024-03-31"))
    assert prospects.value is None
    assert "customers" in prospects.note_text("en")


def test_revenue_retention_compares_whole_years_alone(tmp_path):
    bought = [("a", "2022-01-03", 1), ("a", "2022-05-01", 100), ("b", "2022-06-01", 50),
              ("a", "2023-05-01", 30), ("b", "2023-06-01", 80), ("c", "2023-12-31", 5)]  # fmt: skip
    books = build(tmp_path, bought, Configuration(definitions=Definitions(lapse_after_days=365)))
    with open_ledger(books) as ledger:
        found = values(compute(View(ledger), ["grr", "nrr"], date(2023, 12, 31)))
    # Then a brought 101 and b 50; now 30 and 80.
    assert found == {"grr": pytest.approx(80 / 151), "nrr": pytest.approx(110 / 151)}


def test_definitions_md_is_up_to_date():
    assert PAGE.read_text("utf-8") == document(), "run: python -m core.figures.document"


def test_every_figure_stands_in_definitions_md():
    page = document()
    assert all(page.count(f"### `{figure.key}`:") == 1 for figure in FIGURES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_its_texts(language):
    for each in FIGURES:
        assert each.name(language)
        assert each.definition(language)
        assert each.edges(language)
    names = [each.name(language) for each in FIGURES]
    assert len(set(names)) == len(names)


def test_cdnow_repurchase_follows_the_definition(shared_data, tmp_path):
    """23,570 customers; only those who first bought 90 days ago or more are in it."""
    import pandas as pd

    from core.batch import staging
    from core.imports import publish
    from core.ingest import mapping
    from core.ingest.stage import stage
    from core.ledger.refresh import refresh

    file = shared_data / "cdnow" / "CDNOW_master.txt"
    chosen = mapping.load(Path(__file__).parents[1] / "data" / "mappings" / "cdnow_master.toml")
    books = Books(tmp_path)
    with staging() as con:
        batch = stage(str(file), chosen, con, imported_on=date(2026, 1, 1))
        publish(books, batch, currency="USD")
    refresh(books, Configuration(books=BooksSettings(currency="USD")))
    as_of = date(1997, 4, 15)
    with open_ledger(books) as ledger:
        ours = figure(View(ledger), "repurchase_within_90", as_of)

    names = ["customer", "on", "cds", "amount"]
    rows = pd.read_csv(
        file, sep=r"\s+", skiprows=1, header=None, names=names, dtype={"customer": str}
    )
    rows["on"] = pd.to_datetime(rows["on"].astype(str), format="%Y%m%d")
    seen = rows[(rows["on"] <= pd.Timestamp(as_of)) & (rows["amount"] > 0)]
    days = seen.drop_duplicates(["customer", "on"]).sort_values("on").groupby("customer")["on"]
    first, second = days.nth(0), days.nth(1)
    table = pd.DataFrame({"first": days.min()})
    table["second"] = seen.loc[second.index].set_index("customer")["on"]
    assert len(first) == len(table)
    matured = table[table["first"] + pd.Timedelta(days=90) <= pd.Timestamp(as_of)]
    back = (matured["second"] - matured["first"]).dt.days <= 90
    assert (ours.n, ours.value) == (len(matured), pytest.approx(back.mean()))
    # Counting the young among those who did not come back would read far lower.
    naive = ((table["second"] - table["first"]).dt.days <= 90).mean()
    assert (round(ours.value, 3), round(naive, 3)) == (0.295, 0.243)


def test_the_bridge_and_the_pyramid_can_be_asked_for_by_one_name():
    bridge = [d.key for d in definitions_of(["customer_bridge"])]
    assert bridge[:2] == ["bridge_opening", "bridge_new"]
    assert "bridge_value_closing" in bridge
    assert [d.key for d in definitions_of(["churn", "pyramid"])][:2] == ["churn", "tier_top"]


def test_churn_from_an_opening_in_the_first_days_of_the_books_says_that_it_reads_low(view):
    # The books begin on 10 January 2023: until 10 March whoever lapsed before is not known.
    early = figure(view, "churn", day("2023-04-30"), day("2023-02-28"))
    assert "2023-03-11" in early.note_text("en")
    late = figure(view, "churn", day("2023-06-30"), day("2023-03-31"))
    assert "reads low" not in late.note_text("en")
