"""One month-end of the ledger, made from the one before it and what was booked in between.

A line needs no look at the whole history: sums over the last 12 months gain what came in and lose
what is 12 months old. Only customers of whom an occasion was voided since the month-end before are
worked out afresh, because their past now looks different; and so are contracts.
"""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.definitions import Definitions
from core.ledger.contracts import running
from core.ledger.cuts import Cuts
from core.ledger.entries import MONEY
from core.ledger.scopes import BEGINNING
from core.periods import window_start

_AMOUNT = pa.decimal128(18, 4)
LINES = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("since_on", pa.date32()),  # first occasion or contract; null: prospect
        ("first_on", pa.date32()),  # first occasion
        ("second_on", pa.date32()),  # second occasion
        ("last_on", pa.date32()),  # last occasion
        ("active_until", pa.date32()),  # last day of not being lost, as known at this month-end
        ("is_active", pa.bool_()),
        ("tier", pa.int8()),  # 1 top .. 4 other; the lost keep their last; null: never had one
        ("occasions", pa.int32()),
        ("occasions_12m", pa.int32()),
        ("net_12m", _AMOUNT),
        ("margin_12m", _AMOUNT),
        ("costed_net_12m", _AMOUNT),
        ("contract_12m", _AMOUNT),  # contained in the three above
        ("net_total", _AMOUNT),  # since the books begin, contracts apart
        ("scope_key", pa.int32()),
        ("is_backfilled", pa.bool_()),  # the scope was taken over from later
        ("month_end", pa.date32()),
    ]
)
MONTHS = 12  # that value looks back
_SUMS = ("net", "margin", "costed_net")


