"""Key accounts that begin to slip: the first signs, before anybody is overdue."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.definitions import TIERS
from core.metrics.at_risk import MONTHS, REASONS, signs
from core.periods import window_start

FALLS = ("value_down", "fewer_occasions", "wallet_falling")
SIGNS = (*REASONS, *FALLS)
KEY = TIERS[:2]  # of active customers, one in twenty by default
# Half of the best customers of a year bring less in the next by chance: alone, these are no news.
EXPECTED = ("tier_drop", "value_down")
LEAST_FEWER = 2  # occasions: from three to two says nothing


def with_value_down(
    lines: ir.Table, year_ago: ir.Table, *, as_of: date, change: float = 0.2
) -> ir.Table:
    """Return who is active at both days and brought less by ``change`` or more than a year ago.

    Parameters
    ----------
    lines, year_ago
        Ledger lines at ``as_of`` and 12 months before, with ``value`` on the same basis.
    change
        Least fall, as a share of the value then (which is above 0).
    """
    rows = _both(lines, year_ago, "value")
    then, now = rows["_then"].cast("float64"), rows["_now"].cast("float64")
    fell = rows.filter((then > 0) & (_rounded(then - now) >= _rounded(then * change)))
    return fell.select("customer_key", evidence_on=ibis.literal(as_of))


def with_fewer_occasions(
    lines: ir.Table, year_ago: ir.Table, *, as_of: date, change: float = 0.2
) -> ir.Table:
    """Return who is active at both days and came less often by ``change`` or more, and by two."""
    rows = _both(lines, year_ago, "occasions_12m")
    then, now = rows["_then"].cast("float64"), rows["_now"].cast("float64")
    fewer = then - now
    fell = rows.filter((fewer >= _rounded(then * change)) & (fewer >= LEAST_FEWER))
    return fell.select("customer_key", evidence_on=ibis.literal(as_of))


def with_falling_wallet(surveys: ir.Table, *, as_of: date, change: float = 0.2) -> ir.Table:
    """Return who gives us a smaller share of the wallet than at the answer before.

    The last answer, within 12 months, lies below the one before it by ``change`` or more of that;
    both are measured from the lowest score of their scale.
    """
    day = surveys.answered_at.cast("date")
    rows = surveys.filter(
        (surveys.instrument == "wallet") & surveys.score.notnull() & (day <= as_of)
    )
    rows = rows.mutate(
        evidence_on=rows.answered_at.cast("date"),
        _share=rows.score - rows.scale_min.fill_null(0.0),
    )
    newest = ibis.window(
        group_by="customer_key", order_by=[rows.answered_at.desc(), rows.survey_id.desc()]
    )
    rows = rows.mutate(
        _place=ibis.row_number().over(newest), _before=rows["_share"].lead().over(newest)
    )
    last = rows.filter((rows["_place"] == 0) & (rows.evidence_on >= window_start(as_of, MONTHS)))
    fall = last["_before"] - last["_share"]
    fell = last.filter(
        (last["_before"] > 0) & (_rounded(fall) >= _rounded(last["_before"] * change))
    )
    return fell.select("customer_key", "evidence_on")


def early_warning(
    lines: ir.Table,
    risks: ir.Table,
    evidence: Mapping[str, ir.Table],
    *,
    upper_then: ir.Table | None = None,
    value_then: ir.Table | None = None,
) -> ir.Table:
    """Which key accounts begin to slip, since when, and what do they bring?

    Key accounts are active customers of the upper two tiers, now or a year ago: who has already
    fallen out of them is the one to ask about. Any reason of ``at_risk`` is a sign, and so is
    less value, fewer occasions or a falling share of the wallet. About half of the best customers
    of a year bring less in the next by chance alone: a fall of value or tier is shown beside
    another sign, and gives no warning by itself.

    Parameters
    ----------
    lines
        Ledger lines at a day, with ``value``.
    risks
        ``at_risk`` of the same lines.
    evidence
        Some of ``FALLS``, each with a table of ``customer_key`` and ``evidence_on``.
    upper_then
        Ledger lines a year ago, where tiers compare with those of ``lines``; else null.
    value_then
        Ledger lines a year ago with ``value`` on the same basis, where their 12 months lie within
        the books; else null.

    Returns
    -------
    One row per key account: ``customer_key``, ``tier_name``, ``tier_year_ago`` (null: not active
    then, or not comparable), ``branch``, ``manager``, ``last_on``, ``value``, ``value_year_ago``
    (money; null: not active then, or not known), ``reasons`` (int64, how many signs),
    ``is_warned`` (any sign that is not one of ``EXPECTED``), ``first_sign_on`` (date; null without
    a sign), and for each of ``SIGNS`` a date ``<sign>_on``.

    References
    ----------
    Definitions: kind (migrating); Ehrenberg-Bass on regression to the mean.
    """
    rows = lines.filter(lines.is_active).select(
        "customer_key", "tier_name", "branch", "manager", "last_on", "value"
    )
    rows = _then(rows, upper_then, "tier_name", "tier_year_ago")
    rows = _then(rows, value_then, "value", "value_year_ago")
    rows = rows.filter(_is_key(rows))
    known = risks.select(
        _risk="customer_key", _risks="reasons", **{f"{r}_on": risks[f"{r}_on"] for r in REASONS}
    )
    rows = rows.left_join(known, rows.customer_key == known["_risk"])
    fallen = signs(evidence, FALLS, lines).rename(_fall="customer_key", _falls="reasons")
    rows = rows.left_join(fallen, rows.customer_key == fallen["_fall"])
    days = [rows[f"{sign}_on"] for sign in SIGNS]
    never = ibis.date(9999, 12, 31)
    first = ibis.least(*[day.fill_null(never) for day in days]).nullif(never)
    is_warned = ibis.or_(*[rows[f"{s}_on"].notnull() for s in SIGNS if s not in EXPECTED])
    return rows.mutate(
        reasons=rows["_risks"].fill_null(0) + rows["_falls"].fill_null(0),
        first_sign_on=first,
        is_warned=is_warned,
    ).drop("_risk", "_risks", "_fall", "_falls")


def of_key_accounts(lines: ir.Table, upper_then: ir.Table | None) -> ir.Table:
    """Return the ledger lines of key accounts, as ``early_warning`` takes them."""
    active = lines.filter(lines.is_active)
    if upper_then is None:
        return active.filter(active.tier_name.isin(KEY).fill_null(False))
    # Few were key accounts then: the others need not be looked up.
    was_key = upper_then.filter(upper_then.is_active & upper_then.tier_name.isin(KEY))
    was_key = was_key.select(_key="customer_key")
    rows = active.left_join(was_key, active.customer_key == was_key["_key"])
    is_key = rows.tier_name.isin(KEY).fill_null(False) | rows["_key"].notnull()
    return rows.filter(is_key).drop("_key")


def _is_key(rows: ir.Table) -> ir.BooleanValue:
    now, then = rows.tier_name.isin(KEY), rows.tier_year_ago.isin(KEY)
    return now.fill_null(False) | then.fill_null(False)


def warned(found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many key accounts give a warning, and what do they bring?

    Parameters
    ----------
    found
        ``early_warning``, with the columns of ``by``.

    Returns
    -------
    One row (per value of ``by``): ``key_accounts``, ``warned`` (int64), ``value`` (of the key
    accounts), ``value_warned`` (money).
    """
    is_warned = found.is_warned
    return found.aggregate(
        by=list(by),
        key_accounts=found.count().cast("int64"),
        warned=is_warned.sum().cast("int64").fill_null(0),
        value=found.value.sum().fill_null(0),
        value_warned=found.value.sum(where=is_warned).fill_null(0),
    )


