"""Backup, restore and export: whole, exact, and from one database into the other."""

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from core.exports.recorded import export
from core.store import Store, StoreError, changing
from core.store.archive import backup, restore
from core.store.record import Base
from core.store.records import Case, Contact, Member, Wave
from core.store.store import engine_of


def fill(store: Store) -> None:
    """A wave with a member, a case changed once, a contact: every type of column."""

    def do(session) -> str:
        wave = Wave(
            id="w1", programme="win_back", theme="春节", incentive=Decimal("12.3456"),
            audience={"list": "win-back", "tiers": ["top"]}, control_share=0.3,
        )  # fmt: skip
        changing.add(session, wave)
        row = {"wave_id": "w1", "customer_key": 7, "arm": "control", "worth": Decimal("-0.5")}
        session.execute(insert(Member), [row])
        day = date(2026, 11, 2)
        changing.add(session, Case(id="c1", customer_key=7, wave_id="w1", stage_since=day))
        at = datetime(2026, 11, 2, 9, 30)
        return changing.add(
            session,
            Contact(id="x", customer_key=7, contacted_at=at, channel="phone", is_reached=False,
                    learned="=1+1"),
        )  # fmt: skip

    store.write("E1", "k1", do)
    store.write("E2", "k2", lambda s: changing.change(s, Case, "c1", 1, notes="moved").id)


def everything(store: Store) -> dict[str, list[tuple]]:
    with store.reading() as session:
        return {
            table.name: [
                tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


def test_a_backup_comes_back_as_it_was_in_either_database(
    store: Store, tmp_path: Path, postgresql: str
) -> None:
    from tests.store.conftest import new_database

    fill(store)
    made = backup(store, tmp_path / "kept.zip")
    assert {name: n for name, n in made.rows.items() if n} == {
        "waves": 1, "wave_members": 1, "cases": 1, "contacts": 1, "writes": 2, "audit": 4,
    }  # fmt: skip
    before = everything(store)
    for address in (f"sqlite:///{tmp_path / 'new.sqlite'}", new_database(postgresql)):
        engine = engine_of(address)
        assert restore(engine, tmp_path / "kept.zip") == made
        engine.dispose()
        other = Store(address)
        assert everything(other) == before
        # And people go on where they were.
        other.write("E3", "k3", lambda s: changing.change(s, Case, "c1", 2, notes="back").id)
        assert other.write("E1", "k1", fill) == "x"  # a form of before the backup
        other.close()


def test_a_backup_is_put_into_an_empty_store_only(store: Store, tmp_path: Path) -> None:
    fill(store)
    backup(store, tmp_path / "kept.zip")
    with pytest.raises(StoreError, match="empty one only"):
        restore(store.engine, tmp_path / "kept.zip")
    assert len(everything(store)["cases"]) == 1


def test_a_changed_backup_is_refused_and_nothing_is_taken(store: Store, tmp_path: Path) -> None:
    fill(store)
    backup(store, tmp_path / "kept.zip")
    with (
        zipfile.ZipFile(tmp_path / "kept.zip") as kept,
        zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad,
    ):
        for name in kept.namelist():
            found = kept.read(name)
            bad.writestr(name, found.replace(b"moved", b"moved!") if "cases" in name else found)
    empty = Store(f"sqlite:///{tmp_path / 'new.sqlite'}")
    with pytest.raises(StoreError, match="table cases"):
        restore(empty.engine, tmp_path / "bad.zip")
    assert not any(everything(empty).values())
    empty.close()


@pytest.mark.parametrize("content", [b"", b"PK nonsense", json.dumps({"a": 1}).encode()])
def test_what_is_no_backup_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(content)
    engine = engine_of(f"sqlite:///{tmp_path / 'new.sqlite'}")
    with pytest.raises(StoreError, match="no backup"):
        restore(engine, tmp_path / "no.zip")
    engine.dispose()


def test_an_export_is_read_by_people_and_runs_no_formula(store: Store, tmp_path: Path) -> None:
    fill(store)
    rows = export(store, tmp_path / "out")
    assert rows["contacts"] == 1
    lines = (tmp_path / "out" / "contacts.csv").read_text("utf-8-sig").splitlines()
    cells = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert cells['"learned"'] == '"\'=1+1"'
    assert cells['"contacted_at"'] == '"2026-11-02 09:30:00"'
