"""The limit of silence that suits: forty customers, and the ten-customer shop."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from core import breakdowns
from core.definitions import Configuration, Definitions
from core.facts import Books
from core.figures import FAMILIES, compute
from core.figures import lapse as lapse_figures
from core.reading import open_ledger
from core.view import View
from tests.shop import CLOSING, attribute, build, ten_customers

pytestmark = pytest.mark.slow

# Nobody's silence of the shop makes 30.
WHOLE = {"lapse_proposed": None}
START, AS_OF = date(2023, 1, 1), date(2024, 6, 30)
# Forty came on the first day, five of them again on the 51st. Zoe is there on the last.
FORTY = [
    *((f"c{n}", "2023-01-01", 10) for n in range(40)),
    *((f"c{n}", (START + timedelta(days=50)).isoformat(), 10) for n in range(5)),
    ("Zoe", AS_OF.isoformat(), 10),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return ten_customers(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    segments = [
        attribute(f"c{n}", "few" if n < 5 else "many", "2023-01-01", "segment") for n in range(40)
    ]
    chosen = Configuration(
        definitions=Definitions(lapse_after_days=70, lapse_by_segment={"few": 45})
    )
    home = tmp_path_factory.mktemp("forty")
    with open_ledger(build(home, FORTY, chosen, customer_attributes=segments)) as ledger:
        yield View(ledger)


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["lapse"]}


def test_on_few_silences_no_limit_is_proposed_and_it_says_why(shop):
    with open_ledger(shop) as ledger:
        (found,) = compute(View(ledger), ["lapse"], CLOSING)
    assert found.value is None
    assert "too young" in found.note_text("en")
    assert found.note_text("zh")


def test_the_smallest_limit_is_proposed_after_which_a_tenth_or_fewer_come_back(forty):
    # Of 45 silences of 30 days and of 45, five ended within as long again: 11 %. Of the 40 of 60
    # days, none.
    (found,) = compute(forty, ["lapse_proposed"], AS_OF)
    assert (found.value, found.n) == (60, 40)
    assert "0.0%" in found.note_text("en")


def test_on_any_day_only_what_was_known_then_counts(forty):
    # 100 days in, silences of 45 days and as long again have passed of the first day's alone.
    (found,) = compute(forty, ["lapse_proposed"], START + timedelta(days=100))
    assert found.value is None
    assert "45 days" in found.note_text("en")


def test_a_part_of_the_customers_is_looked_at_where_there_are_many(forty, monkeypatch):
    # 41 customers, every second of them: 20 or 21 silences are too few.
    monkeypatch.setattr(lapse_figures, "MOST_CUSTOMERS", 21)
    assert lapse_figures.one_in(forty) == 2
    (found,) = compute(forty, ["lapse_proposed"], AS_OF)
    assert found.value is None
    notes = breakdowns.notes(forty, "lapse-proposal", as_of=AS_OF)
    assert any("one customer in 2" in note.text("en") for note in notes)


def proposal(view: View, as_of: date, **more) -> dict[int, dict]:
    rows = breakdowns.rows(view, "lapse-proposal", as_of=as_of, **more).to_pylist()
    return {row["lapse_days"]: row for row in rows}


def test_every_limit_says_who_comes_back_and_which_is_proposed_and_in_force(forty):
    found = proposal(forty, AS_OF)
    # 45 silences; from 60 days on the five short ones are left out. Of 270 days, as long again has
    # passed of the first day's alone, 546 days before, and of 300 of none.
    assert [(t, found[t]["silent"], found[t]["came_back"]) for t in (30, 45, 60, 70, 240, 270)] == [
        (30, 45, 5), (45, 45, 5), (60, 40, 0), (70, 40, 0), (240, 40, 0),
        (270, 35, 0),
    ]  # fmt: skip
    assert found[30]["return_rate"] == pytest.approx(5 / 45)
    assert [t for t in found if found[t]["is_proposed"]] == [60]
    assert [t for t in found if found[t]["is_in_force"]] == [70]
    assert found[300]["return_rate"] is None


def test_churn_reads_as_the_figure_does_with_the_limit_in_force(shop):
    with open_ledger(shop) as ledger:
        view = View(ledger)
        found = proposal(view, CLOSING)
        (churn,) = compute(view, ["churn"], CLOSING)
    assert found[60]["is_in_force"]
    assert found[60]["churn_period"] == churn.value == 2 / 5


def test_churn_with_other_limits_is_as_by_hand(shop):
    with open_ledger(shop) as ledger:
        found = proposal(View(ledger), CLOSING)
    # 30: Ann, Fay and Gus were active; Fay is lost, Gus undone, Ann came on the 1st of March.
    # 90 and 120: Bob and Jin too. Bob is silent for 132 days, Fay for 91. 150: nobody is lost.
    assert [found[t]["churn_period"] for t in (30, 90, 120, 150)] == [1 / 3, 2 / 5, 1 / 5, 0]


def test_churn_is_unknown_where_the_books_do_not_reach_back_so_far(shop):
    with open_ledger(shop) as ledger:
        found = proposal(View(ledger), CLOSING)
    # The opening lies 355 days after the beginning of the books; a year ago, 80.
    assert (found[330]["churn_period"], found[365]["churn_period"]) == (0, None)
    assert (found[60]["churn_annual"], found[90]["churn_annual"]) == (0, None)


def test_churn_is_that_of_the_period_asked_for(shop):
    with open_ledger(shop) as ledger:
        view = View(ledger)
        found = proposal(view, CLOSING, compare=date(2024, 2, 29))
        notes = breakdowns.notes(view, "lapse-proposal", as_of=CLOSING, compare=date(2024, 2, 29))
        (churn,) = compute(view, ["churn"], CLOSING, date(2024, 2, 29))
    assert found[60]["churn_period"] == churn.value
    assert "2024-02-29" in notes[0].text("en")


def test_each_segment_has_a_proposal_beside_the_limit_in_force(forty):
    rows = breakdowns.rows(forty, "lapse-by-segment", as_of=AS_OF).to_pylist()
    found = {row["segment"]: row for row in rows}
    # Five customers make ten silences: too few to propose. All five came back after 50 days.
    assert (found["few"]["in_force_days"], found["few"]["in_force_rate"]) == (45, 0.5)
    assert (found["few"]["proposed_days"], found["few"]["longest_days"]) == (None, None)
    # Of the 35 others nobody came back.
    many = found["many"]
    assert (many["in_force_days"], many["proposed_days"], many["silent"]) == (70, 30, 35)
    assert many["longest_days"] == 270


def test_a_segment_with_its_own_limit_is_said(forty):
    notes = breakdowns.notes(forty, "lapse-proposal", as_of=AS_OF)
    assert any("segments" in note.text("en") for note in notes)
