"""The pyramid told apart: levels, curves, kinds, moves between tiers, RFM, negative value."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.breakdowns.breakdown import Breakdown, Period
from core.breakdowns.windows import brought_in
from core.figures.figure import Note
from core.figures.pyramid import customers_by_kind, why_no_kinds
from core.figures.tiers import earlier_periods, ends_of, few_earlier, incomparable
from core.metrics import pyramid as tiers
from core.metrics.kinds import KINDS, heads_of_kinds
from core.metrics.migration import tier_migration, tier_moves
from core.metrics.negative_value import negative_value, negative_value_parts
from core.metrics.rfm import MEASURES, rfm, rfm_cells, rfm_cuts
from core.periods import month_start, window_start
from core.view import View

MONTHS = 12
PLACES = ("top", "high", "middle", "other", "elsewhere", "lost", "none", "prospect")
_CURVE = ("buyers", "share_of_buyers", "share_of_value")
_LEVEL = ("customers", "value", "share_of_heads", "share_of_value", "value_per_head")
_MOVES = (
    "tier_then", "tier_now", "customers", "value_then", "value_now", "share_of_row",
    "expected_share", "expected_heads", "excess",
)  # fmt: skip
WINDOWS = (3, 6, 12, 18, 24)  # months
_WINDOWS = ("window_months", "buyers", "top", "value", "top_share")
_KINDS = ("customer_kind", "customers", "value", "value_then", "share_of_heads", "share_of_value")
_PARTS = (
    "tier_name", "customers", "value", "gross", "discount", "returned", "cost", "service_cost",
    "contract",
)  # fmt: skip


def levels(view: View, period: Period) -> ir.Table:
    """Return the levels of the pyramid, the lost as one."""
    lines = view.lines(period.as_of, view.is_on_margin(period.as_of))
    known = lines.is_active.ifelse(lines.tier_name, ibis.null("string"))
    found = tiers.pyramid(lines.mutate(tier_name=known))
    return found.mutate(tier_name=found.level, customers=found.heads, place=_place(found.level))


def lorenz(view: View, period: Period) -> ir.Table:
    """Return the Lorenz curve, the least of the buyers first."""
    return tiers.lorenz(view.lines(period.as_of, view.is_on_margin(period.as_of)))


def whale(view: View, period: Period) -> ir.Table:
    """Return the whale curve, the best of the buyers first."""
    lines = view.lines(period.as_of, view.is_on_margin(period.as_of))
    return tiers.lorenz(lines, descending=True)


def windows(view: View, period: Period) -> ir.Table | pa.Table:
    """Return the share of the best fifth over windows of several lengths."""
    day, first_on = period.as_of, month_start(view.ledger.refresh.first_on)
    known = [months for months in WINDOWS if window_start(day, months) >= first_on]
    if not known:
        return _nothing(_WINDOWS)
    is_on_margin = view.is_on_margin(day)
    found = []
    for months in known:
        brought = brought_in(view, day, months, is_on_margin)
        found.append(tiers.top_share(brought).mutate(window_months=ibis.literal(months)))
    return ibis.union(*found).rename(buyers="n")


def kinds(view: View, period: Period) -> ir.Table | pa.Table:
    """Return the kinds of customers."""
    year_ago = view.year_before(period.as_of)
    if year_ago is None or why_no_kinds(view, period.as_of):
        return _nothing(_KINDS)
    is_on_margin = view.is_on_margin(year_ago, period.as_of)
    found = heads_of_kinds(customers_by_kind(view, period.as_of, year_ago, is_on_margin))
    place = found.kind.cases(*[(kind, i) for i, kind in enumerate(KINDS)], else_=len(KINDS))
    return found.mutate(customer_kind=found.kind, customers=found.heads, place=place)


def moves(view: View, period: Period) -> ir.Table | pa.Table:
    """Return the moves between tiers, with what is usual."""
    opening, closing = period.opening, period.as_of
    if opening is None or incomparable(view, opening, closing):
        return _nothing(_MOVES)
    is_on_margin = view.is_on_margin(opening, closing)
    ends = (view.all_lines(day, is_on_margin) for day in (opening, closing))
    earlier = None
    if few_earlier(view, opening, closing) is None:
        earlier = tier_moves(*ends_of(view, earlier_periods(view, opening, closing)))
    found = tier_migration(tiers.tier_matrix(*ends), earlier)
    return found.mutate(
        customers=found.heads, place_then=_place(found.tier_then), place_now=_place(found.tier_now)
    )


def scores(view: View, period: Period) -> ir.Table:
    """Return the scores of RFM, under the cut-points of the day that the tiers' come from."""
    day, is_on_margin = period.as_of, view.is_on_margin(period.as_of)
    cut_on = next((row["cut_on"] for row in view.cuts if row["month_end"] == day), day)
    cuts = rfm_cuts(view.all_lines(cut_on, is_on_margin), as_of=cut_on)
    cells = rfm_cells(rfm(view.lines(day, is_on_margin), as_of=day, cuts=cuts))
    return cells.rename(customers="heads")


