"""Key dates: whether what fell due was followed by business, and what it brought."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson

KINDS = ("maturity", "inspection", "insurance", "renewal", "maintenance")
DAYS_BEFORE = 30  # business made so long before the day already answers it
BALANCES_BEFORE = 400  # days in which the balance before a maturity is looked for
_MONEY = "decimal(38, 4)"


def due_dates(
    key_dates: ir.Table,
    products: ir.Table | None = None,
    *,
    since: date,
    as_of: date,
    within_days: int,
    before_days: int = DAYS_BEFORE,
) -> ir.Table:
    """Which key dates fell due, and until when can business follow?

    Maturities, inspections, insurances, renewals, maintenances; birthdays are no business. A date
    that became known after ``as_of`` is not seen.

    Parameters
    ----------
    key_dates, products
        The company's key dates, and its products if brought. Further columns stay.
    since, as_of
        Key dates due up to ``as_of`` whose time to follow ends on ``since`` or later.
    within_days, before_days
        Business counts from so many days before the day to so many after it.

    Returns
    -------
    One row per key date: the columns of ``key_dates``, ``matches`` (category, or product; null:
    anything), ``from_on``, ``until_on`` (dates), ``is_closed`` (the time is over at ``as_of``).
    """
    until = _days_from(key_dates.due_on, within_days)
    is_known = key_dates.known_on.isnull() | (key_dates.known_on <= as_of)
    in_time = (key_dates.due_on <= as_of) & (until >= since)
    rows = key_dates.mutate(until_on=until)
    rows = rows.filter(key_dates.kind.isin(KINDS) & is_known & in_time)
    early = _days_from(rows.due_on, -before_days)
    # What was there when the date was written down is what made it, not what followed.
    made_on = _days_from(rows.known_on, 1)
    rows = rows.mutate(
        from_on=ibis.greatest(early, ibis.coalesce(made_on, early)),
        is_closed=rows.until_on <= as_of,
    )
    return with_match(rows, products)


def with_match(rows: ir.Table, products: ir.Table | None) -> ir.Table:
    """Add ``matches``: the category of ``product_id`` where products are known, else itself."""
    if products is None:
        return rows.mutate(matches=rows.product_id)
    known = products.select(_product="product_id", _category="category")
    joined = rows.left_join(known, rows.product_id == known["_product"])
    matches = ibis.coalesce(joined["_category"], joined.product_id)
    return joined.mutate(matches=matches).drop("_product", "_category")


def business(
    purchases: ir.Table,
    lines: ir.Table | None = None,
    contracts: ir.Table | None = None,
    products: ir.Table | None = None,
    *,
    as_of: date,
) -> ir.Table:
    """What business did customers do, and with which category?

    Parameters
    ----------
    purchases
        ``purchases``.
    lines, contracts, products
        Order lines, contracts and products, where brought. Without lines it is not known what was
        bought: such an order answers any date.

    Returns
    -------
    One row per order line or contract: ``customer_key``, ``happened_on``, ``matches`` (null: not
    known what).
    """
    bought = purchases.select("order_id", "customer_key", "ordered_on")
    if lines is not None:
        told = lines.filter(lines.amount > 0).select("order_id", "product_id")
        bought = bought.inner_join(told, "order_id")
    return business_of(bought, contracts, products, as_of=as_of)


def business_of(
    bought: ir.Table,
    contracts: ir.Table | None = None,
    products: ir.Table | None = None,
    *,
    as_of: date,
) -> ir.Table:
    """What business did customers do, and with which category?

    Parameters
    ----------
    bought
        Purchases, or their lines: ``customer_key``, ``ordered_on``, and of lines ``product_id``.
    contracts, products
        Contracts and products, where brought.

    Returns
    -------
    As ``business``.
    """
    if "product_id" in bought.columns:
        sold = with_match(bought, products)
    else:
        sold = bought.mutate(matches=ibis.null("string"))
    found = sold.select("customer_key", "matches", happened_on="ordered_on")
    found = found.select("customer_key", "happened_on", "matches")
    if contracts is None:
        return found
    signed = with_match(contracts.filter(contracts.started_on <= as_of), products)
    return found.union(signed.select("customer_key", "matches", happened_on="started_on"))


def kept_dates(
    due: ir.Table, done: ir.Table, balances: ir.Table | None = None, *, as_of: date
) -> ir.Table:
    """Which of the key dates were followed by matching business?

    Followed is a key date with an order or contract of the same category within its days; any
    business where the date names no product. A maturity is also followed by a balance above 0
    of the same category in the days after it: the new money is that balance above the last one
    before.

    Parameters
    ----------
    due, done
        ``due_dates`` and ``business``.
    balances
        Balances with ``matches`` (``with_match``), if brought.

    Returns
    -------
    One row per key date: the columns of ``due``, ``is_kept`` (no later than ``as_of``), ``is_open``
    (not kept, and the time is not over), ``new_money`` (float64; null: no balances to compare).

    References
    ----------
    Definitions: due_kept.
    """
    their = done.select(_who="customer_key", _on="happened_on", _what="matches")
    # Always so; but a filter whose outcome statistics do not tell makes DuckDB take the dates for
    # few, and hash them, not the business.
    begun = due.filter((due.from_on <= as_of).fill_null(False))
    followed = begun.semi_join(
        their,
        [
            begun.customer_key == their["_who"],
            their["_on"] >= begun.from_on,
            their["_on"] <= begun.until_on,
            their["_on"] <= as_of,
            (begun.matches == their["_what"]).fill_null(True),
        ],
    )
    followed = followed.select(_id="key_date_id")
    rows = due.left_join(followed, due.key_date_id == followed["_id"])
    if balances is None:
        rows = rows.mutate(_after=ibis.null("float64"), _before=ibis.null("float64"))
    else:
        held = _balances(due.filter(due.kind == "maturity"), balances, as_of)
        rows = rows.left_join(held, rows.key_date_id == held["_key_date"])
    is_kept = rows["_id"].notnull() | (rows["_after"] > 0).fill_null(False)
    return rows.select(
        *due.columns,
        is_kept=is_kept,
        is_open=~is_kept & ~rows.is_closed,
        new_money=(rows["_after"] - rows["_before"]).clip(lower=0),
    )


def _balances(due: ir.Table, balances: ir.Table, as_of: date) -> ir.Table:
    """Return the last balance before each maturity, and the last one after it within its days."""
    held = balances.filter(balances.balance_on <= as_of).semi_join(due, "customer_key")
    held = held.group_by("customer_key", "matches", "balance_on").agg(
        balance=held.balance.cast("float64").sum()
    )
    held = held.select(_who="customer_key", _what="matches", _on="balance_on", _sum="balance")
    asked = due.select("key_date_id", "customer_key", "due_on", "until_on", "matches")
    early = _days_from(asked.due_on, -BALANCES_BEFORE)
    pairs = asked.mutate(_early=early).inner_join(
        held,
        [
            asked.customer_key == held["_who"],
            held["_on"] <= asked.until_on,
            asked.matches.isnull() | (asked.matches == held["_what"]),
        ],
    )
    pairs = pairs.filter(pairs["_on"] >= pairs["_early"])
    days = pairs.group_by("key_date_id", "due_on", "_on").agg(_sum=pairs["_sum"].sum())
    is_after = days["_on"] > days.due_on
    is_before = days["_on"] < days.due_on
    return days.group_by(_key_date="key_date_id").agg(
        _after=days["_sum"].argmax(days["_on"], where=is_after),
        _before=days["_sum"].argmax(days["_on"], where=is_before),
    )


def due_kept(dates: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the key dates whose time is over was followed by business?

    Parameters
    ----------
    dates
        ``kept_dates``.
    by
        Columns to tell apart.

    Returns
    -------
    One row per ``by``: ``due``, ``kept``, ``open`` (int64; closed ones, those of them kept, and
    those still open), ``value_due``, ``value_kept`` (money at stake in the closed ones),
    ``matured`` (maturities with balances to compare, int64), ``new_money`` (money),
    ``kept_rate`` with ``low`` and ``high`` (0 to 1; null where none is closed).

    References
    ----------
    Definitions: due_kept.
    """
    closed, kept = dates.is_closed, dates.is_closed & dates.is_kept
    sums = dates.aggregate(
        by=list(by),
        due=closed.sum().cast("int64").fill_null(0),
        kept=kept.sum().cast("int64").fill_null(0),
        open=dates.is_open.sum().cast("int64").fill_null(0),
        value_due=dates.value.sum(where=closed).cast(_MONEY).fill_null(0),
        value_kept=dates.value.sum(where=kept).cast(_MONEY).fill_null(0),
        matured=dates.new_money.count(where=closed).cast("int64"),
        new_money=dates.new_money.sum(where=closed).cast(_MONEY).fill_null(0),
    )
    rate = sums.kept.cast("float64") / sums.due.cast("float64").nullif(0)
    low, high = wilson(sums.kept, sums.due)
    return sums.mutate(kept_rate=rate, low=low, high=high)


def _days_from(day: ir.DateValue, days: int) -> ir.DateValue:
    """Return so many days later, as a date.

    DuckDB gives a timestamp, which Ibis takes for a date; compared with dates, it makes a timestamp
    of each of them.
    """
    return (day.cast("timestamp") + ibis.interval(days=days)).cast("date")
