"""Whether those who complained come back, against like customers who did not complain."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.periods import plus_months

MONTHS = 12  # in which a complaint before a day makes unlike
# Least days of silence of a band: who bought last week is not like who bought half a year ago.
SILENCE = (0, 31, 91, 181)
MOST_DAYS = 31  # as many as a number of 63 bits tells apart


def complaint_recovery(
    states: ir.Table,
    occasions: ir.Table,
    lines: ir.Table,
    *,
    as_of: date,
    days: Sequence[date],
    within_days: int = 90,
    complained: ir.Table | None = None,
    by: Sequence[str] = (),
) -> ir.Table:
    """What share bought again within ``within_days`` after their complaint was resolved?

    Complaints resolved so recently that the days have not passed by ``as_of`` are left out; whether
    one was opened again later does not matter. Like customers stood, at the last of the days of
    ``lines`` before the resolution, in the same tier, and had been silent there for about as long
    as the complainer had at the resolution (0 to 30, 90, 180 days, or more); they were active, and
    did not complain in the 12 months before that day, in the days after it, nor before the next of
    those days. Theirs is the share that bought within as many days after that day.

    Parameters
    ----------
    states
        ``complaint_states``; further columns may be added for ``by``.
    occasions
        Occasions that stood at ``as_of``; those before the first day of ``lines`` are not needed.
    lines
        Ledger lines of some days before the resolutions: ``month_end``, ``customer_key``, ``tier``,
        ``is_active``, ``last_on``.
    days
        Those days: the closer, the more alike. A complaint resolved before the first is compared
        with nobody.
    complained
        ``customer_key`` and ``opened_on`` of every complaint, where ``states`` are only some; at
        least 12 months more than are wanted.
    by
        Columns of ``states`` to tell apart.

    Returns
    -------
    One row per ``by``: ``resolved``, ``returned`` (int64, matured), ``return_rate``; of those for
    whom there are like customers, ``matched`` (int64), ``expected_rate`` (mean over complaints of
    the rate of their like customers; null where none had any) and ``excess`` (their own rate less
    the expected one).

    References
    ----------
    Definitions: complaints (recovery), attitudes (tolerance of quality accidents).
    """
    both = recovery_cases(
        states, occasions, lines, as_of=as_of, days=days, within_days=within_days,
        complained=complained,
    )  # fmt: skip
    has_like = both.like_rate.notnull()
    sums = both.aggregate(
        by=list(by),
        resolved=both.count().cast("int64"),
        returned=both.came_back.sum().cast("int64").fill_null(0),
        matched=has_like.sum().cast("int64").fill_null(0),
        expected_rate=both.like_rate.mean(),
        excess=(both.came_back.cast("float64") - both.like_rate).mean(where=has_like),
    )
    rate = sums.returned.cast("float64") / sums.resolved.cast("float64").nullif(0)
    return sums.mutate(return_rate=rate)


def recovery_cases(
    states: ir.Table,
    occasions: ir.Table,
    lines: ir.Table,
    *,
    as_of: date,
    days: Sequence[date],
    within_days: int = 90,
    complained: ir.Table | None = None,
) -> ir.Table:
    """Who bought again after the complaint was resolved, and how likely were like customers to?

    Parameters
    ----------
    states, occasions, lines, as_of, days, within_days, complained
        As of ``complaint_recovery``.

    Returns
    -------
    One row per complaint resolved long enough ago: the columns of ``states``, ``came_back``
    (boolean) and ``like_rate`` (0 to 1, of like customers; null where there are none).

    References
    ----------
    Definitions: complaints (recovery).
    """
    until = (states.resolved_on.cast("timestamp") + ibis.interval(days=within_days)).cast("date")
    done = states.mutate(_until=until).filter(until <= as_of)
    days = sorted(days)
    bought = occasions.select(_buyer="customer_key", _bought_on="occasion_on")
    rows = _with_purchases(_placed(done, lines, days), done, bought)
    everybody = states if complained is None else complained
    last = as_of - timedelta(days=within_days)
    marks = _marked(bought, everybody, days, within_days=within_days, last=last)
    like = _like_rates(lines, marks, days)
    kind = [
        rows["_day"] == like["_like_day"],
        rows["_tier"] == like["_like_tier"],
        rows["_band"].identical_to(like["_like_band"]),
    ]
    both = rows.left_join(like, kind)
    return both.select(*states.columns, came_back="_came", like_rate="_like_rate")


def _placed(done: ir.Table, lines: ir.Table, days: Sequence[date]) -> ir.Table:
    """Add the last of the days before the resolution, and how the customer stood on it."""
    last: ir.DateValue = ibis.null("date")
    for day in days:
        last = (done.resolved_on > day).ifelse(ibis.literal(day), last)
    rows = done.mutate(_day=last)
    then = lines.select(_key="customer_key", _on="month_end", _tier=_tier(lines), _last="last_on")
    same = [rows.customer_key == then["_key"], rows["_day"] == then["_on"]]
    return rows.left_join(then, same).drop("_key", "_on")


def _with_purchases(rows: ir.Table, done: ir.Table, bought: ir.Table) -> ir.Table:
    """Add whether the customer bought in time, and how long the silence was at the resolution."""
    asked = done.select("complaint_id", "customer_key", "resolved_on", "_until")
    pairs = asked.inner_join(bought, asked.customer_key == bought["_buyer"])
    is_after = pairs["_bought_on"] > pairs.resolved_on
    sums = pairs.group_by(_complaint="complaint_id").agg(
        _came=(is_after & (pairs["_bought_on"] <= pairs["_until"])).any(),
        _latest=pairs["_bought_on"].max(where=~is_after),
    )
    found = rows.left_join(sums, rows.complaint_id == sums["_complaint"]).drop("_complaint")
    last_on = ibis.coalesce(found["_latest"], found["_last"])
    return found.mutate(
        _came=found["_came"].fill_null(False), _band=_band(found.resolved_on, last_on)
    )


def _marked(
    bought: ir.Table,
    complained: ir.Table,
    days: Sequence[date],
    *,
    within_days: int,
    last: date,
) -> ir.Table:
    """Return on which of the days customers bought soon after, and on which they were not content.

    One number each: bit 2k is set for who bought soon after the k-th day, bit 2k + 1 for whose
    complaint may be held against it, because nobody is like himself. So one pass over the purchases
    and one join serve all days.

    Raises
    ------
    ValueError
        If there are more than 31 days: the number has 63 bits.
    """
    if len(days) > MOST_DAYS:
        raise ValueError(f"{len(days)} days; at most {MOST_DAYS}")
    following = [*days, last][1:]
    soon = [(day, day + timedelta(days=within_days)) for day in days]
    wrong = [
        (plus_months(day, -MONTHS), max(end, day + timedelta(days=within_days)))
        for day, end in zip(days, following, strict=True)
    ]
    both = ibis.union(
        bought.select(_who="_buyer", _bits=_bits(bought["_bought_on"], soon, 1)),
        complained.select(_who="customer_key", _bits=_bits(complained.opened_on, wrong, 2)),
    )
    return both.group_by("_who").agg(_bits=both["_bits"].bit_or())


def _bits(on: ir.DateValue, spans: Sequence[tuple[date, date]], first: int) -> ir.IntegerValue:
    """Return the number that has a bit for each span after whose first day, and up to whose last,
    a day lies: ``first`` for the first of them, four times that for the next.

    Between one edge of a span and the next the number is the same: so few days are compared.
    """
    bits = [first * 4**place for place in range(len(spans))]
    pieces = []
    for edge in sorted({edge for span in spans for edge in span}):
        lie_in = (after < edge <= until for after, until in spans)
        pieces.append((on <= edge, sum(itertools.compress(bits, lie_in))))
    return ibis.cases(*pieces, else_=0).cast("int64") if pieces else ibis.literal(0, "int64")


def _like_rates(lines: ir.Table, marks: ir.Table, days: Sequence[date]) -> ir.Table:
    """Return by day, tier and silence which share of those who did not complain bought again."""
    # Of each day by itself, where it is the same for all lines; not of each line after the join.
    of_day = [(day, 4**place) for place, day in enumerate(days)]
    bit = lines.month_end.cases(*of_day, else_=0) if of_day else ibis.literal(0)
    active = lines.filter(lines.is_active).select(
        "customer_key", "month_end", tier=_tier(lines), band=_band(lines.month_end, lines.last_on),
        bit=bit.cast("int64"),
    )  # fmt: skip
    both = active.left_join(marks, active.customer_key == marks["_who"])
    bits = both["_bits"].fill_null(0)
    is_back, is_content = (bits & both.bit) > 0, (bits & (both.bit * 2)) == 0
    return both.group_by(_like_day="month_end", _like_tier="tier", _like_band="band").agg(
        _like_rate=is_back.cast("float64").mean(where=is_content)
    )


def _tier(lines: ir.Table) -> ir.IntegerValue:
    """Return the tier; 0 of those who stand in none because there was nobody to cut."""
    return lines.tier.fill_null(0)


def _band(on: ir.DateValue, last_on: ir.DateValue) -> ir.IntegerValue:
    """Return the band of ``SILENCE`` at ``on``, by its least days; null without a purchase."""
    silence = on.delta(last_on, unit="day")
    bands = [(silence >= least, least) for least in reversed(SILENCE)]
    return ibis.cases(*bands, else_=ibis.null("int64"))
