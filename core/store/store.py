"""The store: SQLite beside the books, or PostgreSQL for a team."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from getpass import getuser
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from core import settings
from core.store import auditing
from core.store.errors import StoreError
from core.store.log import Audit, Write
from core.store.migrating import migrate
from core.store.records import JOINED

T = TypeVar("T")
FILE = "store.sqlite"
_TRIES = 4
_REACH, _ANSWER = 3, 20  # seconds to reach a server, and to have its answer
_PASSING = ("40001", "40P01", "55P03")  # serialization, deadlock, lock not available
_SEEN_LATE = 1_000  # writes that may be under way while a later one is seen


def store_url(home: Path) -> str:
    """Return where the store is: ``REGULARS_STORE``, or a file beside the books."""
    return settings.load().store or f"sqlite:///{home.resolve() / FILE}"


class Store:
    """People's work. One per process and address; safe to share by threads.

    Raises
    ------
    StoreError
        If it cannot be reached, or was written by a newer version of the product.
    """

    def __init__(self, url: str) -> None:
        self.engine = engine_of(url)
        # SQLite lets whoever comes at the right moment write: here the writers stand in line.
        self._turn = Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        self.address = make_url(url).render_as_string(hide_password=True)
        try:
            with self._told():
                migrate(self.engine)
        except StoreError:
            self.close()
            raise

    @classmethod
    def at(cls, home: Path) -> "Store":
        """Open the store of the books in ``home``; makes it if there is none."""
        home.mkdir(parents=True, exist_ok=True)
        return cls(store_url(home))

    @staticmethod
    def is_there(home: Path) -> bool:
        """Whether anything may have been recorded: a readable board makes no store."""
        return bool(settings.load().store) or (home / FILE).exists()

    def close(self) -> None:
        """Give its connections back."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads; what it returns stays readable afterwards."""
        with (
            self._told(),
            self.engine.connect().execution_options(reads_only=True) as con,
            Session(con, expire_on_commit=False) as session,
        ):
            yield session
            session.expunge_all()

    def write(self, by: str, key: str, do: Callable[[Session], T]) -> T:
        """Make one change, wholly or not at all, with its audit.

        Parameters
        ----------
        by
            Who writes.
        key
            Given by the form: the same key writes nothing twice and returns what it returned.
        do
            Changes records by the session and returns what JSON can hold. It may run again after a
            passing failure, so it must change nothing else.

        Raises
        ------
        Conflict
            If somebody else changed a record since it was read.
        StoreError
            If the store cannot be reached; nothing was written then, or the same key tells.
        """
        if not by.strip():
            raise StoreError("store_nobody")
        with self._told():
            for attempt in Retrying(
                retry=retry_if_exception(_is_passing), stop=stop_after_attempt(_TRIES),
                wait=wait_exponential_jitter(multiplier=0.05, max=1), reraise=True,
            ):  # fmt: skip
                with attempt:
                    return self._once(by, key, do)
        raise AssertionError("unreachable")

    def mark(self) -> tuple[int, int]:
        """Return what changes whenever something that stands beside facts was written."""
        is_joined = Audit.kind.in_(JOINED)
        with self.reading() as session:
            last = session.scalar(select(func.max(Audit.id)).where(is_joined)) or 0
            # Numbers are given before the commit: a lower one may be seen after a higher one.
            late = select(func.count()).where(is_joined, Audit.id > last - _SEEN_LATE)
            return last, session.scalar(late) or 0

    def _once(self, by: str, key: str, do: Callable[[Session], T]) -> T:
        with self._turn, auditing.Session(self.engine, expire_on_commit=False) as session:
            session.info.update(by=by.strip(), key=key)
            if (made := session.get(Write, key)) is not None:
                return made.result[0]
            written = Write(key=key, by=by.strip())
            session.add(written)
            try:
                session.flush()
            except IntegrityError:  # the same key, a moment ago
                session.rollback()
                return session.get_one(Write, key).result[0]
            result = do(session)
            written.result = [result]
            session.commit()
            return result

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say failures of the database in one sentence."""
        try:
            yield
        except PoolTimeout as error:
            raise StoreError("store_busy", where=self.address) from error
        except (IntegrityError, DataError) as error:
            raise StoreError("store_refused", reason=_reason(error)) from error
        except DBAPIError as error:
            reason = _reason(error)
            raise StoreError("store_unreachable", where=self.address, reason=reason) from error
        except OSError as error:
            raise StoreError("store_unreachable", where=self.address, reason=error) from error


def engine_of(url: str) -> Engine:
    """Return the engine of an address; nothing is looked at yet.

    Raises
    ------
    StoreError
        If that is no address of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": 30}, max_overflow=-1)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        if parsed.get_backend_name() == "postgresql":
            # Who asks, where the address does not say it, as PostgreSQL's own programs do.
            parsed = parsed.set(
                drivername="postgresql+pg8000", username=parsed.username or getuser()
            )
            engine = create_engine(
                _by_socket(parsed),
                pool_pre_ping=True, pool_size=10, max_overflow=40, pool_timeout=10,
                connect_args={"timeout": _ANSWER, "application_name": "regulars"},
            )  # fmt: skip
            engine.dialect.do_ping = partial(_answers, engine.dialect.do_ping)
            event.listen(engine, "do_connect", _reach)
            event.listen(engine, "connect", _prepare_postgresql)
            return engine
    except SQLAlchemyError as error:
        raise StoreError("store_address", found=url.split("@")[-1]) from error
    raise StoreError("store_address", found=url.split("@")[-1])


def _answers(ping: Callable[[Any], bool], dbapi_connection: Any) -> bool:
    """Return whether a kept connection still answers; pg8000 may say a cut one as ``OSError``."""
    try:
        return ping(dbapi_connection)
    except OSError:
        return False


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _by_socket(url: URL) -> URL:
    """Return an address whose host is the folder of a socket as the driver wants it."""
    folder = url.query.get("host")
    if not isinstance(folder, str):
        return url
    place = f"{folder}/.s.PGSQL.{url.query.get('port', 5432)}"
    return url.difference_update_query(["host", "port"]).update_query_dict({"unix_sock": place})


def _reach(_: object, __: object, ___: object, given: dict[str, Any]) -> None:
    """Try a server over the network first: the driver would wait for it as for an answer."""
    if "unix_sock" not in given:
        place = (given.get("host", "localhost"), given.get("port", 5432))
        socket.create_connection(place, _REACH).close()


def _prepare_postgresql(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("set statement_timeout = '15s'")
    cursor.execute("set lock_timeout = '10s'")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then wants to write fails at once if another one writes.
    is_reading = connection.get_execution_options().get("reads_only")
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def _reason(error: DBAPIError) -> str:
    """Return what the database said, in one line."""
    told = error.orig.args[0] if error.orig is not None and error.orig.args else error.orig
    said = told.get("M", told) if isinstance(told, dict) else told
    return str(said).strip().splitlines()[0]


def _is_passing(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    told = error.orig.args[0] if error.orig is not None and error.orig.args else None
    state = told.get("C") if isinstance(told, dict) else None
    return bool(error.connection_invalidated) or state in _PASSING


_open: dict[str, Store] = {}
_opening = Lock()


def store_at(home: Path) -> Store:
    """Return the store of the books in ``home``, opened once per process."""
    url = store_url(home)
    with _opening:
        if url not in _open:
            _open[url] = Store.at(home)
        return _open[url]
