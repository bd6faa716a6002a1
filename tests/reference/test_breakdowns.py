"""Cohorts, moves between tiers, gaps and limits of silence: against plain pandas."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pytest

from core import breakdowns
from core.view import View
from tests.reference import plain_tables as plain
from tests.reference.agreement import CLOSE, is_same
from tests.reference.plain import ratio
from tests.reference.plain_shop import Shop

pytestmark = pytest.mark.slow


class Case(NamedTuple):
    """One data set, over a period whose tiers are frozen at both ends."""

    shop: Shop
    view: View
    opened: date
    closed: date

    def rows(self, key: str, day: date | None = None) -> list[dict]:
        compare = self.opened if day is None else None
        found = breakdowns.rows(self.view, key, as_of=day or self.closed, compare=compare)
        return found.to_pylist()


@pytest.fixture(params=["cdnow", "retail"])
def case(request: pytest.FixtureRequest) -> Case:
    shop = request.getfixturevalue(f"{request.param}_shop")
    view = request.getfixturevalue(f"{request.param}_view")
    if request.param == "cdnow":
        return Case(shop, view, date(1997, 12, 31), date(1998, 6, 30))
    return Case(shop, view, date(2010, 12, 31), date(2011, 11, 30))


@pytest.mark.parametrize("is_open_month", [False, True])
def test_the_cohorts_are_those_of_plain_pandas(case: Case, is_open_month: bool) -> None:
    day = case.view.days[-1] if is_open_month else case.opened
    rows = {(r["cohort"], r["months_since"]): r for r in case.rows("cohorts", day)}
    told = plain.cohorts(case.shop, day)
    counts = ("cohort_size", "bought_again", "bought_again_since")
    assert {cell: tuple(row[c] for c in counts) for cell, row in rows.items()} == told
    for cell, (size, bought, later) in told.items():
        # The rate of a month that has not closed is not known, and never 0.
        assert is_same(rows[cell]["bought_rate"], None if bought is None else ratio(bought, size))
        since = None if later is None else ratio(later, size)
        assert is_same(rows[cell]["bought_rate_since"], since)


def test_customers_moved_between_tiers_as_in_plain_pandas(case: Case) -> None:
    rows = {(r["tier_then"], r["tier_now"]): r for r in case.rows("tier-migration")}
    told = plain.tier_matrix(case.shop, case.opened, case.closed)
    columns = ("customers", "value_then", "value_now")
    found = {pair: tuple(row[c] for c in columns) for pair, row in rows.items()}
    # A move that nobody made now stands there with 0 if some made it before.
    assert {pair: cells for pair, cells in found.items() if cells[0]} == told
    of_tier: dict[str, int] = {}
    for (then, _), cells in told.items():
        of_tier[then] = of_tier.get(then, 0) + cells[0]
    shares = {pair: row["share_of_row"] for pair, row in rows.items() if pair in told}
    assert {
        pair: share
        for pair, share in shares.items()
        if pair[0] not in ("none", "lost")
        and not is_same(share, ratio(told[pair][0], of_tier[pair[0]]))
    } == {}


def test_gaps_close_as_in_plain_pandas(case: Case) -> None:
    columns = ("customers", "bought_again", "gap_days")
    found = {r["k"]: tuple(r[c] for c in columns) for r in case.rows("gaps")}
    assert found == plain.gaps(case.shop, case.closed)


def test_those_lost_came_back_by_tier_and_silence_as_in_plain_pandas(case: Case) -> None:
    found = {
        (r["tier_name"], r["silence_band"]): (r["customers"], r["came_back"])
        for r in case.rows("reactivation-by-silence")
    }
    assert found == plain.returned_by_tier(case.shop, case.opened, case.closed)


def test_other_limits_of_silence_read_as_in_plain_pandas(case: Case) -> None:
    rows = {r["lapse_days"]: r for r in case.rows("lapse-proposal")}
    told = plain.silences(case.shop, case.closed, rows)
    assert {tau: (r["silent"], r["came_back"]) for tau, r in rows.items()} == told
    assert (
        _differing(rows, "return_rate", {t: ratio(back, n) for t, (n, back) in told.items()}) == {}
    )
    seen = (case.opened - case.shop.first).days
    churn = {}
    for tau in rows:
        active, lost = plain.churn_with(case.shop, tau, case.opened, case.closed)
        # Whoever bought before the books began would be missing among the active.
        churn[tau] = ratio(lost, active) if tau <= seen else None
    assert _differing(rows, "churn_period", churn) == {}


def _differing(rows: Mapping[int, dict], column: str, told: Mapping) -> dict:
    return {
        tau: (row[column], told[tau])
        for tau, row in rows.items()
        if not is_same(row[column], told[tau])
    }


def test_the_proposed_limit_is_the_first_from_which_on_few_return(case: Case) -> None:
    rows = case.rows("lapse-proposal")
    told = plain.silences(case.shop, case.closed, [r["lapse_days"] for r in rows])
    believed = {tau: back / n for tau, (n, back) in told.items() if n >= 30}
    suits = [t for t in believed if all(r <= 0.1 + CLOSE for u, r in believed.items() if u >= t)]
    assert [r["lapse_days"] for r in rows if r["is_proposed"]] == suits[:1]
