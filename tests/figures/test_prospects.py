"""Leads of the shop of ten customers at the end of March 2024, with 90 days to buy.

| lead | source | came in          | what became of it                                  |
|------|--------|------------------|----------------------------------------------------|
| L1   | web    | 1 December 2023  | trial on the 10th, sold to Dua on 20 February      |
| L2   | web    | 1 January 2024   | nothing; its 90 days end on 31 March               |
| L3   | show   | 15 February      | contacted on 20 March, still open                  |
| L4   | show   | 31 December 2022 | nothing; its days ended before the 12 months began |
| L5   | phone  | 2 January        | given up on 12 January; its days end on 1 April    |
"""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from core import breakdowns
from core.figures import FAMILIES, compute
from core.i18n import LANGUAGES
from core.ledger.refresh import refresh
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.rows import take
from tests.shop import CLOSING, CONFIGURATION, LAST, ten_customers

pytestmark = pytest.mark.slow

WHOLE = {
    # L4 came in before the 12 months; of L1 and L2, one tried and bought in time.
    "leads_opened": 4, "lead_conversion": 1 / 2, "trial_rate": 1 / 2,
    # L2, L3 and L4 are open; L3 was touched 11 days ago.
    "leads_open": 3, "leads_dormant": 2,
    # Since the end of 2023 L2, L3 and L5 came in and L1 bought; its trial was before.
    "leads_new": 3, "leads_tried": 0, "leads_won": 1,
}  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T09:00")


def lead(number: int, source: str, created: str, **others) -> dict:
    names = ("customer_id", "trial_at", "converted_at", "lost_at", "buyer_kind", "is_returning")
    return {
        "lead_id": f"L{number}", "created_at": at(created), "source": source,
        "employee_id": "E1", **dict.fromkeys(names), **others,
    }  # fmt: skip


def move(number: int, moved: str, stage: str) -> dict:
    return {"lead_id": f"L{number}", "moved_at": at(moved), "stage": stage}


