"""Cohorts by the month of the first purchase: who of them came in each month after."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.periods import is_month_end


def cohort_retention(
    occasions: ir.Table, firsts: ir.Table, *, as_of: date, up_to: int = 24
) -> ir.Table:
    """Of those who first bought in a month, which share bought in each month after?

    Parameters
    ----------
    occasions
        Occasions that stood at ``as_of``: ``customer_key``, ``occasion_on``.
    firsts
        One row per customer: ``customer_key``, ``first_on``.
    as_of
        Day at whose end the customers are looked at. A month that has not closed by then is null,
        never 0.
    up_to
        Last month after the first that is looked at.

    Returns
    -------
    One row per cohort and month 0 to ``up_to``, the open ones included: ``cohort`` (date, first of
    the month), ``months_since`` (int64), ``size`` (int64, customers), ``bought`` (int64, in that
    month; null while it is open), ``bought_since`` (int64, in that month or later; null while it
    is open, and still growing), ``rate``, ``rate_since`` (float64, 0 to 1).

    References
    ----------
    Definitions: cohort_retention.
    """
    cohorts = firsts.filter(firsts.first_on.notnull())
    cohorts = cohorts.select("customer_key", _cohort=_month_number(cohorts.first_on))
    sizes = cohorts.group_by("_cohort").agg(size=cohorts.count().cast("int64"))
    numbers = pa.table({"months_since": pa.array(range(up_to + 1), pa.int64())})
    grid = sizes.cross_join(ibis.memtable(numbers))
    bought = _bought(occasions, cohorts)
    last = _last_months(occasions, cohorts)
    both = grid.left_join(bought, ["_cohort", "months_since"])
    both = both.drop("_cohort_right", "months_since_right")
    later = grid.inner_join(
        last, [grid["_cohort"] == last["_of"], grid.months_since <= last["_since"]]
    )
    since = later.group_by("_cohort", "months_since").agg(_later=later["_n"].sum().cast("int64"))
    both = both.left_join(since, ["_cohort", "months_since"])
    is_closed = both["_cohort"] + both.months_since <= _last_closed(as_of)
    unknown = ibis.null("int64")
    rows = both.select(
        cohort=_first_day(both["_cohort"]),
        months_since="months_since",
        size="size",
        bought=is_closed.ifelse(both["_bought"].fill_null(0), unknown),
        bought_since=is_closed.ifelse(both["_later"].fill_null(0), unknown),
    )
    size = rows["size"].nullif(0).cast("float64")
    return rows.mutate(
        rate=rows.bought.cast("float64") / size, rate_since=rows.bought_since.cast("float64") / size
    )


def cohort_average(cells: ir.Table) -> ir.Table:
    """Which share buys in each month after the first, over all cohorts?

    Parameters
    ----------
    cells
        ``cohort_retention``.

    Returns
    -------
    One row per ``months_since`` with a closed cell: ``size`` (int64, customers of the cohorts
    whose month has closed), ``rate`` and ``rate_since`` (float64, 0 to 1, weighted by size).
    """
    closed = cells.filter(cells.bought.notnull())
    sums = closed.group_by("months_since").agg(
        _size=closed["size"].sum().cast("int64"),
        _bought=closed.bought.sum().cast("float64"),
        _since=closed.bought_since.sum().cast("float64"),
    )
    n = sums["_size"].nullif(0).cast("float64")
    return sums.select(
        "months_since", size="_size", rate=sums["_bought"] / n, rate_since=sums["_since"] / n
    )


def cohort_money(entries: ir.Table, firsts: ir.Table, *, as_of: date, up_to: int = 24) -> ir.Table:
    """What did each cohort bring in each month after its first purchase, refunds taken off?

    Parameters
    ----------
    entries
        What was booked up to ``as_of``: ``customer_key``, ``entered_on``, ``gross``, ``returned``.
    firsts
        One row per customer: ``customer_key``, ``first_on``.
    as_of
        Day at whose end the customers are looked at; open months are left out.
    up_to
        Last month after the first that is looked at.

    Returns
    -------
    One row per cohort and closed month in which anything was booked: ``cohort`` (date),
    ``months_since`` (int64), ``net`` (decimal, money).
    """
    cohorts = firsts.filter(firsts.first_on.notnull())
    cohorts = cohorts.select(_owner="customer_key", _cohort=_month_number(cohorts.first_on))
    both = entries.inner_join(cohorts, entries.customer_key == cohorts["_owner"])
    number = _month_number(both.entered_on)
    rows = both.mutate(_since=number - both["_cohort"], _number=number)
    rows = rows.filter(
        (rows["_since"] >= 0) & (rows["_since"] <= up_to) & (rows["_number"] <= _last_closed(as_of))
    )
    sums = rows.group_by("_cohort", "_since").agg(
        net=(rows.gross - rows.returned).sum().cast("decimal(38, 4)")
    )
    return sums.select(cohort=_first_day(sums["_cohort"]), months_since="_since", net="net")


def _bought(occasions: ir.Table, cohorts: ir.Table) -> ir.Table:
    months = occasions.select(
        "customer_key", _month=_month_number(occasions.occasion_on)
    ).distinct()
    both = months.inner_join(cohorts, "customer_key")
    rows = both.select("_cohort", months_since=both["_month"] - both["_cohort"])
    return rows.group_by("_cohort", "months_since").agg(_bought=rows.count().cast("int64"))


def _last_months(occasions: ir.Table, cohorts: ir.Table) -> ir.Table:
    """Return how many of each cohort bought last so many months after."""
    last = occasions.group_by("customer_key").agg(_last=occasions.occasion_on.max())
    both = last.inner_join(cohorts, "customer_key")
    rows = both.select(_of="_cohort", _since=_month_number(both["_last"]) - both["_cohort"])
    return rows.group_by("_of", "_since").agg(_n=rows.count())


def _last_closed(as_of: date) -> int:
    """Return the number of the last month that has closed by ``as_of``."""
    return as_of.year * 12 + as_of.month - 1 - (0 if is_month_end(as_of) else 1)


def _month_number(day: ir.DateValue) -> ir.IntegerValue:
    """Months since the year 0."""
    return day.year().cast("int64") * 12 + day.month().cast("int64") - 1


def _first_day(number: ir.IntegerValue) -> ir.DateValue:
    return ibis.date((number / 12).floor().cast("int64"), (number % 12 + 1).cast("int64"), 1)
