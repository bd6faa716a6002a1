"""The way of leads from coming in to buying: how many get how far within their days."""

from datetime import date

import ibis
import ibis.expr.types as ir


def lead_funnel(
    leads: ir.Table,
    stages: ir.Table | None,
    *,
    as_of: date,
    within_days: int,
    since: date = date(1, 1, 1),
) -> ir.Table:
    """How many of the leads whose days have passed got how far in time?

    Stages stand in the order in which leads enter them on the whole. Who entered a later one, or
    bought, has passed those before it, also without a row there. A stage entered with the sale or
    the loss, or after it, is an end and no stage, as in ``stage_stays``. Without moves between
    stages the trial stands for them.

    Parameters
    ----------
    leads, stages
        The company's leads, and their moves, if brought.
    as_of
        Day at whose end they are looked at.
    within_days
        Days that a lead has.
    since
        Leads whose days ended from then on.

    Returns
    -------
    One row per step: ``step`` (int64, 0: come in; the last: bought), ``stage`` (text; null at the
    first and the last step), ``reached`` (int64, leads), ``reached_share`` (float64, 0 to 1, of
    those come in), ``step_rate`` (float64, 0 to 1, of those at the step before; null at the first).

    References
    ----------
    Definitions: leads.
    """
    last_day = (leads.created_at.cast("date") + ibis.interval(days=within_days)).cast("date")
    old = leads.filter((last_day <= as_of) & (last_day >= since))
    old = old.select("lead_id", "trial_at", "converted_at", "lost_at", _until=last_day)
    is_sold = (old.converted_at.cast("date") <= old["_until"]).fill_null(False)
    entered = _tried(old) if stages is None else _entered(old, stages)
    order = entered.group_by("stage").agg(_place=entered["_place"].mean())
    in_order = ibis.window(order_by=[order["_place"], order.stage])
    order = order.select("stage", step=(ibis.row_number().over(in_order) + 1).cast("int64"))
    ranked = entered.inner_join(order, "stage")
    furthest = ranked.group_by(_lead="lead_id").agg(_furthest=ranked.step.max())
    end = (order.step.max().fill_null(0) + 1).name("_end")
    old = old.mutate(_is_sold=is_sold).cross_join(order.aggregate(end))
    rows = old.left_join(furthest, old.lead_id == furthest["_lead"])
    furthest_step = rows["_is_sold"].ifelse(rows["_end"], rows["_furthest"].fill_null(0))
    counts = rows.group_by(_step=furthest_step).agg(_n=rows.count().cast("int64"))
    return _cumulated(order, counts)


def _entered(old: ir.Table, stages: ir.Table) -> ir.Table:
    """Return the stages that each lead entered in time, with the place of each on its way."""
    moves = stages.select(_lead="lead_id", stage="stage", moved_at="moved_at")
    both = moves.inner_join(old, moves["_lead"] == old.lead_id)
    never = ibis.timestamp("9999-12-31")
    closed = ibis.least(both.converted_at.fill_null(never), both.lost_at.fill_null(never))
    both = both.filter((both.moved_at.cast("date") <= both["_until"]) & (both.moved_at < closed))
    first = both.group_by("lead_id", "stage").agg(_at=both.moved_at.min())
    on_the_way = ibis.window(group_by="lead_id", order_by=[first["_at"], first.stage])
    return first.mutate(_place=ibis.row_number().over(on_the_way).cast("float64"))


def _tried(old: ir.Table) -> ir.Table:
    """Return the trials in time as a stage of that name."""
    in_time = old.filter(old.trial_at.cast("date") <= old["_until"])
    return in_time.select("lead_id", stage=ibis.literal("trial"), _place=ibis.literal(1.0))


def _cumulated(order: ir.Table, counts: ir.Table) -> ir.Table:
    """Return the steps with the leads that got there or further."""
    blank = ibis.null("string")
    end = order.aggregate(step=(order.step.max().fill_null(0) + 1).cast("int64"))
    first = end.select(stage=blank, step=ibis.literal(0, "int64"))
    steps = ibis.union(first, order.select("stage", "step"), end.select(stage=blank, step="step"))
    rows = steps.left_join(counts, steps.step == counts["_step"])
    there = ibis.window(order_by=rows.step.desc(), preceding=None, following=0)
    rows = rows.select(
        "step", "stage", reached=rows["_n"].fill_null(0).sum().over(there).cast("int64")
    )
    reached = rows.reached.cast("float64")
    forward = ibis.window(order_by=rows.step)
    whole = reached.max().over(ibis.window())
    return rows.mutate(
        reached_share=reached / whole.nullif(0),
        step_rate=reached / reached.lag().over(forward).nullif(0),
    )
