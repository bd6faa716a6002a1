"""Rows as people read them: tiers, kinds, causes and reasons by their names."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute

from core.definitions import TIERS
from core.figures.tiers import tier_title
from core.i18n import texts, translate

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
TIER_COLUMNS = ("tier_name", "tier_then", "tier_now", "tier_year_ago")
_JOINED = {"en": " · ", "zh": " · "}


def coded(column: str, value: str, tiers: str, language: str) -> str:
    """Return what a code in a column is called; anything else as it is.

    Parameters
    ----------
    column
        Name of the column.
    value
        What stands in it.
    tiers
        ``Definitions.tiers.names``: curry or zeithaml.
    language
        "en" or "zh".
    """
    if column in TIER_COLUMNS and _is_tier(value, language):
        return tier_title(tiers, value, language)
    place = _PLACES.get(column, f"list.code.{column}")
    return texts(language).get(f"{place}.{value}", value)


def _is_tier(value: str, language: str) -> bool:
    return value in TIERS or f"tier.{value}" in texts(language)


def spoken(row: Mapping[str, object], tiers: str, language: str) -> dict[str, object]:
    """Return a row with its codes by their names, lists of them too."""

    def said(column: str, value: object) -> object:
        if isinstance(value, list):
            return [said(column, each) for each in value]
        return coded(column, value, tiers, language) if isinstance(value, str) else value

    found = {name: said(name, value) for name, value in row.items()}
    for name, by in _TOLD_BY.items():
        if isinstance(value := row.get(name), str) and row.get(by) in ("tier", "tier_name"):
            found[name] = coded("tier_name", value, tiers, language)
    if "scope_value" in row and isinstance(scope := row.get("scope"), str):
        heading = "tier_name" if scope == "tier" else scope
        found["scope"] = translate(f"list.column.{heading}", language)
    return found


def spoken_rows(
    rows: pa.Table, tiers: str, language: str, staff: Mapping[str, str] | None = None
) -> pa.Table:
    """Return rows with their codes by their names, reasons with their days in one text each.

    Managers go by their names of ``staff``. Texts that stand in many rows are kept once
    (dictionaries), so that a million rows stay small. ``reason_codes`` keeps the reasons as they
    were; ``evidence_on`` is the latest of their days. Who may be contacted has no mark, who may not
    has one.
    """
    rows = _told_apart(rows, tiers, language)
    if "reasons" in rows.column_names and pa.types.is_list(rows["reasons"].type):
        rows = _with_reasons(rows, language)
    for place, field in enumerate(rows.schema):
        column, name = rows[field.name].combine_chunks(), field.name
        if name == "manager":
            known = staff or {}
            rows = rows.set_column(
                place, name, _named(column, lambda code, k=known: k.get(code, code))
            )
        elif name == "may_contact" and pa.types.is_boolean(field.type):
            rows = rows.set_column(place, name, _refused(column, language))
        elif pa.types.is_string(field.type) and name not in _ALONE:
            names = _named(column, lambda value, n=name: coded(n, value, tiers, language))
            rows = rows.set_column(place, name, names)
    return rows


def _refused(may_contact: pa.Array, language: str) -> pa.Array:
    words = pa.array(["", translate("list.code.may_contact.no", language)])
    is_refused = pc.invert(pc.fill_null(may_contact, True))
    return pa.DictionaryArray.from_arrays(is_refused.cast("int32"), words)


def _named(column: pa.Array, called: Callable[[str], str]) -> pa.Array:
    """Name each code once; columns in which nearly every row differs stay plain texts."""
    found = column.dictionary_encode()
    names = [called(value) for value in found.dictionary.to_pylist()]
    indices = found.indices
    if len(names) != len(set(names)) or len(names) > len(column) / 4:
        return pa.array(names, pa.string()).take(indices)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _with_reasons(rows: pa.Table, language: str) -> pa.Table:
    """Join the reasons of each row with their days: "Overdue 2026-09-12 · Fell a tier ..."."""
    codes = rows["reasons"].combine_chunks()
    known = texts(language)
    labels = _named(codes.flatten(), lambda code: known[f"list.reason.{code}"]).cast("string")
    place = rows.column_names.index("reasons")
    if "evidence_on" in rows.column_names:
        days = rows["evidence_on"].combine_chunks()
        labels = pc.binary_join_element_wise(
            labels, pc.strftime(days.flatten(), "%Y-%m-%d"), " ", null_handling="skip"
        )
        latest = pa.table({"row": pc.list_parent_indices(days), "day": days.flatten()})
        latest = latest.group_by("row").aggregate([("day", "max")])
        found = pa.nulls(len(days), pa.date32()).to_numpy(zero_copy_only=False).copy()
        found[latest["row"].to_numpy()] = latest["day_max"].to_numpy()
        at = rows.column_names.index("evidence_on")
        rows = rows.set_column(at, "evidence_on", pa.array(found, pa.date32()))
    joined = pc.binary_join(pa.ListArray.from_arrays(_offsets(codes), labels), _JOINED[language])
    return rows.set_column(place, "reasons", joined).append_column("reason_codes", codes)


def _offsets(lists: pa.ListArray) -> pa.Array:
    """Return where the lists begin once their values are laid end to end."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast("int32")])


def _told_apart(rows: pa.Table, tiers: str, language: str) -> pa.Table:
    """Name what depends on another column of the row: groups of tiers, values of scopes."""
    wanted = [name for name in (*_TOLD_BY, "scope") if name in rows.column_names]
    by = {*wanted, *(_TOLD_BY[n] for n in wanted if n in _TOLD_BY)}
    if not wanted or not by <= set(rows.column_names):
        return rows
    # Breakdowns are small: row by row.
    found = [spoken(row, tiers, language) for row in rows.select(sorted(by)).to_pylist()]
    for name in wanted:
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, pa.array([row[name] for row in found], pa.string()))
    return rows


# Texts of customers, which are no codes.
_ALONE = frozenset(("customer_id", "name", "reasons"))
_PLACES = {"reason": "list.reason", "reasons": "list.reason", "customer_kind": "kind",
           "movement": "movement"}  # fmt: skip
# Columns whose values are codes of what another column says.
_TOLD_BY = {"group": "told_by", "scope_value": "scope"}
