"""Brings a store to the tables of this version of the product."""

from importlib.resources import files

from sqlalchemy import Connection, Engine, inspect, text

from core.store.errors import StoreError

REVISION = "0002"  # the newest of migrations/versions
_LOCK = 7_348_116  # of the migration, in PostgreSQL


def revision(connection: Connection) -> str | None:
    """Return the revision of a store; null where there are no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def migrate(engine: Engine, to: str = REVISION) -> None:
    """Make or change the tables, in one transaction; what was recorded stays.

    Raises
    ------
    StoreError
        If the store is newer than this version of the product.
    """
    with engine.connect().execution_options(reads_only=True) as connection:
        found = revision(connection)
    if found == to:
        return
    if found is not None and found > REVISION:
        raise StoreError("store_newer", found=found, known=REVISION)
    # Read only where tables have to be made: it takes as long as all else that opens a store.
    from alembic import command
    from alembic.config import Config

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config()
        config.set_main_option("script_location", str(files("core.store") / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, to)
