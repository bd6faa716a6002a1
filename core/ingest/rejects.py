"""Keeps every record that was not taken: file, number, column, reason, and the record itself."""

from dataclasses import dataclass

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.batch import REJECTS
from core.ingest.reading import Reading, literal, quoted

MOST_FOUND = 200


@dataclass(frozen=True)
class Fault:
    """One way in which a row can fail: where ``bad`` holds, ``reason`` says why."""

    bad: ir.BooleanValue
    reason: str  # key of a text: reject.<reason>
    columns: tuple[str, ...]  # source columns to show
    table: str | None  # canonical table; None if the record belongs to none yet


def create(con: Backend, name: str = "rejects") -> str:
    """Create an empty table of ``REJECTS`` and return its name."""
    con.create_table(name, schema=REJECTS, overwrite=True)
    return name


def add(con: Backend, rejects: str, reading: Reading, faulty: str, faults: list[Fault]) -> int:
    """Add the faulty rows of a reading to the rejects; return how many.

    Parameters
    ----------
    con, rejects
        Connection and table of rejects.
    reading
        Where the rows were read.
    faulty
        Table with ``_row`` and ``_fault``, the number of the fault in ``faults``.
    faults
        What the numbers stand for.
    """
    arms = [
        (
            str(number), literal(fault.table) if fault.table else "null::varchar",
            literal(", ".join(fault.columns)) if fault.columns else "null::varchar",
            literal(fault.reason), _found(reading, fault.columns),
        )
        for number, fault in enumerate(faults)
    ]  # fmt: skip
    choose = [
        "case faulty._fault " + " ".join(f"when {arm[0]} then {arm[at]}" for arm in arms) + " end"
        for at in (1, 2, 3, 4)
    ]
    source = f"({reading_sql(con, reading)}) as source"
    row = con.con.execute(
        f"""insert into {rejects}
        select numbered.name, numbered.number, {choose[0]}, {choose[1]}, {choose[2]}, {choose[3]},
            {raw_json(reading)}
        from {source}
        join (select distinct _row, _fault from {quoted(faulty)}) as faulty using (_row)
        join ({record_numbers(rejects, reading, faulty)}) as numbered using (_row)
        order by _row"""  # noqa: S608
    ).fetchone()
    return int(row[0]) if row else 0


def record_numbers(rejects: str, reading: Reading, rows: str) -> str:
    """Return SQL that gives ``_row, name, number`` for the rows in table ``rows``.

    The number counts the records of the file from 1, those included that could not be split: of
    ``t = r - i`` for the i-th of them at record r, as many stand before the g-th good record as
    have ``t < g``.
    """
    parts = ", ".join(
        f"({number}, {literal(part.name)}, {part.first}::bigint)"
        for number, part in enumerate(reading.parts)
    )
    located = f"""select _row, part.name, _row - part.first + 1 as good
        from (select distinct _row from {quoted(rows)}) asof join
        (values {parts}) as part(number, name, first) on _row >= part.first"""  # noqa: S608
    if not any(part.ragged for part in reading.parts):
        return f"select _row, name, good as number from ({located})"  # noqa: S608
    names = ", ".join(literal(part.name) for part in reading.parts)
    ragged = f"""select file as name, t, max(i) as before from (
            select file, row_number() over (partition by file order by "row") as i,
                "row" - row_number() over (partition by file order by "row") as t
            from {rejects} where "table" is null and file in ({names}) and raw like '{{"_line":%')
        group by all"""  # noqa: S608
    return f"""select _row, good.name, good + coalesce(before, 0) as number
        from ({located}) as good asof left join ({ragged}) as ragged
        on good.name = ragged.name and good.good > ragged.t"""  # noqa: S608


def raw_json(reading: Reading) -> str:
    """Return SQL for the whole source row as a JSON object of texts."""
    pairs = ", ".join(
        f"{literal(name)}, source.{slot}::varchar" for name, slot in reading.slots.items()
    )
    return f"json_object({pairs})::varchar"


def reading_sql(con: Backend, reading: Reading) -> str:
    """Return the SQL of a reading's records."""
    return str(con.compile(reading.table))


def _found(reading: Reading, columns: tuple[str, ...]) -> str:
    slots = [(name, reading.slots[name]) for name in columns if name in reading.slots]
    if not slots:
        return "null::varchar"
    if len(slots) == 1:
        return f"(source.{slots[0][1]}::varchar)[:{MOST_FOUND}]"
    shown = " || ', ' || ".join(
        f"{literal(name)} || '=' || coalesce(source.{slot}::varchar, '')" for name, slot in slots
    )
    return f"({shown})[:{MOST_FOUND}]"
