"""A shop of ten customers whose figures can be worked out by hand, and lines made by hand.

The lapse is 60 days; the period looked at runs from the end of 2023 to the end of March 2024.

| customer | region | bought                               | between the two          |
|----------|--------|--------------------------------------|--------------------------|
| Ann      | North  | 100 on 10 January 2023,              | kept, down from 150      |
|          |        | 50 on 1 December, 70 on 1 March      | to 120; South from       |
|          |        |                                      | 1 February 2024          |
| Bob      | North  | 80 on 20 November                    | lost                     |
| Cem      | North  | 40 on 1 February 2023, 60 on         | returned                 |
|          |        | 10 February 2024                     |                          |
| Dua      | North  | 200 and 10 on 20 February            | new                      |
| Eva      | South  | 30 on 31 January: 60 days before end | new                      |
| Fay      | South  | 25 on 31 December, the day before    | lost                     |
| Gus      | South  | 90 on 10 December, given back        | undone                   |
|          |        | on 1 February                        |                          |
| Hao      | South  | 15 on 1 January, the first day       | came and went            |
| Ida      | South  | nothing; joined on 1 June            | prospect                 |
| Jin      | South  | 500 on 1 November, 20 on 31 March,   | kept, up from 500 to 520 |
|          |        | the last day                         |                          |

One sale of 35 on 2 February has no customer. Ann comes again on 15 April, the data date.
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.definitions import TIERS, BooksSettings, Configuration, Definitions
from core.facts import Books
from core.ledger.lines import LINES
from core.ledger.refresh import refresh
from core.schema import SCOPES
from tests.rows import take
from tests.shelf import copied, kept

OPENING, CLOSING, LAST = date(2023, 12, 31), date(2024, 3, 31), date(2024, 4, 15)
CONFIGURATION = Configuration(
    books=BooksSettings(company="Shop", currency="CNY"),
    definitions=Definitions(lapse_after_days=60),
)
_BOUGHT = (
    ("Ann", "2023-01-10", 100), ("Ann", "2023-12-01", 50), ("Ann", "2024-03-01", 70),
    ("Bob", "2023-11-20", 80),
    ("Cem", "2023-02-01", 40), ("Cem", "2024-02-10", 60),
    ("Dua", "2024-02-20", 200), ("Dua", "2024-02-20", 10),
    ("Eva", "2024-01-31", 30),
    ("Fay", "2023-12-31", 25),
    ("Gus", "2023-12-10", 90),
    ("Hao", "2024-01-01", 15),
    ("Jin", "2023-11-01", 500), ("Jin", "2024-03-31", 20),
    (None, "2024-02-02", 35),
    ("Ann", "2024-04-15", 10),
)  # fmt: skip
_NORTH = ("Ann", "Bob", "Cem", "Dua")
_PEOPLE = (*_NORTH, "Eva", "Fay", "Gus", "Hao", "Ida", "Jin")


def day(text: str) -> date:
    return date.fromisoformat(text)


def order(number: int, customer: str | None, on: str, amount: float) -> dict:
    return {
        "order_id": f"o{number}",
        "customer_id": customer,
        "ordered_at": datetime.fromisoformat(f"{on}T10:00"),
        "amount": Decimal(str(amount)),
    }


def orders(bought) -> list[dict]:
    return [order(number, *row) for number, row in enumerate(bought, start=1)]


def attribute(customer: str, value: str, since: str, name: str = "region") -> dict:
    return {
        "customer_id": customer,
        "attribute": name,
        "value": value,
        "valid_from": day(since),
        "is_dated": True,
    }


def build(home: Path, bought=None, configuration: Configuration = CONFIGURATION, **tables) -> Books:
    """Make books of orders (customer, day, amount) and other tables, with their ledger."""
    books = Books(home)
    take(books, {"orders": orders(bought)} | tables)
    refresh(books, configuration)
    return books


def ten_customers(home: Path) -> Books:
    """Give the books of the shop, to change at will."""
    return copied(ten(), home)


def ten() -> Books:
    """Give the books of the shop, to look at."""
    return kept("ten", _ten)


def _ten(home: Path) -> Books:
    regions = [attribute(c, "North" if c in _NORTH else "South", "2023-01-01") for c in _PEOPLE]
    joined = [
        {"customer_id": c, "joined_on": day("2023-06-01") if c == "Ida" else None} for c in _PEOPLE
    ]
    refund = {
        "refund_id": "r1",
        "refunded_at": datetime(2024, 2, 1, 12),
        "amount": Decimal(90),
        "order_id": "o11",
        "customer_id": "Gus",
    }
    return build(
        home,
        _BOUGHT,
        customers=joined,
        refunds=[refund],
        customer_attributes=[*regions, attribute("Ann", "South", "2024-02-01")],
    )


def lines(on: date, *rows: dict) -> ir.Table:
    """Make ledger lines of ``on`` as a view gives them; what a row does not say is plain.

    A customer who has ``value`` is active and bought once that day, unless the row says otherwise.
    """
    return ibis.memtable(pa.Table.from_pylist([_line(on, row) for row in rows], schema=_schema()))


def _line(on: date, row: dict) -> dict:
    bought = None if row.get("is_prospect") else on
    value = Decimal(str(row.get("value", 0)))
    plain = {
        "since_on": bought,
        "first_on": bought,
        "second_on": None,
        "last_on": bought,
        "is_active": bought is not None,
        "occasions": 1 if bought else 0,
        "occasions_12m": 1 if bought else 0,
        "is_in_scope": True,
        "month_end": on,
    }
    money = {name: Decimal(0) for name in ("margin_12m", "costed_net_12m", "contract_12m")}
    full = plain | money | {"net_12m": value, "net_total": value} | row | {"value": value}
    tier = full.get("tier_name")
    return {name: full.get(name) for name in _schema().names} | {
        "tier": TIERS.index(tier) + 1 if tier else None
    }


def _schema() -> pa.Schema:
    scopes = [(name, pa.string()) for name in SCOPES]
    seen = [
        ("tier_name", pa.string()),
        ("value", pa.decimal128(18, 4)),
        ("is_in_scope", pa.bool_()),
    ]
    return pa.schema([*LINES, *scopes, *seen])


def occasions(**days: str) -> ir.Table:
    """Make occasions: each customer (a number behind one letter) with days in ISO form."""
    rows = [
        {"customer_key": int(name[1:]), "occasion_on": day(text)}
        for name, texts in days.items()
        for text in texts.split()
    ]
    schema = pa.schema([("customer_key", pa.int64()), ("occasion_on", pa.date32())])
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def firsts(*pairs: tuple[str, str | None]) -> ir.Table:
    """Make first and second occasions of customers 1, 2, ..."""
    rows = [
        {
            "customer_key": number,
            "first_on": day(first),
            "second_on": day(second) if second else None,
        }
        for number, (first, second) in enumerate(pairs, start=1)
    ]
    schema = pa.schema(
        [("customer_key", pa.int64()), ("first_on", pa.date32()), ("second_on", pa.date32())]
    )
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def found(expression: ir.Table) -> list[dict]:
    """Return the rows of an expression."""
    return expression.to_pyarrow().to_pylist()


def one(expression: ir.Table) -> dict:
    """Return the only row of an expression."""
    (row,) = found(expression)
    return row
