"""PostgreSQL stopped and started while in use."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.store import Store, StoreError, changing
from core.store.records import Case

pytestmark = pytest.mark.slow
OPENED = date(2026, 11, 2)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    import pgserver

    found = pgserver.get_server(Path("/tmp") / f"regulars-{uuid4().hex[:8]}")
    yield found
    found.cleanup()


def write(store: Store, id: str, key: str) -> str:
    case = Case(id=id, customer_key=1, stage_since=OPENED)
    return store.write("E1", key, lambda session: changing.add(session, case))


def in_time(do: Callable[[], object], seconds: float) -> object:
    began = time.monotonic()
    try:
        return do()
    finally:
        assert time.monotonic() - began < seconds


def test_a_stopped_server_is_said_and_work_goes_on_after_its_start(server) -> None:
    store = Store(server.get_uri())
    write(store, "before", "k1")
    stop(server)
    with pytest.raises(StoreError, match="cannot be reached"):
        in_time(lambda: write(store, "during", "k2"), 6)
    with pytest.raises(StoreError, match="cannot be reached"):
        in_time(store.mark, 6)
    start(server)
    # The same form is sent again, with the same key.
    assert in_time(lambda: write(store, "during", "k2"), 6) == "during"
    with store.reading() as session:
        found = [changing.get(session, Case, id).id for id in ("before", "during")]
    assert found == ["before", "during"]
    store.close()


def test_a_connection_that_was_cut_is_not_the_next_readers_trouble(server) -> None:
    store = Store(server.get_uri())
    write(store, "before", "k1")
    other = Store(server.get_uri())
    with other.engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and application_name = 'regulars'"
            )
        )
    assert write(store, "after", "k2") == "after"
    store.close()
    other.close()


def stop(server) -> None:
    from pgserver._commands import pg_ctl

    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)


def start(server) -> None:
    server.ensure_postgres_running()
