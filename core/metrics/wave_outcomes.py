"""What became of the customers of waves: read from their orders, never from what was claimed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core.metrics.overdue import lapse_days

_MONEY = "decimal(18, 4)"


def wave_outcomes(
    assignments: ir.Table,
    occasions: ir.Table,
    entries: ir.Table,
    *,
    as_of: date,
    contacts: ir.Table | None = None,
    service_purposes: Sequence[str] = (),
) -> ir.Table:
    """Did each customer of a wave buy within the horizon, and what?

    The window runs from the day after the assignment to ``horizon_days`` later, the same for every
    arm. A purchase that was wholly given back by ``as_of`` is none; money is what was booked in the
    window, refunds taken off on their own day. As long as the window is open, nothing is told:
    neither who bought, nor what. Contacts are told at once; they count from the day of the
    assignment on, except those for service, which both arms get alike.

    Parameters
    ----------
    assignments
        One row per customer and wave: ``wave_id`` (text), ``customer_key``, ``arm`` (treated,
        control, exempt), ``tier`` (at the assignment), ``assigned_on`` (date), ``horizon_days``.
        Further columns (``cause``, ``offer``, as they were at the assignment) stay.
    occasions
        Occasions that stood at ``as_of``.
    entries
        What was booked up to ``as_of``, as ``ledger.ENTRIES``.
    as_of
        Day at whose end the wave is looked at; later assignments are not seen.
    contacts
        Contacts made; null if they are not recorded.
    service_purposes
        What ``purpose`` of contacts says for service: complaint, maturity, recall.

    Returns
    -------
    The rows of ``assignments`` with ``closes_on`` (date, last day of the window), ``is_closed``,
    ``has_bought`` (boolean), ``bought_on`` (date of the first purchase; null: none), ``net``,
    ``margin`` (money; 0 of who bought nothing) - these four null while the window is open - and
    ``contacts`` (int64), ``is_reached`` (boolean; null where no contact says so): both null if
    contacts are not recorded.

    References
    ----------
    Definitions: winback_rate, lift.
    """
    seen = assignments.filter(assignments.assigned_on <= as_of)
    closes_on = (seen.assigned_on + seen.horizon_days.as_interval("D")).cast("date")
    rows = seen.mutate(closes_on=closes_on, is_closed=closes_on <= as_of)
    rows = _with(rows, _first_purchase(rows, occasions))
    rows = _with(rows, _money(rows, entries))
    rows = _with(rows, _contacted(rows, contacts, as_of, service_purposes))
    zero = ibis.literal(0).cast(_MONEY)
    money = {
        name: rows.is_closed.ifelse(rows[name].fill_null(zero), ibis.null(_MONEY))
        for name in ("net", "margin")
    }
    is_recorded = contacts is not None
    return rows.mutate(
        has_bought=rows.is_closed.ifelse(rows.bought_on.notnull(), ibis.null("boolean")),
        bought_on=rows.is_closed.ifelse(rows.bought_on, ibis.null("date")),
        contacts=rows.contacts.fill_null(0) if is_recorded else rows.contacts,
        **money,
    )


def wave_strata(outcomes: ir.Table, *, is_on_margin: bool, by: Sequence[str] = ()) -> ir.Table:
    """What became of each arm of each tier of each closed wave?

    A wave is closed when the windows of all its customers are. Exempt customers are in no arm.

    Parameters
    ----------
    outcomes
        ``wave_outcomes``.
    is_on_margin
        Money is margin; else net.
    by
        Further columns to tell apart, known at the assignment: ``cause``, ``offer``.

    Returns
    -------
    One row per wave, tier, value of ``by`` and arm: ``wave_id``, ``tier``, ``arm``, ``customers``,
    ``bought`` (int64), ``mean`` (float64, money per customer), ``variance`` (float64, of the
    sample; null with one customer), ``contacted`` (int64, customers), ``contacts`` (int64; these
    two null where contacts are not recorded).
    """
    is_open = ~outcomes.is_closed
    drawn = outcomes.filter(outcomes.arm.isin(("treated", "control")))
    drawn = drawn.anti_join(outcomes.filter(is_open).select("wave_id").distinct(), "wave_id")
    money = (drawn.margin if is_on_margin else drawn.net).cast("float64")
    return drawn.group_by("wave_id", "tier", *by, "arm").agg(
        customers=drawn.count().cast("int64"),
        bought=drawn.has_bought.sum().cast("int64"),
        mean=money.mean(),
        variance=money.var(how="sample"),
        contacted=(drawn.contacts > 0).sum().cast("int64"),
        contacts=drawn.contacts.sum().cast("int64"),
    )


def won(
    outcomes: ir.Table,
    *,
    lapse_after_days: int,
    lapse_by_segment: Mapping[str, int] | None = None,
) -> ir.Table:
    """Which customers of waves bought within the horizon: the beginning of their second life?

    Returns
    -------
    The rows of ``outcomes`` that bought, with ``returned_on`` (date) and ``lapse_days`` (int64), as
    ``second_life.second_life_survival`` takes them. With ``lapse_by_segment``, ``outcomes`` needs
    ``segment``.
    """
    tau = lapse_days(outcomes, lapse_after_days, lapse_by_segment)
    rows = outcomes.mutate(returned_on=outcomes.bought_on, lapse_days=tau.cast("int64"))
    return rows.filter(rows.has_bought)


def _first_purchase(rows: ir.Table, occasions: ir.Table) -> ir.Table:
    bought = occasions.select(_key="customer_key", _on="occasion_on")
    pairs = _in_window(rows, bought)
    return pairs.group_by("wave_id", "customer_key").agg(bought_on=pairs["_on"].min())


def _money(rows: ir.Table, entries: ir.Table) -> ir.Table:
    net = entries.gross - entries.returned
    booked = entries.select(
        _key="customer_key", _on="entered_on", _net=net,
        _margin=net - entries.cost - entries.service_cost,
    )  # fmt: skip
    pairs = _in_window(rows, booked)
    return pairs.group_by("wave_id", "customer_key").agg(
        net=pairs["_net"].sum().cast(_MONEY), margin=pairs["_margin"].sum().cast(_MONEY)
    )


def _contacted(
    rows: ir.Table, contacts: ir.Table | None, as_of: date, service_purposes: Sequence[str]
) -> ir.Table:
    if contacts is None:
        return rows.select(
            "wave_id", "customer_key", contacts=ibis.null("int64"), is_reached=ibis.null("boolean")
        )
    made = contacts.filter(contacts.contacted_at < as_of + timedelta(days=1))
    if service_purposes:
        made = made.filter(~made.purpose.isin(list(service_purposes)).fill_null(False))
    made = made.select(
        _key="customer_key", _on=made.contacted_at.cast("date"), _is_reached="is_reached"
    )
    pairs = _in_window(rows, made, from_the_first=True)
    return pairs.group_by("wave_id", "customer_key").agg(
        contacts=pairs.count().cast("int64"), is_reached=pairs["_is_reached"].any()
    )


def _in_window(rows: ir.Table, dated: ir.Table, *, from_the_first: bool = False) -> ir.Table:
    """Pair rows with what happened to their customers (``_key``, ``_on``) in their windows."""
    asked = rows.select("wave_id", "customer_key", "assigned_on", "closes_on")
    pairs = asked.inner_join(dated, asked.customer_key == dated["_key"])
    first = pairs.assigned_on if from_the_first else pairs.assigned_on + ibis.interval(days=1)
    return pairs.filter((pairs["_on"] >= first.cast("date")) & (pairs["_on"] <= pairs.closes_on))


def _with(rows: ir.Table, found: ir.Table) -> ir.Table:
    """Add what was found of some customers of some waves."""
    renamed = found.rename(_wave="wave_id", _customer="customer_key")
    same = [rows.wave_id == renamed["_wave"], rows.customer_key == renamed["_customer"]]
    return rows.left_join(renamed, same).drop("_wave", "_customer")
