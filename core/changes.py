"""What an import changes in one table: rows to insert, to correct and to withdraw.

Everything is a table in the staging connection of the batch; nothing is written to the books here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.batch import CONTENT_ID, SEQ, UPDATED_AT
from core.engine import count
from core.schema import Column, TableSchema

ROW_STATES = ("inserted", "corrected", "unchanged", "outdated", "withdrawn", "repeated")


@dataclass(frozen=True)
class Change:
    """What an import does to one table; tables are null where nothing is to be done."""

    inserted: ir.Table | None
    corrected: ir.Table | None
    withdrawn: ir.Table | None
    before: ir.Table | None  # key and stored columns of corrected rows, as they stood
    counts: dict[str, int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not any(self.counts[s] for s in ("inserted", "corrected", "withdrawn"))


def keyed(
    con: Backend, staged: ir.Table, schema: TableSchema, keys: ir.Table
) -> tuple[ir.Table, int]:
    """Put customer keys for customer ids, keep one row per key; return them and the repeats.

    Where rows share a key, the one changed last stands (``_updated_at``), else the last in the
    source (``_seq``).
    """
    staged = _with_has_content(staged, schema)
    for column in schema.columns:
        if column.type == "customer" and column.name in staged.columns:
            matching = keys.select(**{column.fact_name: keys.customer_key, "_id": keys.customer_id})
            joined = staged.left_join(matching, staged[column.name] == matching["_id"])
            staged = joined.drop(column.name, "_id")
    if CONTENT_ID in staged.columns:
        staged = _with_content_key(staged, schema)
    name = f"new_{schema.name}"
    new = con.create_table(name, staged, overwrite=True)
    repeated = count(new) - count(new.select(*schema.fact_key).distinct())
    if repeated:
        order = [new[c].desc(nulls_first=False) for c in (UPDATED_AT, SEQ) if c in new.columns]
        rank = ibis.row_number().over(group_by=schema.fact_key, order_by=order)
        new = con.create_table(
            f"{name}_once", new.mutate(_rank=rank).filter(lambda t: t["_rank"] == 0).drop("_rank")
        )
    return new, repeated


def _with_has_content(staged: ir.Table, schema: TableSchema) -> ir.Table:
    """Say of each contact whether anything was written down: what was written is kept apart.

    What the company says itself stands.
    """
    if schema.name != "contacts" or "content" not in staged.columns:
        return staged
    told = staged.has_content if "has_content" in staged.columns else ibis.null("boolean")
    is_written = (staged.content.strip().length() > 0).fill_null(False)
    return staged.mutate(has_content=ibis.coalesce(told, is_written))


def _with_content_key(staged: ir.Table, schema: TableSchema) -> ir.Table:
    missing = [c for c in schema.key if schema.column(c).fact_name not in staged.columns]
    content = staged[CONTENT_ID]
    if "customer_key" in staged.columns:
        owner = staged.customer_key.cast("string").fill_null("")
        content = owner.concat("-", content)
    return staged.mutate(**{missing[0]: content}).drop(CONTENT_ID)


def compare(
    con: Backend,
    new: ir.Table,
    stored: ir.Table | None,
    key: Sequence[str],
    columns: Sequence[Column],
    *,
    source: str,
    is_snapshot: bool = False,
) -> Change:
    """Say which rows of ``new`` are inserted or corrected, and which of ``stored`` withdrawn.

    Columns that ``new`` does not have stay as they are stored. A row whose source changed it
    earlier than the stored one is outdated and changes nothing.
    """
    names = [c.fact_name for c in columns if c.fact_name not in key]
    brought = [name for name in names if name in new.columns]
    total = count(new)
    if stored is None:
        full = _complete(new, key, columns)
        counts = _counts(inserted=total)
        return Change(full if total else None, None, None, None, counts)
    diff = _diff(con, new, stored, key, brought)
    states = dict(
        diff.group_by("_state").agg(n=diff.count()).to_pyarrow().to_pandas().itertuples(index=False)
    )
    inserted = _complete(diff.filter(diff["_state"] == "inserted"), key, columns)
    changed = diff.filter(diff["_state"] == "corrected").select(*key, *brought, UPDATED_AT)
    before = stored.semi_join(changed, list(key))
    corrected = _overlaid(before, changed, key, names, brought)
    withdrawn = None
    if is_snapshot:
        withdrawn = stored.filter(stored["_source"] == source).anti_join(new, list(key))
        states["withdrawn"] = count(withdrawn)
    counts = _counts(**{state: int(n) for state, n in states.items()})
    return Change(
        inserted if counts["inserted"] else None,
        corrected if counts["corrected"] else None,
        withdrawn if counts["withdrawn"] else None,
        before if counts["corrected"] else None,
        counts,
    )


def _diff(
    con: Backend, new: ir.Table, stored: ir.Table, key: Sequence[str], brought: Sequence[str]
) -> ir.Table:
    if UPDATED_AT not in new.columns:
        new = new.mutate(**{UPDATED_AT: ibis.null("timestamp")})
    old = stored.select(
        **{f"{k}_key_": stored[k] for k in key},
        **{f"{c}_old_": stored[c] for c in brought},
        _old_version=stored["_version"],
        _old_updated=stored[UPDATED_AT],
    )
    joined = new.left_join(old, [new[k] == old[f"{k}_key_"] for k in key])
    differs = reduce(
        or_, [~joined[c].identical_to(joined[f"{c}_old_"]) for c in brought], ibis.literal(False)
    )
    # A row that its source confirms later is written too: an older one must not overrule it.
    differs |= (joined[UPDATED_AT] > joined["_old_updated"]).fill_null(False)
    is_outdated = (joined["_old_updated"] > joined[UPDATED_AT]).fill_null(False)
    state = ibis.cases(
        (joined["_old_version"].isnull(), "inserted"),
        (is_outdated, "outdated"),
        (differs, "corrected"),
        else_="unchanged",
    )
    kept = joined.mutate(_state=state).select(*key, *brought, UPDATED_AT, "_state")
    return con.create_table(ibis.util.gen_name("diff"), kept)


def _complete(new: ir.Table, key: Sequence[str], columns: Sequence[Column]) -> ir.Table:
    types = {c.fact_name: c.fact_type for c in columns}
    found = {
        name: new[name] if name in new.columns else ibis.null(ibis.dtype(dtype))
        for name, dtype in types.items()
    }
    updated = new[UPDATED_AT] if UPDATED_AT in new.columns else ibis.null("timestamp")
    return new.select(**({k: new[k] for k in key} | found | {UPDATED_AT: updated}))


def _overlaid(
    before: ir.Table,
    changed: ir.Table,
    key: Sequence[str],
    names: Sequence[str],
    brought: Sequence[str],
) -> ir.Table:
    new = changed.rename({f"{c}_new_": c for c in [*key, *brought, UPDATED_AT]})
    on = reduce(and_, [before[k] == new[f"{k}_new_"] for k in key])
    joined = before.inner_join(new, on)
    values = {c: joined[f"{c}_new_"] if c in brought else joined[c] for c in names}
    return joined.select(
        **{k: joined[k] for k in key},
        **values,
        **{UPDATED_AT: joined[f"{UPDATED_AT}_new_"]},
    )


def _counts(**known: int) -> dict[str, int]:
    return {state: known.get(state, 0) for state in ROW_STATES}
