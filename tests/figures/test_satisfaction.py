"""What the ten customers of the shop say, by hand from ``tests/figures/voice_shop.py``."""

from collections.abc import Iterator

import pytest

from core import breakdowns
from core.facts import Books
from core.figures import FAMILIES, Figure, compute
from core.metrics.intervals import Z, wilson
from core.reading import open_ledger
from core.view import View
from tests.shop import CLOSING, LAST, day, ten_customers

pytestmark = pytest.mark.slow

WHOLE = {
    # Ann 9 and Jin 10 promote, Cem 2 detracts, Bob 7 is neither; Ann's 3 was not her last word.
    "nps": 100 * (2 - 1) / 4,
    # Jin's question is 26 days old; of the other five, Dua's was not answered in time.
    "nps_response": 4 / 5,
    # Ann 5, Cem 2; Dua's scale is another one, but she answered; Eva did not.
    "csat": 1 / 2, "csat_response": 3 / 4,
    # Jin 6, Dua 3.
    "ces_mean": 4.5, "ces_agree": 1 / 2, "ces_response": 1,
    # Jin alone is in the top tier, with 520 of 940; of four others Ann and Cem make 0.
    "nps_by_response": 100 / 5, "nps_by_value": 100 * 520 / 940,
    "csat_by_response": 1 / 2, "csat_by_value": 1 / 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def view(voice_books: Books) -> Iterator[View]:
    with open_ledger(voice_books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def whole(view: View) -> dict[str, Figure]:
    return {f.key: f for f in compute(view, ["satisfaction"], CLOSING)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["satisfaction"]}


def test_the_figures_of_the_shop_are_as_by_hand(whole):
    found = {key: figure.value for key, figure in whole.items()}
    assert found == {key: pytest.approx(value) for key, value in WHOLE.items()}


def test_scores_carry_their_n_and_interval(whole):
    # 100 sqrt((0.5 + 0.25 - 0.25^2) / 4), and no further than 100.
    half = Z * 100 * (0.6875 / 4) ** 0.5
    nps = whole["nps"]
    assert (nps.n, nps.low, nps.high) == (4, pytest.approx(25 - half), 100)
    csat = whole["csat"]
    assert [csat.n, csat.low, csat.high] == pytest.approx([2, *wilson(1, 2)])
    assert (whole["nps_response"].n, whole["ces_mean"].n) == (5, 2)
    assert nps.is_small_n


def test_a_tier_that_nobody_speaks_for_is_named(whole):
    assert "top tier" in whole["csat_by_response"].note_text("en")
    assert "20.0%" in whole["csat_by_response"].note_text("zh")
    assert "55.3%" in whole["csat_by_value"].note_text("en")
    assert "top tier" not in whole["nps_by_response"].note_text("en")


def test_by_region_each_customer_speaks_for_the_region_he_is_in(view):
    found = compute(view, ["nps", "nps_response", "csat", "nps_by_response"], CLOSING, by="region")
    values = {(f.key, f.scope["region"]): f.value for f in found if f.scope}
    # North: Bob 7, Cem 2; South: Ann 9, Jin 10.
    assert (values["nps", "North"], values["nps", "South"]) == (-50, 100)
    # North: Cem, Dua and Bob; South: Ann twice.
    assert values["nps_response", "North"] == pytest.approx(2 / 3)
    assert values["nps_response", "South"] == 1
    assert (values["csat", "North"], values["csat", "South"]) == (0, 1)
    # Active are Cem and Dua in the North, of one tier; Ann, Eva (not heard apart) and Jin.
    assert values["nps_by_response", "North"] == -100
    assert values["nps_by_response", "South"] == 100


def test_in_a_scope_only_its_customers_count(voice_books):
    with open_ledger(voice_books) as ledger:
        south = View(ledger, {"region": ("South",)})
        [ces, csat] = compute(south, ["ces_mean", "csat_response"], CLOSING)
    assert (ces.value, ces.n, ces.low) == (6, 1, None)
    # Ann answered and Eva did not.
    assert (csat.value, csat.n) == (1 / 2, 2)


def test_scores_of_the_whole_are_known_at_any_date_and_earlier_know_less(view):
    [nps, response] = compute(view, ["nps", "nps_response"], day("2024-02-10"))
    # Ann had given 3, Bob 7 and, asked within 12 months by then, 0.
    assert (nps.value, nps.n) == (pytest.approx(-200 / 3), 3)
    assert (response.value, response.n) == (1, 2)


def test_an_answer_that_came_later_counts_then(view):
    [nps] = compute(view, ["nps"], LAST)
    assert (nps.value, nps.n) == (pytest.approx(40), 5)


def test_where_nobody_was_asked_the_reason_is_given(view):
    found = {f.key: f for f in compute(view, ["nps", "csat", "csat_response"], day("2023-03-30"))}
    assert {f.value for f in found.values()} == {None}
    assert "Nobody answered" in found["csat"].note_text("en")
    assert "asked" in found["csat_response"].note_text("en")


def test_without_surveys_nothing_is_known(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = compute(View(ledger), ["satisfaction"], CLOSING)
    assert {figure.value for figure in found} == {None}
    assert all("surveys" in figure.note_text("zh") for figure in found)


def rows(view: View, key: str, **options) -> list[dict]:
    return breakdowns.rows(view, key, as_of=CLOSING, **options).to_pylist()


def test_told_apart_every_answer_counts_once_each_way(view):
    found = [row for row in rows(view, "satisfaction") if row["instrument"] == "nps"]
    for way in ("wave", "tier_name", "branch", "membership"):
        assert sum(row["n"] for row in found if row["told_by"] == way) == 4
    tiers = {row["group"]: row["score"] for row in found if row["told_by"] == "tier_name"}
    assert tiers["top"] == 100
    waves = {row["group"]: row for row in found if row["told_by"] == "wave"}
    assert (waves["2023-Q4"]["score"], waves["2023-Q4"]["n"]) == (0, 1)
    assert waves["2024-Q1"]["score"] == pytest.approx(100 / 3)
    assert waves["2024-Q1"]["response_rate"] == pytest.approx(3 / 4)


def test_who_bought_after_an_answer(view):
    found = {(row["instrument"], row["answer"]): row for row in rows(view, "satisfaction-link")}
    # Within 20 days after 12 February Ann bought, Jin after 6 March not. Bob's 7 and 0, and Cem's 2
    # led to nothing; Dua could answer until 26 March, and her 20 days have not passed.
    nps = {answer: (r["n"], r["bought"]) for (what, answer), r in found.items() if what == "nps"}
    assert nps == {"promoter": (2, 1), "passive": (1, 0), "detractor": (2, 0)}
    # Eva could answer until 2 March, and had bought nothing 20 days later.
    assert found["csat", "no_answer"]["n"] == 1
    assert found["nps", "promoter"]["rate"] == 0.5


def test_in_a_scope_the_breakdowns_are_of_its_customers(voice_books):
    with open_ledger(voice_books) as ledger:
        south = View(ledger, {"region": ("South",)})
        apart = rows(south, "satisfaction")
        linked = rows(south, "satisfaction-link")
    assert sum(r["n"] for r in apart if r["instrument"] == "nps" and r["told_by"] == "wave") == 2
    assert {r["answer"]: r["n"] for r in linked if r["instrument"] == "nps"} == {"promoter": 2}
