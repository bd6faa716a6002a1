"""What imports did, as rows: counts, versions, rejected rows, settings of the books."""

import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from pydantic import BaseModel

from core import engine
from core.batch import REJECTS, Batch
from core.changes import ROW_STATES
from core.cli.printed import as_csv
from core.facts import Books, Version
from core.i18n import translate
from core.imports import Report
from core.reading import Refresh, open_facts
from core.schema import TABLES

VERSION_COLUMNS = (
    "version", "imported_at", "source", "mapping", "data_date", "inserted", "corrected",
    "withdrawn", "refreshed_at",
)  # fmt: skip
_SAID = ("file", "row", "column", "reason", "found")


def report_rows(report: Report, language: str) -> tuple[list[dict], dict[str, str]]:
    """Return what an import did to each table, and the headings of the columns."""
    rows = [
        {"table": name, "title": getattr(TABLES[name], language), **counts}
        for name, counts in report.counts.items()
    ]
    headings = {
        name: translate(f"cli.column.{name}", language) for name in ("table", "title", *ROW_STATES)
    }
    return rows, headings


def sentences(report: Report, rejects: Sequence[Mapping], language: str) -> list[str]:
    """Say in sentences what an import did, and why rows were rejected."""
    said = [
        translate(
            "cli.read", language, source=report.source, read=report.rows_read,
            left_out=report.rows_left_out, rejected=report.rejected,
        )
    ]  # fmt: skip
    said += [translate("cli.rejected", language, **row) for row in rejects]
    if report.is_withdrawal_held:
        said.append(translate("import.withdrawal_held", language))
    if report.version is None:
        said.append(translate("cli.unchanged", language))
    elif report.earliest_on is None:
        said.append(translate("cli.version", language, version=report.version))
    else:
        said.append(
            translate("cli.version_from", language, version=report.version, day=report.earliest_on)
        )
    return said


def reject_reasons(batch: Batch, language: str) -> list[dict[str, object]]:
    """Return why rows of a batch were rejected, the most frequent reason first."""
    if batch.rejects is None:
        return []
    rows = batch.con.table(batch.rejects)
    found = rows.group_by("reason", "column").agg(
        n=rows.count(), file=rows.file.min(), row=rows["row"].min(), found=rows.found.min()
    )
    reasons = found.order_by(found.n.desc(), found.reason, found["column"]).to_pyarrow().to_pylist()
    for row in reasons:
        row["reason"] = translate(f"reject.{row['reason']}", language)
        row["column"] = row["column"] or "–"
        row["found"] = row["found"] or ""
    return reasons


def version_rows(
    versions: Sequence[Version], refreshed: Sequence[Refresh]
) -> list[dict[str, object]]:
    """Return one row per data version: where it came from, what it changed, when refreshed."""
    last = {refresh.data_version: refresh.refreshed_at for refresh in refreshed}
    return [
        {
            "version": v.version,
            "imported_at": v.imported_at,
            "source": v.source,
            "mapping": v.mapping,
            "data_date": v.data_date,
            **{
                state: sum(counts.get(state, 0) for counts in v.counts.values())
                for state in ("inserted", "corrected", "withdrawn")
            },
            "refreshed_at": last.get(v.version),
        }
        for v in versions
    ]


def rejected_rows(books: Books, version: int | None = None) -> list[dict[str, object]]:
    """Return the rejected rows, of all imports or of one, in the order of the files.

    Raises
    ------
    BooksError
        If there are no books, or no such version.
    """
    books.version(version)
    schema = pa.schema([*REJECTS, pa.field("_version", pa.int64())])
    with open_facts(books) as reading:
        files = books.files("persons/rejects", reading.version.tables)
        rows = engine.read_parquet(reading.con, files, schema).rename(version="_version")
        if version is not None:
            rows = rows.filter(rows.version == version)
        return rows.order_by("version", "file", "row").to_pyarrow().to_pylist()


def mendable(rows: Sequence[Mapping], language: str) -> str:
    """Return rejected rows as CSV in the columns of their source, with what was wrong at the end.

    Mended, the file can be imported with the same mapping: columns that it does not name are not
    read.
    """
    sources = [json.loads(row["raw"]) if row["raw"] else {} for row in rows]
    columns = list(dict.fromkeys(name for source in sources for name in source))
    said = {name: f"reject_{name}" for name in _SAID}
    full = [
        source
        | {said[name]: row[name] for name in _SAID}
        | {said["reason"]: translate(f"reject.{row['reason']}", language)}
        for source, row in zip(sources, rows, strict=True)
    ]
    return as_csv(full, [*columns, *said.values()])


def setting_rows(model: BaseModel) -> list[dict[str, object]]:
    """Return every setting of ``regulars.toml``: its value, and its default."""
    return [
        {"setting": name, "value": value, "default": default}
        for name, value, default in _settings(model, "")
    ]


def _settings(model: BaseModel, prefix: str) -> Iterator[tuple[str, object, object]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value, field.get_default()
