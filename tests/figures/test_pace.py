"""The month to date, open periods against earlier ones, targets: the ten-customer shop."""

from collections.abc import Iterator
from datetime import date

import pytest

from core import breakdowns
from core.errors import DefinitionsError
from core.facts import Books
from core.figures import FAMILIES, compute
from core.i18n import LANGUAGES
from core.reading import open_ledger
from core.view import View
from tests.shop import CLOSING, LAST, ten_customers

pytestmark = pytest.mark.slow

WHOLE = {
    # 30 + 15 in January; 60 + 210 + 35 without a customer, less Gus's 90 in February; 70 + 20.
    "net_sales": 350,
    # In March 2024 Ann's 70 on the 1st and Jin's 20 on the 31st; in March 2023 nothing.
    "net_to_date": 90, "net_to_date_last_year": 0, "business_days_to_date": 2, "pace_net": 90,
}  # fmt: skip
TARGETS = """
[[targets]]
key = "net_sales"
period = "2024-03"
value = 100

[[targets]]
key = "net_sales"
period = "2024"
value = 1000

[[targets]]
key = "net_sales"
period = "2024-Q2"
value = 1

[[targets]]
key = "churn"
period = "2024-Q1"
value = 0.5

[[targets]]
key = "active_customers"
period = "2024-03"
value = 2
scope = {region = "North"}

[[targets]]
key = "grr"
period = "2024"
value = 0.9
"""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    home = tmp_path_factory.mktemp("shop")
    made = ten_customers(home)
    (home / "regulars.toml").write_text(TARGETS, "utf-8")
    return made


@pytest.fixture(scope="module")
def view(books: Books) -> Iterator[View]:
    with open_ledger(books) as ledger:
        yield View(ledger)


def values(view: View, keys: list[str], as_of: date = CLOSING, **more) -> dict:
    return {f.key: f.value for f in compute(view, keys, as_of, **more)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["pace"]}


def test_the_figures_of_the_shop_are_as_by_hand(view):
    assert values(view, ["pace"]) == pytest.approx(WHOLE)


def test_the_pace_counts_the_days_left_as_the_same_weekdays_were_in_a_year(view):
    # On 15 April Ann's 10 are all. In 52 weeks there were sales on 3 Mondays, 1 Tuesday,
    # 2 Wednesdays, 3 Fridays, 1 Saturday and 3 Sundays; 3 Tuesdays and 2 of each other are left.
    left = (3 * 1 + 2 * (3 + 2 + 0 + 3 + 1 + 3)) / 52
    found = values(view, ["net_to_date", "business_days_to_date", "pace_net"], LAST)
    assert found == pytest.approx(
        {"net_to_date": 10, "business_days_to_date": 1, "pace_net": 10 * (1 + left)}
    )


def test_the_month_to_date_holds_on_any_day(view):
    # On 10 February: 35 without a customer, Cem's 60, less Gus's 90 on the 1st.
    found = values(view, ["net_to_date", "business_days_to_date"], date(2024, 2, 10))
    assert found == {"net_to_date": 5, "business_days_to_date": 2}


def test_last_year_ends_after_as_many_business_days(view):
    # In February 2023 there was one, the 1st: Cem's 40.
    (found,) = compute(view, ["net_to_date_last_year"], date(2024, 2, 2))
    assert found.value == 40
    assert "2023-02-01" in found.note_text("en")


def test_a_month_before_the_books_is_not_known(view):
    (found,) = compute(view, ["net_to_date_last_year"], date(2023, 12, 31))
    assert found.value is None
    assert "2022-12-01" in found.note_text("en")


def test_without_a_business_day_there_is_no_pace(view):
    found = {f.key: f for f in compute(view, ["pace"], date(2024, 4, 14))}
    assert (found["net_to_date"].value, found["pace_net"].value) == (0, None)
    for language in LANGUAGES:
        assert found["pace_net"].note_text(language)


def test_parts_by_region_and_what_has_no_customer_make_the_whole(view):
    figures = compute(view, ["net_sales", "net_to_date"], CLOSING, by="region")
    found = {(f.key, f.scope.get("region", "all")): f.value for f in figures}
    # Cem and Dua in the North; Ann, Eva, Hao, Jin and Gus in the South; 35 nowhere.
    assert [found["net_sales", r] for r in ("all", "North", "South", None)] == [350, 270, 45, 35]
    assert found["net_to_date", "South"] == 90


def test_in_a_scope_its_customers_count_and_business_days_are_those_of_the_company(books):
    with open_ledger(books) as ledger:
        north = View(ledger, {"region": ("North",)})
        found = values(north, ["net_sales", "net_to_date", "business_days_to_date"])
    assert found == {"net_sales": 270, "net_to_date": 0, "business_days_to_date": 2}


def compared(view: View) -> dict[tuple[str, str], tuple]:
    columns = ("business_days", "to_date", "previous_period", "previous_days", "last_year",
               "last_year_days")  # fmt: skip
    rows = breakdowns.rows(view, "to-date", as_of=CLOSING).to_pylist()
    return {(r["period"], r["measure"]): tuple(r[c] for c in columns) for r in rows}