ROWS = {
    "leads": [
        lead(1, "web", "2023-12-01", customer_id="Dua", trial_at=at("2023-12-10"),
             converted_at=at("2024-02-20"), buyer_kind="company", is_returning=False),
        lead(2, "web", "2024-01-01", buyer_kind="person"),
        lead(3, "show", "2024-02-15", buyer_kind="person", is_returning=True, employee_id="E2"),
        lead(4, "show", "2022-12-31"),
        lead(5, "phone", "2024-01-02", lost_at=at("2024-01-12")),
    ],
    "lead_stages": [
        move(1, "2023-12-01", "new"), move(1, "2023-12-10", "trial"), move(1, "2024-02-20", "won"),
        move(2, "2024-01-01", "new"),
        move(3, "2024-02-15", "new"), move(3, "2024-03-20", "contacted"),
        move(4, "2022-12-31", "new"),
        move(5, "2024-01-02", "new"), move(5, "2024-01-12", "lost"),
    ],
    "employees": [{"employee_id": "E1", "name": "Eva", "branch": "Centre"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    books = ten_customers(tmp_path_factory.mktemp("leads"))
    take(books, ROWS)
    refresh(books, CONFIGURATION)
    with open_ledger(books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    with open_ledger(ten_customers(tmp_path_factory.mktemp("none"))) as ledger:
        yield View(ledger)


def values(view: View, as_of: date = CLOSING, **options) -> dict[str, float | None]:
    return {f.key: f.value for f in compute(view, ["leads"], as_of, **options)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["leads"]}


def test_the_figures_of_the_shop_are_as_by_hand(view):
    assert values(view) == WHOLE


def test_a_rate_carries_its_n_and_interval_and_says_the_days(view):
    [rate] = compute(view, ["lead_conversion"], CLOSING)
    assert (rate.n, rate.low, rate.high) == (2, *wilson(1, 2))
    assert all("90" in rate.note_text(language) for language in LANGUAGES)


def test_at_an_earlier_day_less_has_happened(view):
    # In the middle of January L1 had not bought, L5 was given up, and nobody's days had ended
    # but those of L4, on 31 March 2023: within the 12 months.
    # It ends no month: no period begins or ends there.
    assert values(view, date(2024, 1, 15)) == {
        "leads_opened": 3, "lead_conversion": 0, "trial_rate": 0,
        "leads_open": 3, "leads_dormant": 1,
        "leads_new": None, "leads_tried": None, "leads_won": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("compare", "found"),
    [
        (date(2023, 11, 30), (4, 1, 1)),
        (date(2023, 12, 31), (3, 0, 1)),
        (date(2024, 2, 29), (0, 0, 0)),
    ],
)
def test_leads_of_a_period_count_from_the_day_after_its_opening(view, compare, found):
    # L1 came in on 1 December, the day after the first of these openings.
    known = values(view, compare=compare)
    assert (known["leads_new"], known["leads_tried"], known["leads_won"]) == found


def test_the_funnel_goes_from_coming_in_to_buying(view):
    rows = breakdowns.rows(view, "lead-funnel", as_of=CLOSING).to_pylist()
    # The days of L1 and L2 ended within the 12 months, and of L4 on 31 March 2023, before them.
    assert [(r["stage"], r["reached_leads"]) for r in rows] == [
        (None, 2), ("new", 2), ("trial", 1), (None, 1),
    ]  # fmt: skip
    # Open in "new" are L2 and L4, both dormant; L3 is "contacted", where none of them got to.
    assert [(r["open"], r["dormant"]) for r in rows][1] == (2, 2)


def test_while_no_lead_is_old_enough_there_is_no_rate(view):
    # The days of L4 ended on 31 March 2023.
    early = values(view, date(2023, 3, 30))
    assert (early["leads_opened"], early["lead_conversion"], early["trial_rate"]) == (1, None, None)
    assert values(view, date(2023, 3, 31))["lead_conversion"] == 0


def test_without_leads_nothing_is_known(without):
    assert set(values(without).values()) == {None}


def test_leads_belong_to_no_scope(view):
    north = View(view.ledger, {"region": ("North",)})
    assert set(values(north).values()) == {None}
    by = compute(view, ["leads_open"], LAST, by="region")
    assert by[0].value == 3
    assert {figure.value for figure in by[1:]} <= {None}
    notes = [note.text("en") for note in breakdowns.notes(north, "leads", as_of=CLOSING)]
    assert any("no scope" in note for note in notes)


def rows(view: View, key: str, *names: str) -> list[tuple]:
    found = breakdowns.rows(view, key, as_of=CLOSING).to_pylist()
    return [tuple(row[name] for name in names) for row in found]


def test_leads_are_told_apart_in_several_ways(view):
    names = ("leads", "matured", "converted", "conversion_rate", "open", "dormant")
    found = rows(view, "leads", "told_by", "group", *names)
    assert [row[1:] for row in found if row[0] == "source"] == [
        ("web", 2, 2, 1, 0.5, 1, 1),
        ("phone", 1, 0, 0, None, 0, 0),
        ("show", 1, 0, 0, None, 2, 1),
    ]
    assert [row[1:3] for row in found if row[0] == "is_returning"] == [
        (None, 2), ("first_time", 1), ("returning", 1),
    ]  # fmt: skip
    assert [row[1:3] for row in found if row[0] == "month"] == [
        ("2022-12-01", 0), ("2023-12-01", 1), ("2024-01-01", 2), ("2024-02-01", 1),
    ]  # fmt: skip
    # Every way to tell leads apart adds up to all of them.
    for way in ("source", "buyer_kind", "is_returning", "product_id", "month"):
        assert sum(row[2] for row in found if row[0] == way) == WHOLE["leads_opened"]
        assert sum(row[6] for row in found if row[0] == way) == WHOLE["leads_open"]


def test_leads_by_who_handles_them(view):
    found = rows(view, "leads-by-employee", "employee_id", "employee", "leads", "open", "dormant")
    assert found == [("E1", "Eva", 3, 2, 2), ("E2", None, 1, 1, 0)]


def test_time_in_stage_counts_those_who_are_still_there(view):
    # New: 9 and 10 days of L1 and L5, 34 of L3, and L2 still there after 90. Of four, half have
    # left by day 10. L4 entered before the 12 months; won and lost are no stages.
    assert rows(view, "lead-stages", "stage", "stays", "still_there", "median_days") == [
        ("new", 4, 1, 10), ("contacted", 1, 1, None), ("trial", 1, 0, 72),
    ]  # fmt: skip


def test_without_leads_the_breakdowns_are_empty_and_say_so(without):
    for key in ("leads", "leads-by-employee", "lead-stages"):
        assert breakdowns.rows(without, key, as_of=CLOSING).num_rows == 0
        assert "leads" in breakdowns.notes(without, key, as_of=CLOSING)[0].text("en")
