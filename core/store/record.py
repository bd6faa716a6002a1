"""What all tables of the store share: versions, money that is exact, moments."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import JSON, BigInteger, ColumnElement, Dialect, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column


def utc_now() -> datetime:
    """Return the moment, UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_id() -> str:
    """Return an id that nobody else has."""
    return uuid4().hex


class Money(TypeDecorator[Decimal]):
    """Decimal of four places, kept as ten-thousandths: SQLite knows floats only."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Return ten-thousandths."""
        return None if value is None else int((Decimal(value) * 10_000).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the decimal."""
        return None if value is None else Decimal(value) / 10_000


class Base(DeclarativeBase):
    """All tables of the store."""

    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        Decimal: Money(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        str: Text(),
        int: BigInteger(),
    }


def as_typed(column: ColumnElement[Any], value: Any) -> Any:
    """Return a value that JSON held (``auditing.plain``) as its column holds it."""
    wanted = column.type.python_type
    if value is None or wanted not in _AS_TEXT:
        return value
    return _AS_TEXT[wanted](value)


_AS_TEXT: dict[type, Callable[[str], Any]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    Decimal: Decimal,
}


class Record(Base):
    """What is changed by hand: with a version for optimistic locking, and audited.

    ``id`` is given by who writes, so that writing the same twice makes one record.
    """

    __abstract__ = True

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by: Mapped[str] = mapped_column(default="")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {} if cls.__dict__.get("__abstract__") else {"version_id_col": cls.version}


# What SQLAlchemy keeps itself, and what nobody edits.
KEPT = ("id", "version", "created_at", "created_by", "changed_at", "changed_by")