def test_open_periods_stand_against_as_many_business_days_of_others(view):
    assert compared(view) == {
        # February's first two business days end on the 10th.
        ("month", "net"): (2, 90, 5, 2, 0, 0),
        ("month", "occasions"): (2, 2, 1, 2, 0, 0),
        ("month", "buyers"): (2, 2, 1, 2, 0, 0),
        # March 2023 begins in the first 60 days of the books.
        ("month", "new_buyers"): (2, 0, 0, 2, None, 0),
        # The quarter before had five business days: 500, 80, 50, 90, 25. Gus's still stood then.
        ("quarter", "net"): (7, 350, 745, 5, 140, 2),
        ("quarter", "occasions"): (7, 6, 5, 5, 2, 2),
        ("quarter", "buyers"): (7, 6, 5, 5, 2, 2),
        ("quarter", "new_buyers"): (7, 3, 3, 5, None, 2),
        ("year", "net"): (7, 350, 885, 7, 885, 7),
        ("year", "occasions"): (7, 6, 7, 7, 7, 7),
        ("year", "buyers"): (7, 6, 6, 7, 6, 7),
        ("year", "new_buyers"): (7, 3, None, 7, None, 7),
    }  # fmt: skip


def test_changes_are_shares_of_the_earlier_period_and_null_where_it_had_nothing(view):
    rows = breakdowns.rows(view, "to-date", as_of=CLOSING).to_pylist()
    change = {(r["period"], r["measure"]): r for r in rows}
    assert change["quarter", "net"]["change_previous"] == pytest.approx(350 / 745 - 1)
    assert change["month", "net"]["change_last_year"] is None


def test_what_cannot_be_compared_is_said(view):
    notes = [note.text("en") for note in breakdowns.notes(view, "to-date", as_of=CLOSING)]
    assert any("fewer business days" in note for note in notes)
    assert any("new buyers" in note for note in notes)
    early = breakdowns.rows(view, "to-date", as_of=date(2023, 11, 30)).to_pylist()
    assert {r["last_year"] for r in early} == {None}
    early_notes = breakdowns.notes(view, "to-date", as_of=date(2023, 11, 30))
    assert any("2023-01-10" in note.text("zh") for note in early_notes)


def test_in_a_scope_what_its_customers_bought_is_compared(books):
    with open_ledger(books) as ledger:
        found = compared(View(ledger, {"region": ("North",)}))
    # Ann has moved to the South; Cem's 60 were in the first two business days of February.
    assert found["month", "net"][:3] == (2, 0, 60)


def targets(view: View, as_of: date = CLOSING) -> dict[tuple[str, str], dict]:
    rows = breakdowns.rows(view, "targets", as_of=as_of).to_pylist()
    return {(row["figure"], row["period"]): row for row in rows}


def test_the_targets_of_the_day_stand_with_what_is_reached(view):
    found = targets(view)
    assert set(found) == {
        ("net_sales", "2024-03"), ("net_sales", "2024"), ("churn", "2024-Q1"),
        ("active_customers", "2024-03"), ("grr", "2024"),
    }  # fmt: skip
    march = found["net_sales", "2024-03"]
    assert (march["actual"], march["target_reached"], march["days_elapsed"]) == (90, 0.9, 1)
    assert (march["expected_by_now"], march["ahead_by"], march["target_status"]) == (
        100, -10, "behind",
    )  # fmt: skip


def test_a_flow_is_expected_in_proportion_to_the_business_days_of_its_period(view):
    year = targets(view)["net_sales", "2024"]
    # 7 so far. In 52 weeks 12; 39 weeks, a Monday and a Tuesday are left, which had 2 and 1.
    whole = 7 + (39 * 12 + 2 + 1) / 52
    assert year["actual"] == 350
    assert year["days_elapsed"] == pytest.approx(7 / whole)
    assert year["expected_by_now"] == pytest.approx(1000 * 7 / whole)
    assert year["target_status"] == "behind"


def test_a_rate_of_the_period_is_measured_from_its_beginning_and_compared_directly(view):
    churn = targets(view)["churn", "2024-Q1"]
    assert (churn["actual"], churn["days_elapsed"], churn["expected_by_now"]) == (0.4, None, 0.5)
    assert churn["ahead_by"] == pytest.approx(0.1)
    assert churn["target_status"] == "ahead"


def test_a_target_of_a_scope_is_held_against_that_scope(view):
    north = targets(view)["active_customers", "2024-03"]
    assert (north["target_scope"], north["actual"], north["target_status"]) == (
        "region=North", 2, "on_target",
    )  # fmt: skip


def test_where_the_figure_is_unknown_so_is_the_status(view):
    unknown = targets(view)["grr", "2024"]
    assert (unknown["actual"], unknown["target_status"], unknown["ahead_by"]) == (None, None, None)


def test_in_a_scope_only_its_own_targets_stand(books):
    with open_ledger(books) as ledger:
        found = targets(View(ledger, {"region": ("North",)}))
        other = targets(View(ledger, {"region": ("South",)}))
    assert (set(found), other) == ({("active_customers", "2024-03")}, {})


def test_another_day_has_other_targets(view):
    assert set(targets(view, LAST)) == {
        ("net_sales", "2024"), ("net_sales", "2024-Q2"), ("grr", "2024"),
    }  # fmt: skip


def test_without_targets_the_list_is_empty_and_says_how_to_set_them(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        bare = View(ledger)
        assert targets(bare) == {}
        assert "regulars.toml" in breakdowns.notes(bare, "targets", as_of=CLOSING)[0].text("en")
        (tmp_path / "regulars.toml").write_text(TARGETS.replace("churn", "chrun"), "utf-8")
        with pytest.raises(DefinitionsError, match="target 4"):
            targets(bare)
