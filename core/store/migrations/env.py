"""Alembic runs migrations in the transaction that ``core.store.migrating`` began."""

from alembic import context

from core.store import log, records
from core.store.record import Base

tables = (records, log)  # read, so that Base knows them
connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transactional_ddl=True,
    render_as_batch=True, compare_type=True,
)  # fmt: skip
context.run_migrations()
