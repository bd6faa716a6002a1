"""Import through the page: a source, its first rows, the mapping to edit, progress, the report."""

import secrets
from pathlib import Path

import pandas as pd
import streamlit as st

import data as shipped
from core.cli.imported import mendable
from core.errors import CoreError
from core.i18n import translate
from core.imports import Report
from core.ingest.preview import parts, preview
from core.ledger.scopes import BEGINNING
from core.schema import TABLES
from dashboard import blocks, data, data_books, holdings, jobs, numbers, session, uploads
from dashboard.blocks import Column
from dashboard.session import language, say

_STATES = ("inserted", "corrected", "withdrawn", "unchanged", "outdated", "repeated")
_DETAILS = ("encoding", "delimiter", "sheet", "skip")
_SHIPPED = Path(shipped.__file__).parent / "mappings"


def watch(home: str) -> bool:
    """Show how far the running job is, and once what became of the last one.

    Returns whether one runs.
    """
    job = jobs.current(home)
    if job is None:
        return False
    if job.is_running:
        _progress(home)
        return True
    jobs.forget(home)
    data.state.clear()
    error = job.future.exception()
    if isinstance(error, CoreError):
        session.tell(error)
    elif isinstance(error, Exception):
        session.tell_unexpected(error)
    elif job.report is not None:
        st.session_state["_report"] = job.report
    else:
        st.success(say("books.refreshed"), icon=":material/check:")
    return False


@st.fragment(run_every=0.7)
def _progress(home: str) -> None:
    job = jobs.current(home)
    if job is None or not job.is_running:
        st.rerun()
        return
    known = {"read": f"progress.{job.detail or 'read'}"}
    text = say(known[job.phase]) if job.phase in known else say(f"books.phase.{job.phase}")
    if job.phase == "publish":
        text = f"{text}: {_table(job.detail)}"
    if job.phase == "refresh" and job.detail:
        text = f"{text}: {job.detail}"
    st.progress(min(max(job.share or 0.0, 0.0), 1.0), text=session.plain(text))


def source() -> tuple[str, str | None] | None:
    """Let the reader choose a source; return where it lies, and its name if it was uploaded."""
    spoken = language()
    st.session_state.setdefault("source_kind", "upload")
    kind = st.segmented_control(
        say("books.source"), ("upload", "path"), key="source_kind", required=True,
        format_func=lambda code: translate(f"books.source_{code}", spoken),
        label_visibility="collapsed",
    )  # fmt: skip
    if kind == "upload":
        file = st.file_uploader(
            say("books.upload"), type=["csv", "tsv", "txt", "xlsx", "xls", "parquet"], key="upload"
        )
        if file is None:
            return None
        return str(uploads.kept(file)), file.name
    place = st.text_input(say("books.path"), key="path", placeholder="/data/orders.csv").strip()
    return (place, None) if place else None


def mapping(place: str) -> str | None:
    """Show the first rows and the mapping, to be edited; return it when the reader imports.

    Raises
    ------
    SourceError
        If the source cannot be read.
    """
    _preview(place)
    names = sorted(path.stem for path in _SHIPPED.glob("*.toml"))
    spoken = language()
    origin = st.selectbox(
        say("books.origin"), ["", *names], key="origin",
        format_func=lambda name: name or translate("books.proposal", spoken),
        help=say("books.origin_help"),
    )  # fmt: skip
    text = (_SHIPPED / f"{origin}.toml").read_text("utf-8") if origin else _proposal(place)
    doubts = sum(line.lstrip().startswith("# ?") for line in text.splitlines())
    if doubts:
        st.info(session.plain(say("books.doubts", n=doubts)), icon=":material/help:")
    with st.form("import"):
        edited = st.text_area(
            say("books.mapping"), value=text, height=360, key=f"mapping {place} {origin}",
            help=say("books.mapping_help"),
        )  # fmt: skip
        is_wanted = st.form_submit_button(say("books.import"), type="primary")
    return edited if is_wanted else None


def _proposal(place: str) -> str:
    file = Path(place)
    return data_books.proposal(place, file.stat().st_mtime if file.exists() else 0.0)


