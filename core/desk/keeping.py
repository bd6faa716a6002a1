"""Whom to keep in touch with, cheaply: not won back, and not written off either."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute

from core import engine
from core.desk.cases import OPEN
from core.desk.naming import of_now
from core.view import View

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
EVERY_DAYS = 90  # a greeting, if nothing else is said
ENDED = ("declined", "let_go")  # without a return
CHANNELS = ("message", "email")  # cheap ones


def to_keep(
    view: View, judged: pa.Table, stages: Mapping[int, str], day: date, *,
    every_days: int = EVERY_DAYS,
) -> pa.Table:  # fmt: skip
    """Return the lost with whom to keep in touch, those due first, then the most valuable.

    Who has the verdict ``keep_in_touch``, and whose case ended without a return (declined, let go),
    as long as they are lost. Left out are those with an open case, those who do not want to be
    contacted and the controls of open waves: a greeting is a contact.

    Parameters
    ----------
    judged
        ``judging.judged`` of the lost.
    stages
        Customer -> stage of the last case.

    Returns
    -------
    ``customer_key``, ``why`` (``keep_in_touch``, ``declined``, ``let_go``), ``value``,
    ``greeted_on`` (last contact; null: none known), ``greet_on`` (that and so many days; the day of
    the books where there was none).
    """
    ledger = view.ledger
    known = pa.table({
        "customer_key": pa.array(stages.keys(), pa.int64()),
        "stage": pa.array(stages.values(), pa.string()),
    })  # fmt: skip
    rows = judged.filter(pc.invert(judged["is_refused"]))
    rows = engine.small_table(ledger.con, rows.select(["customer_key", "value", "verdict"]))
    stage = of_now(view, known)
    stage = stage.group_by(_case="customer_key").agg(stage=stage.stage.max())
    rows = rows.left_join(stage, rows.customer_key == stage["_case"])
    is_ended = rows.stage.isin(ENDED).fill_null(False)
    is_open = rows.stage.isin(OPEN).fill_null(False)
    rows = rows.filter(is_ended | ((rows.verdict == "keep_in_touch") & ~is_open))
    rows = rows.mutate(why=is_ended.ifelse(rows.stage, rows.verdict))
    rows = rows.anti_join(ledger.noted("held_out"), "customer_key")
    made = ledger.table("contacts")
    made = made.filter(made.contacted_at < day + timedelta(days=1))
    last = made.group_by(_who="customer_key").agg(greeted_on=made.contacted_at.max().cast("date"))
    rows = rows.left_join(last, rows.customer_key == last["_who"])
    next_on = (rows.greeted_on + ibis.interval(days=every_days)).cast("date")
    found = rows.select(
        "customer_key", "value", "greeted_on", "why",
        greet_on=ibis.coalesce(next_on, ibis.literal(day)),
    )  # fmt: skip
    is_due = found.greet_on <= day
    order = [is_due.desc(), found.value.desc(nulls_first=False), found.customer_key.asc()]
    return found.order_by(order).to_pyarrow()
