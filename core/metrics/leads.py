"""Leads: how many become buyers, how many try, and which nobody touches any more."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

LEAST_TOUCH_DAYS = 60


def lead_states(
    leads: ir.Table,
    stages: ir.Table | None = None,
    contacts: ir.Table | None = None,
    *,
    as_of: date,
) -> ir.Table:
    """How did each lead stand at the end of ``as_of``?

    A lead is touched when it moves to another stage, when a trial takes place, and when its
    customer is contacted; coming in is no touch. What happened after ``as_of`` has not happened.

    Parameters
    ----------
    leads, stages, contacts
        The company's leads, their moves, and its contacts; the last two if brought.

    Returns
    -------
    One row per lead that had come in: ``lead_id``, ``customer_key``, ``source``, ``employee_id``,
    ``product_id``, ``buyer_kind``, ``is_returning``, ``created_on``, ``trial_on``,
    ``converted_on``, ``lost_on``, ``last_touch_on`` (dates; null: not yet), ``stage`` (the last
    one; null where moves were not brought), ``is_open``, ``untouched_days`` (int64, since the last
    touch, or since it came in).
    """
    rows = leads.filter(leads.created_at.cast("date") <= as_of)
    rows = rows.select(
        "lead_id", "customer_key", "source", "employee_id", "product_id", "buyer_kind",
        "is_returning", "created_at",
        created_on=rows.created_at.cast("date"),
        trial_on=_seen(rows.trial_at, as_of),
        converted_on=_seen(rows.converted_at, as_of),
        lost_on=_seen(rows.lost_at, as_of),
    )  # fmt: skip
    rows = rows.left_join(_moves(rows, stages, as_of), "lead_id").drop("lead_id_right")
    rows = rows.left_join(_met(rows, contacts, as_of), "lead_id").drop("lead_id_right")
    touches = (rows.moved_on, rows.met_on, rows.trial_on)
    never = ibis.date(1, 1, 1)
    last = ibis.greatest(*[day.fill_null(never) for day in touches]).nullif(never)
    rows = rows.mutate(last_touch_on=last)
    since = ibis.greatest(rows.created_on, rows.last_touch_on.fill_null(rows.created_on))
    return rows.mutate(
        is_open=rows.converted_on.isnull() & rows.lost_on.isnull(),
        untouched_days=ibis.literal(as_of).delta(since, unit="day").cast("int64"),
    ).drop("created_at", "moved_on", "met_on")


def dormant_leads(states: ir.Table, *, untouched_days: int = LEAST_TOUCH_DAYS) -> ir.Table:
    """Which open leads has nobody touched for ``untouched_days``? Rows as ``lead_states``.

    References
    ----------
    Definitions: leads (dormant: no touch in 60 days).
    """
    return states.filter(states.is_open & (states.untouched_days >= untouched_days))


def lead_rates(
    states: ir.Table,
    *,
    as_of: date,
    within_days: int,
    since: date = date(1, 1, 1),
    untouched_days: int = LEAST_TOUCH_DAYS,
    by: Sequence[str] = (),
) -> ir.Table:
    """What share of leads tried, and what share bought, within ``within_days``?

    Only leads whose days have all passed by ``as_of`` count: a young lead has not failed. Open and
    dormant are counted among all leads, however old and matured or not.

    Parameters
    ----------
    states
        ``lead_states`` at ``as_of``.
    within_days
        Days in which a lead is to try, or to buy.
    since
        First day of the window: leads that came in from then on, and leads whose days ended from
        then on.
    untouched_days
        Days without a touch after which an open lead is dormant.
    by
        Columns to tell apart: ``source``, ``buyer_kind``, ``is_returning``, ``employee_id``.

    Returns
    -------
    One row per ``by`` (one in all without it): ``leads`` (int64, come in), ``matured``, ``tried``,
    ``converted`` (int64; the last two of the matured, in time), ``trial_rate``,
    ``conversion_rate`` (0 to 1; null where none is matured), ``open``, ``dormant`` (int64).

    References
    ----------
    Definitions: leads.
    """
    rows = _judged(states, as_of, within_days, since)
    rows = rows.mutate(is_dormant=rows.is_open & (rows.untouched_days >= untouched_days))

    def count(is_so: ir.BooleanValue) -> ir.IntegerScalar:
        return is_so.sum().cast("int64").fill_null(0)

    sums = rows.aggregate(
        by=list(by),
        leads=count(rows.created_on >= since),
        matured=count(rows.is_matured),
        tried=count(rows.is_matured & rows.has_tried),
        converted=count(rows.is_matured & rows.has_bought),
        open=count(rows.is_open),
        dormant=count(rows.is_dormant),
    )
    matured = sums.matured.cast("float64").nullif(0)
    return sums.mutate(trial_rate=sums.tried / matured, conversion_rate=sums.converted / matured)


def matured_leads(
    states: ir.Table, *, as_of: date, within_days: int, since: date = date(1, 1, 1)
) -> ir.Table:
    """Which leads do the rates of ``lead_rates`` rest on?

    Parameters
    ----------
    states, as_of, within_days, since
        As ``lead_rates``.

    Returns
    -------
    The rows of ``states`` whose days ended from ``since`` to ``as_of``, with ``has_tried`` and
    ``has_bought`` (boolean: in time).
    """
    rows = _judged(states, as_of, within_days, since)
    return rows.filter(rows.is_matured).drop("is_matured")


def stage_stays(leads: ir.Table, stages: ir.Table, *, since: date, as_of: date) -> ir.Table:
    """How long did leads stay in each stage that they entered from ``since`` to ``as_of``?

    A stay ends with the next move, or with the sale or loss of the lead; until then it goes on, and
    is watched to the end of ``as_of``. A stage entered with the sale or the loss, or after it, is
    an end and no stay.

    Parameters
    ----------
    leads, stages
        The company's leads and their moves.

    Returns
    -------
    One row per stay: ``lead_id``, ``stage``, ``days`` (int64, whole days), ``is_event`` (whether it
    has ended), as ``survival.life_table`` takes them.
    """
    moves = stages.filter(stages.moved_at.cast("date") <= as_of)
    following = ibis.window(group_by="lead_id", order_by="moved_at")
    moves = moves.mutate(_next=moves.moved_at.lead().over(following))
    first = date(9999, 12, 31)
    ends = leads.select(
        _lead="lead_id",
        _closed=ibis.least(leads.converted_at.fill_null(first), leads.lost_at.fill_null(first)),
    )
    rows = moves.inner_join(ends, moves.lead_id == ends["_lead"])
    rows = rows.filter((rows.moved_at.cast("date") >= since) & (rows.moved_at < rows["_closed"]))
    until = ibis.least(rows["_next"].fill_null(first), rows["_closed"]).cast("date")
    is_event = until <= as_of
    last = is_event.ifelse(until, ibis.literal(as_of))
    days = last.delta(rows.moved_at.cast("date"), unit="day").cast("int64")
    return rows.select("lead_id", "stage", days=days, is_event=is_event)


def lead_flow(leads: ir.Table, *, since: date, as_of: date, by_month: bool = False) -> ir.Table:
    """How many leads came in, tried and bought in a period, whenever they had come in?

    Parameters
    ----------
    leads
        The company's leads.
    since, as_of
        First and last day of the period.
    by_month
        Tell the calendar months apart.

    Returns
    -------
    One row (per month with any: ``month``, its first day): ``came_in``, ``tried``, ``won`` (int64).
    """
    moments = {"came_in": "created_at", "tried": "trial_at", "won": "converted_at"}
    found = ibis.union(
        *(
            leads.select(
                day=leads[column].cast("date"),
                **{each: ibis.literal(int(each == name), "int64") for each in moments},
            )
            for name, column in moments.items()
        )
    )
    found = found.filter((found.day >= since) & (found.day <= as_of))
    first = ibis.date(found.day.year(), found.day.month(), 1)
    sums = {name: found[name].sum().cast("int64").fill_null(0) for name in moments}
    return found.aggregate(by={"month": first} if by_month else {}, **sums)


def _judged(states: ir.Table, as_of: date, within_days: int, since: date) -> ir.Table:
    last_day = (states.created_on + ibis.interval(days=within_days)).cast("date")
    return states.mutate(
        is_matured=(last_day <= as_of) & (last_day >= since),
        has_tried=(states.trial_on <= last_day).fill_null(False),
        has_bought=(states.converted_on <= last_day).fill_null(False),
    )


def _seen(moment: ir.TimestampValue, as_of: date) -> ir.DateValue:
    day = moment.cast("date")
    return (day <= as_of).ifelse(day, ibis.null("date"))


def _moves(rows: ir.Table, stages: ir.Table | None, as_of: date) -> ir.Table:
    """Return the last stage of each lead, and the day of its last move after it came in."""
    if stages is None:
        blank = {"stage": ibis.null("string"), "moved_on": ibis.null("date")}
        return rows.select("lead_id", **blank).limit(0)
    known = stages.filter(stages.moved_at.cast("date") <= as_of)
    begun = rows.select(_lead="lead_id", _begun="created_at")
    both = known.inner_join(begun, known.lead_id == begun["_lead"])
    return both.group_by("lead_id").agg(
        stage=both.stage.argmax(both.moved_at),
        moved_on=both.moved_at.max(where=both.moved_at > both["_begun"]).cast("date"),
    )


def _met(rows: ir.Table, contacts: ir.Table | None, as_of: date) -> ir.Table:
    """Return the day on which the customer of each lead was last contacted since it came in."""
    if contacts is None:
        return rows.select("lead_id", met_on=ibis.null("date")).limit(0)
    done = contacts.filter(contacts.contacted_at.cast("date") <= as_of)
    done = done.select(_key="customer_key", _at="contacted_at")
    both = rows.inner_join(done, [rows.customer_key == done["_key"], done["_at"] > rows.created_at])
    return both.group_by("lead_id").agg(met_on=both["_at"].max().cast("date"))