# One row that says which day the lines are made for. The expressions below read it as a table, so
# that they are compiled once and serve every month-end.
STEP = pa.schema(
    [
        ("previous", pa.date32()),  # ledger day before; the year 1 at the beginning
        ("day", pa.date32()),
        ("old_from", pa.date32()),  # what was booked from here ...
        ("old_until", pa.date32()),  # ... to here, exclusive, has become too old for the window
        ("is_on_margin", pa.bool_()),  # value is margin; else net
        ("cut_1", pa.float64()),  # least value of the top tier; null: nobody to cut
        ("cut_2", pa.float64()),
        ("cut_3", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Facts:
    """What ledger lines are made of: tables in one connection."""

    step: ir.Table  # STEP
    before: ir.Table  # LINES of the ledger day before
    came: ir.Table  # ENTRIES of customers: at least those from previous to day
    old: ir.Table  # ENTRIES of customers: at least those from old_from to old_until
    revised: ir.Table  # all occasions of customers of whom one was ever voided
    spans: ir.Table  # customer_key, from_on, to_on, scope_key, is_backfilled
    blank_scope: int  # scope_key of customers of whom nothing is known
    joined: ir.Table  # customer_key, joined_on: known since then without a purchase
    contracts: ir.Table | None
    segments: ir.Table | None  # scope_key, lapse_after_days, where some segments differ


def step(previous: date | None, day: date, cuts: Cuts | None) -> dict[str, object]:
    """Return the row of ``STEP`` that leads from ``previous`` (null: none) to ``day``."""
    until = window_start(day, MONTHS)
    values = cuts.values if cuts and cuts.values else (None, None, None)
    return {
        "previous": previous or BEGINNING,
        "day": day,
        "old_from": window_start(previous, MONTHS) if previous else until,
        "old_until": until,
        "is_on_margin": bool(cuts and cuts.is_on_margin),
        **{f"cut_{i}": value for i, value in enumerate(values, start=1)},
    }


def next_lines(facts: Facts, definitions: Definitions) -> ir.Table:
    """Return the ledger lines of the day that ``facts.step`` names, but for their tier.

    Returns
    -------
    One row per customer known at that day: the columns of ``LINES`` with ``last_tier`` in place of
    ``tier``.
    """
    lines = facts.before.outer_join(_booked(facts), "customer_key")
    lines = lines.mutate(customer_key=ibis.coalesce(lines.customer_key, lines.customer_key_right))
    lines = lines.drop("customer_key_right")
    lines = _carried(_with_prospects(lines, facts))
    lines = _revised(_without_expired(lines, facts), facts)
    return _states(_scoped(lines, facts), facts, definitions)


def _booked(facts: Facts) -> ir.Table:
    """Return one row per customer with what was booked since the ledger day before."""
    rows = facts.came.cross_join(facts.step)
    rows = rows.filter((rows.entered_on <= rows.day) & (rows.entered_on > rows.previous))
    rows = rows.mutate(orders=_standing(rows)).select(*facts.came.columns)
    first = rows.filter(rows.orders > 0).group_by("customer_key").agg(f=rows.entered_on.min())
    joined = rows.left_join(first, "customer_key").drop("customer_key_right")
    is_occasion = joined.orders > 0
    return joined.group_by("customer_key").agg(
        new_first=joined.f.min(),
        new_second=joined.entered_on.min(where=is_occasion & (joined.entered_on > joined.f)),
        new_last=joined.entered_on.max(where=is_occasion),
        new_occasions=is_occasion.sum().cast("int32"),
        **{f"new_{c}": _sum(joined, c) for c in _SUMS},
    )


def _standing(rows: ir.Table) -> ir.IntegerValue:
    """Purchases of an entry; none where all of them were voided by the day of the step."""
    is_voided = (rows.voided_on <= rows.day).fill_null(False)
    return is_voided.ifelse(0, rows.orders).cast("int32")


def _sum(rows: ir.Table, name: str) -> ir.DecimalScalar:
    net = rows.gross - rows.returned
    values = {
        "net": net,
        "margin": net - rows.cost - rows.service_cost,
        "costed_net": rows.costed_net,
    }
    return values[name].sum().cast(MONEY)


def _with_prospects(lines: ir.Table, facts: Facts) -> ir.Table:
    known = facts.joined.cross_join(facts.step)
    known = known.filter((known.joined_on <= known.day) & (known.joined_on > known.previous))
    known = known.select(_key="customer_key")
    both = lines.outer_join(known, lines.customer_key == known["_key"])
    key = ibis.coalesce(both.customer_key, both["_key"])
    return both.mutate(customer_key=key).drop("_key")


def _carried(lines: ir.Table) -> ir.Table:
    """Add what was booked to what stood."""
    zero = ibis.literal(0).cast(MONEY)
    second = ibis.coalesce(
        lines.second_on, lines.first_on.isnull().ifelse(lines.new_second, lines.new_first)
    )
    trade = {
        f"{c}_12m": (
            lines[f"{c}_12m"].fill_null(zero)
            - lines.contract_12m.fill_null(zero)
            + lines[f"new_{c}"].fill_null(zero)
        ).cast(MONEY)
        for c in _SUMS
    }
    return lines.select(
        "customer_key",
        first_on=ibis.coalesce(lines.first_on, lines.new_first),
        second_on=second,
        last_on=ibis.coalesce(lines.new_last, lines.last_on),
        occasions=_plus(lines.occasions, lines.new_occasions),
        occasions_12m=_plus(lines.occasions_12m, lines.new_occasions),
        **trade,
        net_total=(lines.net_total.fill_null(zero) + lines.new_net.fill_null(zero)).cast(MONEY),
        last_tier=lines.tier,
    )


def _without_expired(lines: ir.Table, facts: Facts) -> ir.Table:
    """Take off what has become too old for the window."""
    old = facts.old.cross_join(facts.step)
    old = old.filter((old.entered_on >= old.old_from) & (old.entered_on < old.old_until))
    old = old.mutate(orders=_standing(old))
    gone = old.group_by("customer_key").agg(
        gone_occasions=(old.orders > 0).sum().cast("int32"),
        **{f"gone_{c}": _sum(old, c) for c in _SUMS},
    )
    joined = lines.left_join(gone, "customer_key").drop("customer_key_right")
    zero = ibis.literal(0).cast(MONEY)
    return joined.mutate(
        occasions_12m=(joined.occasions_12m - joined.gone_occasions.fill_null(0)).cast("int32"),
        **{
            f"{c}_12m": (joined[f"{c}_12m"] - joined[f"gone_{c}"].fill_null(zero)).cast(MONEY)
            for c in _SUMS
        },
    ).drop("gone_occasions", *[f"gone_{c}" for c in _SUMS])


def _revised(lines: ir.Table, facts: Facts) -> ir.Table:
    """Work out afresh the customers of whom an occasion was voided in this step."""
    occasions = facts.revised.cross_join(facts.step)
    is_now = (occasions.voided_on > occasions.previous) & (occasions.voided_on <= occasions.day)
    names = occasions.filter(is_now.fill_null(False)).select(_key="customer_key").distinct()
    occasions = occasions.semi_join(names, occasions.customer_key == names["_key"])
    standing = occasions.filter(
        (occasions.entered_on <= occasions.day)
        & (occasions.voided_on.isnull() | (occasions.voided_on > occasions.day))
    )
    first = standing.group_by("customer_key").agg(f=standing.entered_on.min())
    joined = standing.inner_join(first, "customer_key")
    is_recent = joined.entered_on >= joined.old_until
    exact = joined.group_by("customer_key").agg(
        r_first=joined.f.min(),
        r_second=joined.entered_on.min(where=joined.entered_on > joined.f),
        r_last=joined.entered_on.max(),
        r_occasions=joined.count().cast("int32"),
        r_occasions_12m=is_recent.sum().cast("int32"),
    )
    exact = names.left_join(exact, names["_key"] == exact.customer_key).drop("customer_key")
    both = lines.left_join(exact, lines.customer_key == exact["_key"])
    is_revised = both["_key"].notnull()
    return both.mutate(
        first_on=is_revised.ifelse(both.r_first, both.first_on),
        second_on=is_revised.ifelse(both.r_second, both.second_on),
        last_on=is_revised.ifelse(both.r_last, both.last_on),
        occasions=is_revised.ifelse(both.r_occasions.fill_null(0), both.occasions).cast("int32"),
        occasions_12m=is_revised.ifelse(both.r_occasions_12m.fill_null(0), both.occasions_12m).cast(
            "int32"
        ),
    ).drop("_key", "r_first", "r_second", "r_last", "r_occasions", "r_occasions_12m")


def _scoped(lines: ir.Table, facts: Facts) -> ir.Table:
    held = facts.spans.cross_join(facts.step)
    held = held.filter((held.from_on <= held.day) & (held.to_on > held.day))
    held = held.select("customer_key", "scope_key", "is_backfilled")
    joined = lines.left_join(held, "customer_key").drop("customer_key_right")
    return joined.mutate(
        scope_key=joined.scope_key.fill_null(facts.blank_scope).cast("int32"),
        is_backfilled=joined.is_backfilled.fill_null(False),
    )


def _states(lines: ir.Table, facts: Facts, definitions: Definitions) -> ir.Table:
    zero = ibis.literal(0).cast(MONEY)
    if facts.contracts is None:
        lines = lines.mutate(
            c_since=ibis.null("date"), c_until=ibis.null("date"), contract_12m=zero
        )
    else:
        contracts = running(facts.contracts, facts.step)
        lines = lines.left_join(contracts, "customer_key").drop("customer_key_right")
        lines = lines.mutate(contract_12m=lines.contract_12m.fill_null(zero).cast(MONEY))
    lines = lines.cross_join(facts.step.select("day"))
    lapse: ir.IntegerValue = ibis.literal(definitions.lapse_after_days)
    if facts.segments is not None:
        lines = lines.left_join(facts.segments, "scope_key").drop("scope_key_right")
        lapse = lines.lapse_after_days.fill_null(definitions.lapse_after_days)
    silence_until = lines.last_on + lapse.as_interval("D")
    until = ibis.greatest(
        ibis.coalesce(silence_until.cast("date"), lines.c_until),
        ibis.coalesce(lines.c_until, silence_until.cast("date")),
    )
    since = ibis.least(
        ibis.coalesce(lines.first_on, lines.c_since), ibis.coalesce(lines.c_since, lines.first_on)
    )
    return lines.mutate(
        since_on=since,
        active_until=until,
        is_active=(until >= lines.day).fill_null(False),
        month_end=lines.day,
        **{f"{c}_12m": (lines[f"{c}_12m"] + lines.contract_12m).cast(MONEY) for c in _SUMS},
    ).select("last_tier", *[name for name in LINES.names if name != "tier"])


def with_tiers(lines: ir.Table, step: ir.Table) -> ir.Table:
    """Give active customers the tier of their value; the lost keep the one they had.

    A customer without positive value is in none of the upper three tiers. Equal values get equal
    tiers. Where there is nobody to cut, nobody active has a tier.
    """
    rows = lines.cross_join(step.select("is_on_margin", "cut_1", "cut_2", "cut_3"))
    value = rows.is_on_margin.ifelse(rows.margin_12m, rows.net_12m)
    branches = [
        ((value > 0) & (value >= rows[f"cut_{number}"].cast(MONEY)), number) for number in (1, 2, 3)
    ]
    tier = ibis.cases((rows.cut_1.isnull(), ibis.null("int64")), *branches, else_=4)
    kept = rows.is_active.ifelse(tier.cast("int8"), rows.last_tier.cast("int8"))
    return rows.mutate(tier=kept).select(*LINES.names)


def _plus(left: ir.IntegerValue, right: ir.IntegerValue) -> ir.IntegerValue:
    return (left.fill_null(0) + right.fill_null(0)).cast("int32")
