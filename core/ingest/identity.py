"""Which rows are the same row: keys made of content, rows that two extracts hold, duplicates."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core import schema
from core.batch import CONTENT_ID, SEQ, UPDATED_AT
from core.errors import MappingError
from core.ingest.mapping import Duplicates
from core.ingest.rows import EXTRACT
from core.ingest.tables import count, fetch, view

# Rows are ranked by one integer: the second in which they changed, then their order in the source.
_RANK, _STEP = dt.Decimal(38, 0), 10**19


@ibis.udf.scalar.builtin(name="mod", signature=((_RANK, _RANK), _RANK))
def _mod(number, step): ...


def number_equal_rows(
    con: Backend, staged: str, content: str, target: str, scope: list[str]
) -> str:
    """Turn a hash of content into an id: the hash, and the number of the row among its equals.

    Equal rows are counted within one extract and ``scope``. The k-th equal row of one extract is
    the same as the k-th of another: rows that both hold are one row, and equal rows within one
    extract stay apart.

    Parameters
    ----------
    con, staged
        Connection and staged table with columns ``content``, ``_extract`` and ``_seq``.
    content
        Column with the hash.
    target
        Name of the column that the id takes.
    scope
        Columns within which rows are counted.

    Returns
    -------
    str
        A view of the staged rows with the id in place of the hash.
    """
    table = con.table(staged)
    groups = [*scope, content, EXTRACT]
    # Few rows have equals: only those are sorted.
    among = _repeated(con, staged, groups)
    window = ibis.window(group_by=groups, order_by=among[SEQ])
    nth = among.select(SEQ, _nth=ibis.row_number().over(window))
    nth = con.create_table(f"{staged}_nth", nth.filter(nth["_nth"] > 0))
    joined = table.left_join(nth, table[SEQ] == nth[SEQ])
    number = (joined["_nth"].fill_null(0) + 1).cast("string")
    kept = [table[name] for name in table.columns if name not in (content, target)]
    return view(
        con, f"{staged}_numbered", joined.select(*kept, **{target: table[content] + "-" + number})
    )


def keep_one(
    con: Backend, staged: str, key: list[str], how: Duplicates | None, table: str
) -> tuple[str, int]:
    """Keep one row of each key.

    Parameters
    ----------
    con, staged
        Connection and staged table.
    key
        Columns of the key.
    how
        "last" or "first" of the source, "newest" by ``_updated_at``, or "reject": the first stays
        and table ``<view>_losers`` holds the ``_seq`` of the others. None: the newest where the
        source says when it changed, else the last; but rows of one extract that bear the same key
        and differ are refused, because nothing says which is right.
    table
        Canonical table, for messages.

    Returns
    -------
    tuple
        A view of the rows that stay, and how many went.

    Raises
    ------
    MappingError
        If rows differ and the mapping does not say which wins.
    """
    rows = con.table(staged)
    has_time = UPDATED_AT in rows.columns
    rank = rows[SEQ].cast(_RANK)
    if has_time and how not in ("first", "reject"):
        moment = rows[UPDATED_AT].epoch_seconds().cast(_RANK).fill_null(-1)
        rank = moment * ibis.literal(_STEP, type=_RANK) + rank
    keeps_first = how in ("first", "reject")
    best = rank.min() if keeps_first else rank.max()
    ranked = rows.group_by(key).agg(best=best, n=rows.count())
    is_content = CONTENT_ID in key
    winners = con.create_table(
        f"{staged}_winners",
        ranked.select(
            n=ranked.n, **{SEQ: _mod(ranked.best, ibis.literal(_STEP, type=_RANK)).cast("int64")}
        ),
    )
    gone = int(fetch(con, winners.agg(gone=winners.n.sum() - winners.count()))[0][0] or 0)
    if not gone:
        return staged, 0
    if how is None and not has_time and not is_content:
        _refuse_contradictions(con, _repeated(con, staged, key), key, table)
    name = view(con, f"{staged}_kept", rows.semi_join(winners, SEQ))
    if how == "reject":
        con.create_table(f"{name}_losers", rows.anti_join(winners, SEQ).select(SEQ))
    return name, gone


def merge(con: Backend, staged: str, key: list[str]) -> str:
    """Make one row of the rows that several parts of a mapping give to a key.

    Each column is the last value that is not null, in the order of ``_seq``; returns a table.
    """
    rows = con.table(staged)
    made = {
        name: rows[name].argmax(rows[SEQ], where=rows[name].notnull())
        for name in rows.columns
        if name not in (*key, SEQ, EXTRACT, UPDATED_AT)
    }
    if UPDATED_AT in rows.columns:
        made[UPDATED_AT] = rows[UPDATED_AT].max()
    merged = rows.group_by(key).agg(**made, **{SEQ: rows[SEQ].max()})
    con.create_table(f"{staged}_merged", merged)
    return f"{staged}_merged"


def _repeated(con: Backend, staged: str, key: list[str]) -> ir.Table:
    """Return the rows whose key stands more than once."""
    rows = con.table(staged)
    groups = rows.group_by(key).having(rows.count() > 1).agg(n=rows.count())
    groups = con.create_table(f"{staged}_groups", groups, overwrite=True)
    return rows.semi_join(groups, [rows[name].identical_to(groups[name]) for name in key])


def _refuse_contradictions(con: Backend, among: ir.Table, key: list[str], table: str) -> None:
    facts = [name for name in among.columns if name not in (*key, SEQ, EXTRACT)]
    if not facts:
        return
    kinds = among.select(*key, EXTRACT, *facts).distinct()
    several = kinds.group_by([*key, EXTRACT]).having(kinds.count() > 1).agg(n=kinds.count())
    shown = fetch(con, several.limit(1))
    if shown:
        example = ", ".join(f"{name} {value}" for name, value in zip(key, shown[0], strict=False))
        raise MappingError(
            "contradiction", table=table, example=example, count=shown[0][-1],
            total=count(con, several),
        )  # fmt: skip


def key_of(table: str, columns: tuple[str, ...]) -> list[str]:
    """Return the columns that tell the rows of a staged table apart."""
    if CONTENT_ID in columns:
        customers = [c.name for c in schema.TABLES[table].columns if c.type == "customer"]
        return [*(name for name in customers if name in columns), CONTENT_ID]
    return list(schema.TABLES[table].key)
