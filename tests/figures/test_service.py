"""Complaints, recovery and promises, worked out by hand from ``tests/figures/voice_shop.py``."""

from collections.abc import Iterator
from datetime import date

import pytest

from core import breakdowns
from core.facts import Books
from core.figures import FAMILIES, Figure, compute
from core.figures.service import compared_days
from core.metrics.intervals import Z, wilson
from core.reading import open_ledger
from core.view import View
from tests.figures.voice_shop import CONFIGURATION, complaint
from tests.shop import CLOSING, build, day, ten_customers

pytestmark = pytest.mark.slow

WHOLE = {
    # The complaint of March 2023 lies before the 12 months. Cem's, Dua's and Bob's, opened again,
    # are open.
    "complaints_opened": 6, "complaints_open": 3,
    # Answered after 1, 2, 4 and 6 hours; Dua has waited for 36, Cem for a month: 5/6, 4/6, 3/6.
    "complaint_response_hours": 4, "complaint_response_hours_p90": None,
    # Resolved after 24, 48 and 96 hours; Dua left after 36: 5/6, then x 3/4, then x 2/3.
    "complaint_resolution_hours": 96, "complaint_resolution_hours_p90": None,
    # Bob's, of the four that were resolved.
    "complaints_reopened": 1 / 4,
    "complaints_per_1000": 1000 * 6 / 5,
    # Resolved from 2 March 2023 to 1 March 2024 were five: Ann came again after the second.
    "recovery": 1 / 5, "recovery_like": None, "recovery_gap": None,
    # Due were 10 January, kept; 1 February, four days late; 31 March, open.
    "promise_kept_rate": 1 / 3, "promises_broken": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def view(voice_books: Books) -> Iterator[View]:
    with open_ledger(voice_books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def whole(view: View) -> dict[str, Figure]:
    return {f.key: f for f in compute(view, ["service"], CLOSING)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["service"]}


def test_the_figures_of_the_shop_are_as_by_hand(whole):
    found = {key: figure.value for key, figure in whole.items()}
    assert found == {
        key: None if value is None else pytest.approx(value) for key, value in WHOLE.items()
    }


def test_rates_carry_their_n_and_interval(whole):
    for key, k, n in (
        ("complaints_reopened", 1, 4),
        ("recovery", 1, 5),
        ("promise_kept_rate", 1, 3),
    ):
        found = whole[key]
        assert [found.n, found.low, found.high] == pytest.approx([n, *wilson(k, n)])


def test_what_is_not_reached_says_so(whole):
    assert "tenth" in whole["complaint_response_hours_p90"].note_text("en")
    assert "tenth" in whole["complaint_resolution_hours_p90"].note_text("en")
    assert "like customers" in whole["recovery_gap"].note_text("en")


def test_by_region_each_customer_complains_where_he_is(view):
    keys = ["complaints_opened", "complaints_open", "complaints_per_1000", "recovery"]
    found = compute(view, keys, CLOSING, by="region")
    values = {(f.key, f.scope["region"]): f.value for f in found if f.scope}
    # Ann and Jin are in the South, Bob, Cem and Dua in the North; active are three and two.
    assert (values["complaints_opened", "North"], values["complaints_opened", "South"]) == (3, 3)
    assert (values["complaints_open", "North"], values["complaints_open", "South"]) == (3, 0)
    assert values["complaints_per_1000", "North"] == 1500
    assert values["complaints_per_1000", "South"] == 1000
    assert (values["recovery", "North"], values["recovery", "South"]) == (0, 1 / 4)


def test_in_a_scope_only_its_promises_count(voice_books):
    with open_ledger(voice_books) as ledger:
        north = View(ledger, {"region": ("North",)})
        [kept, broken] = compute(north, ["promise_kept_rate", "promises_broken"], CLOSING)
    assert (kept.value, kept.n, broken.value) == (0, 1, 1)


def test_earlier_what_came_later_had_not_happened(view):
    at = day("2024-01-10")
    found = {f.key: f.value for f in compute(view, ["complaints_open", "promise_kept_rate"], at)}
    # Ann's and Bob's were open on the day; one promise of last March and the one of the day.
    assert found == {"complaints_open": 2, "promise_kept_rate": 1}


def test_counts_need_books_of_twelve_months_and_rates_do_not(view):
    found = {f.key: f for f in compute(view, ["service"], day("2023-11-30"))}
    for key in ("complaints_opened", "complaints_per_1000", "promises_broken"):
        assert found[key].value is None
        assert "2022-12-01" in found[key].note_text("en")
    assert found["complaint_response_hours"].value == 2
    assert found["promise_kept_rate"].value == 1


def test_without_complaints_and_promises_nothing_is_known(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = compute(View(ledger), ["service"], CLOSING)
    assert {figure.value for figure in found} == {None}
    assert all(figure.note_text("zh") for figure in found)


def test_recovery_is_held_against_like_customers(tmp_path):
    """All bought on 10 January. a complained and came again; of b, c and d, b came within 30 days
    after the end of January, c a day later; e complained too."""
    bought = [(customer, "2024-01-10", 10) for customer in "abcde"]
    bought += [("a", "2024-02-20", 5), ("b", "2024-02-15", 5), ("c", "2024-03-02", 5),
               ("d", "2024-04-02", 5)]  # fmt: skip
    wrong = [
        complaint(1, "a", "2024-02-05T12", None, "2024-02-06T12"),
        complaint(2, "e", "2024-01-20T12"),
    ]
    books = build(tmp_path, bought, CONFIGURATION, complaints=wrong)
    with open_ledger(books) as ledger:
        found = {f.key: f for f in compute(View(ledger), ["service"], CLOSING)}
    assert (found["recovery"].value, found["recovery"].n) == (1, 1)
    assert found["recovery_like"].value == pytest.approx(1 / 3)
    gap = found["recovery_gap"]
    assert gap.value == pytest.approx(2 / 3)
    # Wilson for one of one: 1 / (1 + z^2) to 1, less a third.
    assert [gap.low, gap.high] == pytest.approx([1 / (1 + Z**2) - 1 / 3, 2 / 3])


def test_like_customers_are_looked_at_every_third_month_end():
    ends = [date(2023, 11, 30), date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29),
            date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 8)]  # fmt: skip
    assert compared_days(ends, date(2024, 1, 5), date(2024, 5, 1)) == [ends[1], ends[4]]
    assert compared_days(ends, date(2023, 11, 30), date(2024, 2, 29)) == [ends[0]]
    assert compared_days(ends, date(2023, 1, 1), date(2023, 11, 30)) == []


def rows(view: View, key: str) -> list[dict]:
    return breakdowns.rows(view, key, as_of=CLOSING).to_pylist()


def test_complaints_told_apart_add_up_each_way(view):
    found = rows(view, "complaints")
    for way in ("month", "branch", "category", "cause"):
        assert sum(row["opened"] for row in found if row["told_by"] == way) == 6
    groups = {row["group"]: row for row in found if row["told_by"] == "category"}
    assert (groups["quality"]["opened"], groups["quality"]["resolution_hours_median"]) == (2, 48)
    assert (groups["service"]["open"], groups["service"]["reopened"]) == (2, 1)
    centre = next(row for row in found if row["group"] == "Centre")
    assert (centre["opened"], centre["response_hours_median"], centre["active"]) == (2, 1, 0)


def test_promises_told_apart_add_up_each_way(view):
    found = rows(view, "promises")
    for way in ("quarter_from", "kind", "employee_id"):
        assert sum(row["due"] for row in found if row["told_by"] == way) == 3
    zoe = next(row for row in found if row["employee"] == "Zoe")
    assert (zoe["group"], zoe["due"], zoe["kept"], zoe["kept_late"]) == ("E1", 2, 1, 1)
    unnamed = next(row for row in found if row["group"] == "E2")
    assert (unnamed["employee"], unnamed["open"], unnamed["kept_rate"]) == (None, 1, 0)