def _preview(place: str) -> None:
    known = parts(place)
    part = known[0]
    if len(known) > 1:
        part = st.selectbox(say("books.part"), known, key="part") or part
    found = preview(place, part)
    columns = {str(at): Column(name) for at, name in enumerate(found.columns)}
    rows = pd.DataFrame(found.rows, columns=pd.Index(columns), dtype="string")
    blocks.table(say("books.preview"), rows, columns, key="preview", height=220)
    read_as = [
        say(f"books.read_as.{name}", value=str(value))
        for name, value in found.details.items()
        if name in _DETAILS and value
    ]
    if read_as:
        blocks.caption(" · ".join(read_as))


def report(found: Report) -> None:
    """Show what an import took, merged and rejected."""
    spoken = language()
    if found.version is None:
        st.info(session.plain(say("books.nothing_new", source=found.source)))
    else:
        text = say(
            "books.imported", source=found.source, version=found.version,
            read=numbers.whole(found.rows_read, spoken),
            left_out=numbers.whole(found.rows_left_out, spoken),
            rejected=numbers.whole(found.rejected, spoken),
        )  # fmt: skip
        st.success(session.plain(text), icon=":material/check:")
    if found.is_withdrawal_held:
        st.warning(session.plain(say("import.withdrawal_held")))
    if found.earliest_on is not None and found.earliest_on != BEGINNING:
        st.caption(say("books.earliest", day=numbers.day(found.earliest_on, spoken)))
    rows = pd.DataFrame(
        [{"table": _table(name), **counts} for name, counts in found.counts.items()]
    )
    columns = {"table": Column(say("books.column.table"))} | {
        state: Column(say(f"books.state.{state}"), "number") for state in _STATES if state in rows
    }
    if len(rows):
        blocks.table(say("books.report"), rows, columns, key="report")


def versions(home: str) -> None:
    """Show the data versions, the newest first."""
    found = holdings.versions(home)
    rows = pd.DataFrame(found)
    columns = {
        "version": Column(say("books.column.version"), "number"),
        "imported_at": Column(say("books.column.imported_at"), "moment"),
        "source": Column(say("books.column.source"), width="large"),
        "mapping": Column(say("books.column.mapping")),
        "inserted": Column(say("books.state.inserted"), "number"),
        "corrected": Column(say("books.state.corrected"), "number"),
        "withdrawn": Column(say("books.state.withdrawn"), "number"),
        "data_date": Column(say("books.column.data_date"), "date"),
        "earliest_on": Column(say("books.column.earliest_on"), "date"),
        "is_in_ledger": Column(say("books.column.is_in_ledger"), "flag"),
    }
    blocks.table(say("books.versions", n=len(rows)), rows, columns, key="versions")


def rejected(home: str) -> None:
    """Show the rows that were not taken, and give them out to be mended."""
    found = holdings.rejects(home)
    if found.empty:
        blocks.nothing(say("books.none_rejected"), say("books.none_rejected_text"))
        return
    rows = found.assign(
        reason=[say(f"reject.{reason}") for reason in found.reason],
        table=[_table(name) if name else None for name in found.table],
    )
    columns = {
        "file": Column(say("books.column.file")), "row": Column(say("books.column.row"), "number"),
        "table": Column(say("books.column.table")), "column": Column(say("books.column.column")),
        "reason": Column(say("books.column.reason")), "found": Column(say("books.column.found")),
        "raw": Column(say("books.column.raw"), width="large"),
        "_version": Column(say("books.column.version"), "number"),
    }  # fmt: skip
    title = say("books.rejected_title", n=numbers.whole(len(rows), language()))
    blocks.table(title, rows.head(holdings.REJECTS_SHOWN), columns, key="rejects", height=420)
    st.download_button(
        say("books.download"), lambda: _mendable(found), f"rejected-{secrets.token_hex(8)}.csv",
        "text/csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _mendable(found: pd.DataFrame) -> bytes:
    text = mendable([dict(row) for row in found.to_dict("records")], language())
    return text.encode("utf-8-sig")


def _table(name: str) -> str:
    if name not in TABLES:
        return name
    return TABLES[name].zh if language() == "zh" else TABLES[name].en
