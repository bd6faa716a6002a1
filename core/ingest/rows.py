"""Makes the rows of one canonical table out of the records of one reading: taken or rejected."""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.batch import SEQ, UPDATED_AT
from core.ingest import rejects
from core.ingest.expression import Expression
from core.ingest.layers import Layers
from core.ingest.mapping import SUMMED, Mapping, TableMapping, is_content
from core.ingest.plan import Plan
from core.ingest.reading import FILE, ROW, Reading
from core.ingest.tables import PREFIX, count, view
from core.ingest.values import Maker

EXTRACT, FAULT, CONTENT, ORDER = "_extract", "_fault", "_content", "_order_"


@dataclass(frozen=True)
class Job:
    """What the parts of one import have in common."""

    con: Backend
    mapping: Mapping
    imported_on: date
    rejected: str  # table of rejects


def kept(maker: Maker, part: TableMapping) -> ir.BooleanValue | None:
    """Return the condition under which a record counts for ``part``; None where all do."""
    if not part.where:
        return None
    return ibis.and_(*(maker.holds(condition) for condition in part.where))


def make(
    job: Job, reading: Reading, table: str, part: TableMapping, *,
    place: tuple[int, int] = (1, 0), rolled: TableMapping | None = None,
) -> str:  # fmt: skip
    """Stage the rows of canonical ``table`` that ``part`` makes of ``reading``.

    Parameters
    ----------
    job
        The import.
    reading
        The records.
    table, part
        Canonical table, and what the mapping says of it.
    place
        How many parts feed the table, and which of them this is: ``_seq`` keeps one order.
    rolled
        Mapping of the orders that are rolled up from these lines: its columns are made beside
        them, under ``_order_<name>``.

    Returns
    -------
    str
        Name of a view of the rows without fault: canonical columns, ``_seq``, ``_extract`` and,
        where asked for, ``_updated_at`` and hashes of content.
    """
    layers = Layers(job.con, reading.table)
    maker = Maker(reading, job.mapping.source, table, layers)
    try:
        while True:
            layers.keep(kept(maker, part))
            plan = _plan(job, maker, table, part, rolled)
            if not layers.is_growing:
                return _stage(job, plan, place)
            layers.grow()
    finally:
        layers.drop()


def _plan(
    job: Job, maker: Maker, table: str, part: TableMapping, rolled: TableMapping | None
) -> Plan:
    plan = Plan(maker, table, job.imported_on)
    for column, operand in part.columns.items():
        if not is_content(operand):
            plan.add(column, operand)
    for column, operand in (rolled.columns if rolled else {}).items():
        if column not in ("order_id", *SUMMED):
            plan.add(column, operand, prefix=ORDER, table="orders")
    if job.mapping.currency and table == "orders" and "currency" not in plan.columns:
        plan.columns["currency"] = ibis.literal(job.mapping.currency)
    for column, operand in part.columns.items():
        if is_content(operand):
            plan.add_content(column, operand)  # pyright: ignore
    if part.content_id is not None:
        plan.add_content(CONTENT, Expression(content=part.content_id))
    if part.updated_at is not None:
        plan.columns[UPDATED_AT] = maker.make(part.updated_at, "timestamp").expr
    extract = part.extract or maker.source.extract
    plan.columns[EXTRACT] = (
        maker.make(extract, "text").expr if extract else maker.layers.table[FILE].cast("string")
    )
    return plan


def _stage(job: Job, plan: Plan, place: tuple[int, int]) -> str:
    maker, con = plan.maker, job.con
    records = maker.layers.kept
    faults = [(fault.bad, ibis.literal(n, "int16")) for n, fault in enumerate(plan.faults)]
    none = ibis.null("int16")
    made = records.select(
        **plan.columns,
        **{
            SEQ: records[ROW] * place[0] + place[1],
            FAULT: ibis.cases(*faults, else_=none) if faults else none,
        },
    )
    name = f"{PREFIX}{plan.table}_{place[1]}"
    staged = con.create_table(name, made)
    faulty = staged.filter(staged[FAULT].notnull())
    if not count(con, faulty):
        return view(con, f"{name}_clean", staged.drop(FAULT))
    row = ((faulty[SEQ] - place[1]) / place[0]).floor().cast("int64")
    con.create_table(f"{name}_faulty", faulty.select(FAULT, **{ROW: row}))
    rejects.add(con, job.rejected, maker.reading, f"{name}_faulty", plan.faults)
    return view(con, f"{name}_clean", staged.filter(staged[FAULT].isnull()).drop(FAULT))