def warning_signs(found: ir.Table) -> ir.Table:
    """How many of the key accounts that give a warning show each sign, and what do they bring?

    Who shows several signs stands under each of them, so the rows do not add up.

    Parameters
    ----------
    found
        ``early_warning``.

    Returns
    -------
    One row per sign that anybody shows: ``reason``, ``heads`` (int64), ``value`` (money).
    """
    rows = found.filter(found.is_warned)
    sums = {}
    for sign in SIGNS:
        has_it = rows[f"{sign}_on"].notnull()
        sums |= {
            f"heads_{sign}": has_it.sum().cast("int64").fill_null(0),
            f"value_{sign}": rows.value.sum(where=has_it),
        }
    wide = rows.agg(**sums)
    parts = [
        wide.select(
            reason=ibis.literal(sign), heads=wide[f"heads_{sign}"], value=wide[f"value_{sign}"]
        )
        for sign in SIGNS
    ]
    every = ibis.union(*parts)
    return every.filter(every.heads > 0)


def _then(rows: ir.Table, before: ir.Table | None, column: str, name: str) -> ir.Table:
    """Add what a column of the lines of a year ago held of those active then."""
    if before is None:
        dtype = rows[column].type()
        return rows.mutate(**{name: ibis.null(dtype)})
    then = before.filter(before.is_active).select(_key="customer_key", **{name: column})
    return rows.left_join(then, rows.customer_key == then["_key"]).drop("_key")


def _both(lines: ir.Table, year_ago: ir.Table, column: str) -> ir.Table:
    then = year_ago.filter(year_ago.is_active).select(_key="customer_key", _then=column)
    now = lines.filter(lines.is_active).select("customer_key", _now=column)
    return now.inner_join(then, now.customer_key == then["_key"])


def _rounded(amount: ir.FloatingValue) -> ir.FloatingValue:
    """Money has four decimals: a fifth of it in binary would miss its own edge."""
    return amount.round(4)
