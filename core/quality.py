"""How far the books can be trusted: gaps, duplicates, late rows, orphans, suspicious clocks.

Nothing here changes a figure: each check says how many rows it found, out of how many, and the
texts ``quality.<check>`` which figures that touches and what to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis.expr.types as ir

from core import engine
from core.ledger.scopes import BEGINNING
from core.periods import month_start
from core.reading import Reading
from core.schema import TABLES

USUAL = 0.9  # a weekday on which so many of its days had sales has sales usually
OLD_AFTER_DAYS = 62  # a table whose last row lies so far before the newest of the others is old
NIGHT = (0, 5)  # hours in which few shops sell
NIGHT_SHARE = 0.2
MIDNIGHT_SHARE = 0.02
_ORPHANS = (
    ("order_lines", "order_id", "orders"), ("refunds", "order_id", "orders"),
    ("order_lines", "product_id", "products"), ("orders", "employee_id", "employees"),
    ("contacts", "employee_id", "employees"), ("orders", "promotion_id", "promotions"),
    ("lead_stages", "lead_id", "leads"),
)  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """What a check found.

    Attributes
    ----------
    key
        The check: its texts are ``quality.<key>.{title,what,touches,advice}``.
    n, of
        Rows (or days, customers) found, out of how many looked at.
    table
        Where.
    values
        What else its texts say.
    """

    key: str
    n: int
    of: int
    table: str = "orders"
    values: dict[str, object] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """How much of what was looked at; 0 to 1."""
        return self.n / self.of if self.of else 0.0


def issues(reading: Reading) -> list[Issue]:
    """Return what the checks found, the greatest share first.

    Each check reads the facts of one data version; a check whose table was not brought finds
    nothing.
    """
    found = [issue for check in CHECKS for issue in check(reading) if issue.n]
    return sorted(found, key=lambda issue: (-issue.share, issue.key, issue.table))


def held(reading: Reading) -> dict[str, tuple[int, date | None]]:
    """Return of each table that was brought how many rows it has, and the day of its last."""
    found: dict[str, tuple[int, date | None]] = {}
    for name, schema in TABLES.items():
        if not reading.has(name):
            continue
        rows = reading.table(name)
        last = None
        if schema.dated_by is not None:
            last = rows[schema.dated_by].cast("date").max().to_pyarrow().as_py()
        found[name] = (engine.count(rows), last)
    return found


def without_customer(reading: Reading) -> Iterator[Issue]:
    """Find orders that name no customer: they count in sales and for nobody."""
    orders = reading.table("orders")
    row = _one(orders.agg(n=orders.customer_key.isnull().sum(), of=orders.count()))
    yield Issue("without_customer", row["n"] or 0, row["of"])


def orphans(reading: Reading) -> Iterator[Issue]:
    """Find rows that name what another table does not know."""
    for table, column, other in _ORPHANS:
        if not (reading.has(table) and reading.has(other)):
            continue
        rows = reading.table(table)
        rows = rows.filter(rows[column].notnull())
        known = reading.table(other).select(column).distinct()
        lost = engine.count(rows.anti_join(known, column))
        yield Issue("orphans", lost, engine.count(rows), table, {"column": column, "other": other})
    if reading.has("customers"):
        buyers = reading.table("orders").select("customer_key").distinct()
        buyers = buyers.filter(buyers.customer_key.notnull())
        unknown = buyers.anti_join(reading.table("customers"), "customer_key")
        yield Issue("unknown_customers", engine.count(unknown), engine.count(buyers))


def days_without_orders(reading: Reading) -> Iterator[Issue]:
    """Find days without a single order, of weekdays that usually have some."""
    orders = reading.table("orders")
    days = orders.select(on=orders.ordered_at.cast("date")).distinct().to_pyarrow()["on"]
    sold = {day for day in days.to_pylist() if day is not None}
    if not sold:
        return
    first, last = min(sold), max(sold)
    every = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    usual = {
        weekday
        for weekday in range(7)
        if (same := [day for day in every if day.weekday() == weekday])
        and sum(day in sold for day in same) >= USUAL * len(same)
    }
    expected = [day for day in every if day.weekday() in usual]
    missing = [day for day in expected if day not in sold]
    if missing:
        values = {"first": missing[0], "last": missing[-1]}
        yield Issue("days_without_orders", len(missing), len(expected), values=values)


def old_tables(reading: Reading) -> Iterator[Issue]:
    """Find tables that have not been brought for long while orders have."""
    newest = reading.version.data_date
    if newest is None:
        return
    for name, schema in TABLES.items():
        if not reading.has(name) or schema.dated_by is None or name == "orders":
            continue
        rows = reading.table(name)
        last = rows[schema.dated_by].cast("date").max().to_pyarrow().as_py()
        if last is not None and (newest - last).days > OLD_AFTER_DAYS:
            days = (newest - last).days
            yield Issue("old_table", 1, 1, name, {"last": last, "days": days})


def equal_orders(reading: Reading) -> Iterator[Issue]:
    """Find orders equal in customer, moment and amount, beyond the first of them."""
    orders = reading.table("orders")
    # Days without a time say nothing of two sales at once.
    is_timed = orders.ordered_at != orders.ordered_at.truncate("D")
    named = orders.filter(orders.customer_key.notnull() & is_timed)
    same = named.group_by("customer_key", "ordered_at", "amount").agg(n=named.count())
    more = same.filter(same.n > 1)
    row = _one(more.agg(n=(more.n - 1).sum().cast("int64")))
    yield Issue("equal_orders", row["n"] or 0, engine.count(orders))


def equal_customers(reading: Reading) -> Iterator[Issue]:
    """Find customers who share a phone number or an e-mail address with another one.

    Those found to be one and the same are one.
    """
    merged = reading.table("customer_merges").select("customer_key")
    persons = reading.persons("customers").anti_join(merged, "customer_key")
    everybody = engine.count(persons)
    for column in ("phone", "email"):
        known = persons.filter(persons[column].notnull() & (persons[column] != ""))
        shared = known.group_by(column).agg(n=known.customer_key.nunique())
        shared = shared.filter(shared.n > 1)
        row = _one(shared.agg(n=(shared.n - 1).sum().cast("int64")))
        yield Issue("equal_customers", row["n"] or 0, everybody, "customers", {"column": column})


def late_rows(reading: Reading) -> Iterator[Issue]:
    """Find orders that an import brought for months which were over at the import before."""
    closed = {}
    former = None
    for version in reading.books.versions():
        if version.version > reading.version.version:
            break
        if former is not None:
            closed[version.version] = month_start(former)
        former = version.data_date or former
    orders = reading.table("orders")
    if not closed:
        return
    until = orders["_version"].cases(*closed.items(), else_=BEGINNING)
    row = _one(orders.agg(n=(orders.ordered_at.cast("date") < until).sum(), of=orders.count()))
    yield Issue("late_rows", row["n"] or 0, row["of"])


def amounts_below_zero(reading: Reading) -> Iterator[Issue]:
    """Find orders of less than nothing: refunds that were brought as orders."""
    orders = reading.table("orders")
    row = _one(orders.agg(n=(orders.amount < 0).sum(), of=orders.count()))
    yield Issue("below_zero", row["n"] or 0, row["of"])


def clocks(reading: Reading) -> Iterator[Issue]:
    """Find signs of another time zone, or of days without a time among moments."""
    orders = reading.table("orders")
    at = orders.ordered_at
    is_midnight = (at == at.truncate("D")).fill_null(False)
    is_night = (at.hour() >= NIGHT[0]) & (at.hour() < NIGHT[1]) & ~is_midnight
    row = _one(
        orders.agg(midnight=is_midnight.sum(), night=is_night.sum(), of=at.count().cast("int64"))
    )
    timed = row["of"] - (row["midnight"] or 0)
    if not timed:
        return
    if row["midnight"] > MIDNIGHT_SHARE * row["of"]:
        yield Issue("midnight", row["midnight"], row["of"])
    if row["night"] > NIGHT_SHARE * timed:
        yield Issue("night", row["night"], timed)


def undated_attributes(reading: Reading) -> Iterator[Issue]:
    """Find attributes without a date: earlier months are told as if they had always held."""
    rows = reading.table("customer_attributes")
    row = _one(rows.agg(n=(~rows.is_dated.fill_null(False)).sum(), of=rows.count()))
    yield Issue("undated_attributes", row["n"] or 0, row["of"], "customer_attributes")


def without_cost(reading: Reading) -> Iterator[Issue]:
    """Find orders without a cost where others have one."""
    orders = reading.table("orders")
    row = _one(orders.agg(n=orders.cost.isnull().sum(), of=orders.count()))
    if row["n"] != row["of"]:
        yield Issue("without_cost", row["n"] or 0, row["of"])


CHECKS: tuple[Callable[[Reading], Iterator[Issue]], ...] = (
    without_customer, orphans, days_without_orders, old_tables, equal_orders, equal_customers,
    late_rows, amounts_below_zero, clocks, undated_attributes, without_cost,
)  # fmt: skip


def _one(table: ir.Table) -> dict:
    counted = table.mutate(**{name: table[name].cast("int64") for name in table.columns})
    return counted.to_pyarrow().to_pylist()[0]
