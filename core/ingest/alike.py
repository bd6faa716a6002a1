"""Finds customer numbers that look alike. They are told, and never silently made one."""

from ibis.backends.duckdb import Backend

from core import schema
from core.ingest.reading import quoted

# Full-width forms of the printable ASCII characters, and those characters.
_WIDE = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F))
_NARROW = "".join(chr(code) for code in range(0x21, 0x7F))


def customers(con: Backend, tables: dict[str, str]) -> tuple[int, str] | None:
    """Return how many customer numbers look like another one, and two that do; None if none.

    Two look alike if they are equal without blanks, case and the width of Chinese type.

    Parameters
    ----------
    con
        Staging connection.
    tables
        Canonical table -> staged table.
    """
    sources = [
        f"select {column.name} as id from {quoted(staged)}"  # noqa: S608
        for name, staged in tables.items()
        for column in schema.TABLES[name].columns
        if column.type == "customer" and column.name in con.table(staged).columns
    ]
    if not sources:
        return None
    rows = con.con.execute(
        f"""with ids as (select distinct id from ({" union all ".join(sources)})),
        alike as (
            select count(*) as n, min(id) as one, max(id) as other from ids where id is not null
            group by lower(translate(regexp_replace(id, '[\\s\\x{{3000}}]', '', 'g'), ?, ?))
            having count(*) > 1
        ) select sum(n), min(one), arg_min(other, one) from alike""",  # noqa: S608
        [_WIDE, _NARROW],
    ).fetchall()
    count, one, other = rows[0]
    return (int(count), f"{one} / {other}") if count else None
