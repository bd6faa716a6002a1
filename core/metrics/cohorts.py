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
        Last month after the first that is looked at; at most 61.

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
    sums = _sums(_months_bought(occasions, cohorts, up_to), up_to)
    grid = _grid(cohorts, up_to)
    grid = grid.left_join(sums, grid["_cohort"] == sums["_of"])
    is_closed = grid["_cohort"] + grid.months_since <= _last_closed(as_of)

    def cell(name: str) -> ir.Value:
        of_month = grid.months_since.cases(*((k, grid[f"{name}_{k}"]) for k in range(up_to + 1)))
        return is_closed.ifelse(of_month.fill_null(0), ibis.null("int64"))

    rows = grid.select(
        cohort=_first_day(grid["_cohort"]),
        months_since="months_since",
        size="size",
        bought=cell("bought"),
        bought_since=cell("since"),
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
        Day at whose end the customers are looked at.
    up_to
        Last month after the first that is looked at.

    Returns
    -------
    One row per cohort and month 0 to ``up_to``: ``cohort`` (date, first of the month),
    ``months_since`` (int64), ``size`` (int64, customers), ``net`` (decimal, money; 0 where nothing
    was booked, null while the month is open), ``net_per_customer`` (float64, money).
    """
    cohorts = firsts.filter(firsts.first_on.notnull())
    cohorts = cohorts.select("customer_key", _cohort=_month_number(cohorts.first_on))
    both = entries.inner_join(cohorts, "customer_key")
    rows = both.mutate(_since=_month_number(both.entered_on) - both["_cohort"])
    rows = rows.filter((rows["_since"] >= 0) & (rows["_since"] <= up_to))
    sums = rows.group_by(_of=rows["_cohort"], _k=rows["_since"]).agg(
        _net=(rows.gross - rows.returned).sum().cast("decimal(38, 4)")
    )
    grid = _grid(cohorts, up_to)
    grid = grid.left_join(sums, [grid["_cohort"] == sums["_of"], grid.months_since == sums["_k"]])
    is_closed = grid["_cohort"] + grid.months_since <= _last_closed(as_of)
    net = is_closed.ifelse(grid["_net"].fill_null(0), ibis.null("decimal(38, 4)"))
    return grid.select(
        cohort=_first_day(grid["_cohort"]),
        months_since="months_since",
        size="size",
        net=net,
        net_per_customer=net.cast("float64") / grid["size"].nullif(0).cast("float64"),
    )


def _grid(cohorts: ir.Table, up_to: int) -> ir.Table:
    sizes = cohorts.group_by("_cohort").agg(size=cohorts.count().cast("int64"))
    numbers = pa.table({"months_since": pa.array(range(up_to + 1), pa.int64())})
    return sizes.cross_join(ibis.memtable(numbers))


def _months_bought(occasions: ir.Table, cohorts: ir.Table, up_to: int) -> ir.Table:
    """Return each customer's months since the first as bits: bit k for month k.

    Whatever came after ``up_to`` months is one bit more. A row per customer and month would take
    five times as long on ten million orders.
    """
    both = occasions.inner_join(cohorts, "customer_key")
    since = _month_number(both.occasion_on) - both["_cohort"]
    bit = ibis.literal(1, "int64") << ibis.least(since, up_to + 1)
    rows = both.select("customer_key", "_cohort", _bit=bit)
    return rows.group_by("customer_key").agg(
        _cohort=rows["_cohort"].min(), _months=rows["_bit"].bit_or()
    )


def _sums(bought: ir.Table, up_to: int) -> ir.Table:
    """Return how many of each cohort bought in month k, and in month k or later."""
    left = {k: bought["_months"] >> k for k in range(up_to + 1)}
    return bought.group_by(_of=bought["_cohort"]).agg(
        **{f"bought_{k}": (months & 1).sum().cast("int64") for k, months in left.items()},
        **{f"since_{k}": (months > 0).sum().cast("int64") for k, months in left.items()},
    )


def _last_closed(as_of: date) -> int:
    """Return the number of the last month that has closed by ``as_of``."""
    return as_of.year * 12 + as_of.month - 1 - (0 if is_month_end(as_of) else 1)


def _month_number(day: ir.DateValue) -> ir.IntegerValue:
    """Months since the year 0."""
    return day.year().cast("int64") * 12 + day.month().cast("int64") - 1


def _first_day(number: ir.IntegerValue) -> ir.DateValue:
    return ibis.date((number / 12).floor().cast("int64"), (number % 12 + 1).cast("int64"), 1)
