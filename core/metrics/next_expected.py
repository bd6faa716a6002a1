"""When each active customer is expected to buy next."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.nth_gaps import nth_gaps
from core.metrics.overdue import LEAST_GAPS

LEAST_LIKE = 30


def gaps_of_like(lines: ir.Table, closed: ir.Table | None, *, as_of: date, like: str) -> ir.Table:
    """After how many days did like customers come again, who had come as often?

    Parameters
    ----------
    lines
        Ledger lines at ``as_of`` of all customers, the lost included: ``customer_key``,
        ``occasions``, ``last_on`` and ``like``.
    closed
        Gaps that had closed at ``as_of``: ``customer_key``, ``gap_days`` (array, in order); null
        where the lines have them.
    as_of
        Day at whose end they are looked at.
    like
        Column that says who is like whom (null: like the others of whom it is not known).

    Returns
    -------
    One row per value of ``like`` and k: ``like``, ``k`` (int64, occasions so far: fewer than give a
    rhythm of one's own), ``like_gap_days`` (int64, Kaplan-Meier median; null while fewer than half
    have come again, or with fewer than 30 to tell from), ``like_n`` (int64).
    """
    found = nth_gaps(lines, closed, as_of=as_of, up_to=LEAST_GAPS, by=[like])
    enough = (found.n >= LEAST_LIKE).ifelse(found["median"], ibis.null("int64"))
    return found.select(like, "k", like_gap_days=enough, like_n="n")


def next_expected(
    lines: ir.Table, rhythm: ir.Table | None, alike: ir.Table, *, like: str
) -> ir.Table:
    """On which day is each active customer expected to buy next?

    The last occasion and the own median gap, where there are at least 3 gaps; else the median gap
    of like customers after as many occasions, where half of them have come again. It is a day to
    look out for and no forecast: about half come later. The day may have passed.

    Parameters
    ----------
    lines
        Ledger lines: ``customer_key``, ``is_active``, ``last_on``, ``occasions``, ``like``.
    rhythm
        One row per customer with a gap (``median_gaps``): ``customer_key``, ``gaps``,
        ``median_gap_days``; null where the lines have them (``View.with_rhythm``).
    alike
        ``gaps_of_like``.
    like
        Column of ``lines`` and ``alike`` that says who is like whom.

    Returns
    -------
    One row per active customer who has bought: the columns of ``lines``, ``gap_days`` (int64, days;
    null where not known), ``gap_basis`` (``own``, ``like``; null), ``expected_on`` (date; null
    where not known). Half days are rounded up.

    References
    ----------
    Definitions: gap, overdue.
    """
    active = lines.filter(lines.is_active & lines.last_on.notnull())
    if rhythm is None:
        days = active.median_gap_days.ceil().cast("int64")
        own_days = (active.gaps >= LEAST_GAPS).ifelse(days, ibis.null("int64"))
        rows = active.mutate(_own_days=own_days).drop("gaps", "median_gap_days")
    else:
        own = rhythm.filter(rhythm.gaps >= LEAST_GAPS)
        own = own.select(_own="customer_key", _own_days=own.median_gap_days.ceil().cast("int64"))
        rows = active.left_join(own, active.customer_key == own["_own"]).drop("_own")
    others = alike.select(_like=like, _k="k", _like_days="like_gap_days")
    rows = rows.left_join(
        others, [rows[like].identical_to(others["_like"]), rows.occasions == others["_k"]]
    )
    days = ibis.coalesce(rows["_own_days"], rows["_like_days"])
    basis = ibis.cases(
        (rows["_own_days"].notnull(), "own"),
        (rows["_like_days"].notnull(), "like"),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(
        gap_days=days,
        gap_basis=basis,
        expected_on=(rows.last_on + days.as_interval("D")).cast("date"),
    )
    return rows.drop("_own_days", "_like", "_k", "_like_days")


def expected_between(expected: ir.Table, *, as_of: date, days: int) -> ir.Table:
    """Who is expected in the next days, from the day after ``as_of`` on?

    Parameters
    ----------
    expected
        ``next_expected``.
    as_of
        Day at whose end it is asked.
    days
        Number of days.

    Returns
    -------
    The rows of ``expected`` whose day lies in them.
    """
    return expected.filter(is_between(expected, as_of=as_of, days=days))


def is_between(expected: ir.Table, *, as_of: date, days: int) -> ir.BooleanValue:
    """Is each expected in the next days, from the day after ``as_of`` on? Null: not known.

    Parameters
    ----------
    expected
        ``next_expected``.
    as_of
        Day at whose end it is asked.
    days
        Number of days.

    Returns
    -------
    A boolean column of ``expected``.
    """
    ahead = expected.expected_on.delta(ibis.literal(as_of), unit="day")
    return (ahead >= 1) & (ahead <= days)


def expected_by_week(expected: ir.Table, *, as_of: date, days: int) -> ir.Table:
    """How many are expected in each of the next weeks?

    Parameters
    ----------
    expected
        ``next_expected``, with ``value``.
    as_of
        Day at whose end it is asked.
    days
        Number of days; the last week may be cut short by them.

    Returns
    -------
    One row per week with anybody: ``from_on``, ``to_on`` (date, both within), ``customers``,
    ``own_rhythm`` (int64, of whom the day is told by their own gaps), ``value`` (float64, money).
    """
    rows = expected_between(expected, as_of=as_of, days=days)
    ahead = rows.expected_on.delta(ibis.literal(as_of), unit="day").cast("int64")
    rows = rows.mutate(_week=((ahead - 1) / 7).floor().cast("int64"))
    sums = rows.group_by("_week").agg(
        customers=rows.count().cast("int64"),
        own_rhythm=(rows.gap_basis == "own").sum().cast("int64"),
        value=rows.value.sum().cast("float64"),
    )
    first = sums["_week"] * 7 + 1
    last = ibis.least(first + 6, days)
    end = ibis.literal(as_of)
    return sums.select(
        from_on=(end + first.as_interval("D")).cast("date"),
        to_on=(end + last.as_interval("D")).cast("date"),
        customers="customers",
        own_rhythm="own_rhythm",
        value="value",
    )
