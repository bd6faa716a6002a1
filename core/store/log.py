"""Who changed what, and which writes were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.record import Base, utc_now


class Audit(Base):
    """Who changed what, when: one row per record and write, in the same transaction."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(default=utc_now)
    by: Mapped[str]
    kind: Mapped[str]  # table
    record_id: Mapped[str] = mapped_column(String(40))
    action: Mapped[str]  # added, changed, or what was done with many at once
    record_version: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    write_key: Mapped[str] = mapped_column(String(40))

    __table_args__ = (
        Index("ix_audit_record", "kind", "record_id"),
        Index("ix_audit_kind", "kind", "id"),
    )


class Write(Base):
    """A write that was made, by the key that the form gave: the same key writes nothing twice."""

    __tablename__ = "writes"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    by: Mapped[str]
    result: Mapped[list[Any]] = mapped_column(default=list)  # what the write returned
