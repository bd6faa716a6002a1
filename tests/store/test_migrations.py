"""The tables as migrations make them are those that the records say, and keep what stands there."""

from datetime import date, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, select

from core.store import Store, changing
from core.store import migrating as migrating_module
from core.store.migrating import REVISION, migrate, revision
from core.store.record import Base
from core.store.records import Case
from core.store.store import engine_of


def a_case() -> Case:
    return Case(id="c1", customer_key=1, stage_since=date(2026, 11, 2))


def sample(table: Table) -> dict[str, object]:
    """A row with something in every column."""
    return {column.name: value_of(column) for column in table.columns}


def value_of(column: Column) -> object:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return f"{key.column.table.name}-1"
    kind = column.type.python_type
    if column.table.name == "audit" and column.name == "id":
        return 1_000_000  # numbers given later begin at 1
    if kind is str:
        return f"{column.table.name}-1"  # the key, and whatever else is text
    values: dict[type, object] = {
        int: 1, bool: True, float: 0.5, object: {"a": 1},
        date: date(2026, 11, 2), datetime: datetime(2026, 11, 2, 9, 30),
    }  # fmt: skip
    return values[kind]


def test_the_newest_migration_is_the_one_that_the_store_asks_for() -> None:
    folder = str(migrating_module.files("core.store") / "migrations")
    assert ScriptDirectory(folder).get_heads() == [REVISION]


def test_migrations_make_the_tables_of_the_records(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_opening_changes_nothing(address: str) -> None:
    first = Store(address)
    first.write("E1", "k1", lambda s: changing.add(s, a_case()))
    second = Store(address)
    with second.reading() as session:
        assert session.scalars(select(Case.id)).all() == ["c1"]
    first.close()
    second.close()


def test_an_upgrade_from_the_first_tables_keeps_everything(address: str) -> None:
    """Rows of every first table, written as that version knew them, are there afterwards."""
    engine = engine_of(address)
    migrate(engine, "0001")
    first = MetaData()
    first.reflect(engine)
    before = {}
    with engine.begin() as connection:
        assert revision(connection) == "0001"
        for table in first.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(table.insert(), [sample(table)])
                before[table.name] = dict(connection.execute(select(table)).mappings().one())
    migrate(engine)
    with engine.connect() as connection:
        assert revision(connection) == REVISION
        for name, row in before.items():
            columns = [first.tables[name].columns[column] for column in row]
            assert dict(connection.execute(select(*columns)).mappings().one()) == row
    engine.dispose()
    # And the product reads and changes them.
    store = Store(address)
    with store.reading() as session:
        case = session.scalars(select(Case)).one()
    store.write("E1", "k9", lambda s: changing.change(s, Case, case.id, case.version, notes="n").id)
    store.close()
