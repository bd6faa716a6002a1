"""When each active customer is expected to buy next."""

from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.nth_gaps import nth_gaps
from core.metrics.overdue import LEAST_GAPS

LEAST_LIKE = 30


def gaps_of_like(lines: ir.Table, closed: ir.Table, *, as_of: date, like: str) -> ir.Table:
    """After how many days did like customers come again, who had come as often?

    Parameters
    ----------
    lines
        Ledger lines at ``as_of`` of all customers, the lost included: ``customer_key``,
        ``occasions``, ``last_on`` and ``like``.
    closed
        Gaps that had closed at ``as_of``: ``customer_key``, ``gap_days`` (array, in order).
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


def next_expected(lines: ir.Table, rhythm: ir.Table, alike: ir.Table, *, like: str) -> ir.Table:
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
        ``median_gap_days``.
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
    own = rhythm.filter(rhythm.gaps >= LEAST_GAPS)
    own = own.select(_own="customer_key", _own_days=own.median_gap_days.ceil().cast("int64"))
    rows = active.left_join(own, active.customer_key == own["_own"])
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
    return rows.drop("_own", "_own_days", "_like", "_k", "_like_days")


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
