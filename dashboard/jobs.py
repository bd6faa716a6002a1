"""Imports and refreshes that a page starts: they go on when the reader turns elsewhere.

Streamlit stops a running script when the reader clicks; an import must not stop half-way for
that. One job at a time, for everybody: the books have one writer.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core import definitions
from core.batch import staging
from core.errors import BooksError
from core.facts import Books
from core.imports import Report, publish
from core.ingest.mapping import load
from core.ingest.stage import stage
from core.ledger.refresh import refresh

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="regulars-job")
_lock = threading.Lock()
_jobs: dict[str, "Job"] = {}


@dataclass
class Job:
    """One import or refresh of the books of ``home``; ``share`` is null where it is not known."""

    home: str
    kind: str  # import or refresh
    phase: str = "read"
    detail: str = ""
    share: float | None = None
    report: Report | None = None
    future: Future = field(default_factory=Future)

    @property
    def is_running(self) -> bool:
        """Whether it has not come to its end yet."""
        return not self.future.done()

    def tell(self, phase: str) -> Callable[[str, float | None], None]:
        """Return what hears of progress during ``phase``."""

        def heard(detail: str, share: float | None) -> None:
            self.phase, self.detail, self.share = phase, detail, share

        return heard


def current(home: str) -> Job | None:
    """Return the job of ``home`` that runs, or the one that ended last."""
    return _jobs.get(home)


def forget(home: str) -> None:
    """Let go of the job that ended."""
    _jobs.pop(home, None)


def start_import(home: str, source: str, name: str | None, mapping_text: str) -> Job:
    """Import ``source`` as the mapping says, and refresh the ledger.

    ``name`` is what an uploaded file is called; elsewhere the source tells its own name, without
    the password of a database.

    Raises
    ------
    BooksError
        If a job is running.
    MappingError
        If the mapping is not whole.
    """
    mapping = load(mapping_text + "\n")
    books = Books(Path(home))
    if not books.versions():
        definitions.begin_in(books.home, mapping.currency)
    configuration = definitions.load(books.home)

    def work(job: Job) -> None:
        today = datetime.now(ZoneInfo(configuration.books.time_zone)).date()
        with staging() as con:
            batch = stage(source, mapping, con, imported_on=today, progress=job.tell("read"))
            batch.source, batch.mapping_text = name or batch.source, mapping_text
            currency = configuration.books.currency
            said = job.tell("publish")
            job.report = publish(books, batch, currency=currency, progress=said)
        if job.report.version is not None:
            refresh(books, configuration, progress=job.tell("refresh"))

    return _start(home, "import", work)


def start_refresh(home: str) -> Job:
    """Rebuild the derived tables of ``home``.

    Raises
    ------
    BooksError
        If a job is running.
    """
    configuration = definitions.load(Path(home))

    def work(job: Job) -> None:
        refresh(Books(Path(home)), configuration, progress=job.tell("refresh"))

    return _start(home, "refresh", work)


def _start(home: str, kind: str, work: Callable[[Job], None]) -> Job:
    with _lock:
        running = current(home)
        if running is not None and running.is_running:
            raise BooksError("busy", home=home)
        job = Job(home, kind)
        _jobs[home] = job
        job.future = _pool.submit(work, job)
        return job