def parts(view: View, period: Period) -> ir.Table:
    """Return what negative value is made of, by tier."""
    day = period.as_of
    lines = view.lines(day, view.is_on_margin(day))
    level = lines.is_active.ifelse(lines.tier_name, "lost")
    entries = view.entries(day, window_start(day, MONTHS))
    found = negative_value(lines.mutate(tier_name=level), entries)
    sums = negative_value_parts(found, by=["tier_name"])
    return sums.mutate(place=_place(sums.tier_name))


def _place(level: ir.StringValue) -> ir.IntegerValue:
    return level.cases(*[(name, i) for i, name in enumerate(PLACES)], else_=len(PLACES))


def _nothing(columns: tuple[str, ...]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in columns})


def _basis(view: View, period: Period) -> tuple[Note, ...]:
    return (Note("on_margin" if view.is_on_margin(period.as_of) else "on_net"),)


def _cut_notes(view: View, period: Period) -> tuple[Note, ...]:
    provisional = (Note("provisional"),) if view.has_own_cuts(period.as_of) else ()
    return (*provisional, *_basis(view, period))


def _kind_notes(view: View, period: Period) -> tuple[Note, ...]:
    reason = why_no_kinds(view, period.as_of)
    return (reason,) if reason else _basis(view, period)


def _move_notes(view: View, period: Period) -> tuple[Note, ...]:
    opening, closing = period.opening, period.as_of
    if opening is None:
        return (Note("no_opening", {"first_on": view.ledger.refresh.first_on}),)
    if (reason := incomparable(view, opening, closing)) is not None:
        return (reason,)
    since = Note("since", {"day": opening})
    if (reason := few_earlier(view, opening, closing)) is not None:
        return since, reason
    periods = len(earlier_periods(view, opening, closing))
    return since, Note("expected_from", {"periods": periods})


def _negative_notes(view: View, period: Period) -> tuple[Note, ...]:
    basis = _basis(view, period)
    return basis if basis[0].key == "on_margin" else (Note("refunds_exceed_purchases"), *basis)


_CURRY = "Curry and Curry, The Customer Marketing Method (2000)"
BREAKDOWNS = (
    Breakdown(
        "pyramid", levels, ("tier_name", *_LEVEL), ("place",), notes=_cut_notes, reference=_CURRY
    ),
    Breakdown("lorenz", lorenz, _CURVE, ("buyers",), notes=_basis, reference="Lorenz (1905)"),
    Breakdown("whale", whale, _CURVE, ("buyers",), notes=_basis),
    Breakdown("top-share-windows", windows, _WINDOWS, ("window_months",), notes=_basis),
    Breakdown("kinds", kinds, _KINDS, ("place",), notes=_kind_notes),
    Breakdown(
        "tier-migration", moves, _MOVES, ("place_then", "place_now"), notes=_move_notes,
        reference="Ehrenberg, Repeat-Buying (1988)",
    ),
    Breakdown(
        "rfm", scores, (*MEASURES, "customers", "value", "share_of_heads", "share_of_value"),
        ("-r", "-f", "-m"), notes=_cut_notes,
        reference="Hughes, Strategic Database Marketing (1994)",
    ),
    Breakdown(
        "negative-value-parts", parts, _PARTS, ("place",), notes=_negative_notes
    ),
)  # fmt: skip
