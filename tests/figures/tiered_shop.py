"""A shop of nine customers over three years whose tiers are amounts of money, worked out by hand.

Tiers begin at 1000, 500 and 100; the lapse is 800 days, so that who comes once a year is active
and, with fewer than 3 gaps, overdue after 400 days. The day looked at is the end of 2023.

| customer | region | bought                                     | value 2022, 2023 | kind      |
|----------|--------|--------------------------------------------|------------------|-----------|
| Ada      | North  | 300 on the 10th of each quarter's 1st month | 1200, 1200 (top) | value     |
| Ben      | North  | 600, 600, 50 on 10 February                | 600 (high), 50   | migrating |
| Cid      | North  | 600, 600, 60 on 10 November                | 600 (high), 60   | migrating |
| Dot      | South  | 200 on 10 August                           | 200, 200 (middle)| value     |
| Eve      | South  | 50 on 10 May, and 40 on 10 June 2023       | 50, 90           | potential |
| Fin      | South  | 50 on 10 April 2021 and 2022               | 50, 0: overdue   | freezing  |
| Gil      | South  | 30 on 10 October                           | 30, 30           | steady    |
| Ike      | South  | 20 on 10 March 2021: lost in May 2023      | 0, 0             | freezing  |
| Joy      | South  | 90 on 1 June 2022, 20 on 1 February 2023,  | 90, -50          | steady    |
|          |        | 70 given back on 1 March 2023              |                  |           |

One sale of 35 on 7 July 2023 has no customer. Ada's orders of 2023 are of 200 of tea and 100 of
cups each; of the other orders nothing is known.
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from core.definitions import BooksSettings, Configuration, Definitions, Tiers
from core.facts import Books
from tests.shelf import kept
from tests.shop import attribute, build

AS_OF, QUARTER, YEAR_AGO = date(2023, 12, 31), date(2023, 9, 30), date(2022, 12, 31)
TIERS = Tiers(kind="money", thresholds=(1000, 500, 100), names="zeithaml")
CONFIGURATION = Configuration(
    books=BooksSettings(company="Tiered", currency="CNY"),
    definitions=Definitions(lapse_after_days=800, tiers=TIERS),
)
NORTH = ("Ada", "Ben", "Cid")
SOUTH = ("Dot", "Eve", "Fin", "Gil", "Ike", "Joy")
_ADA = [
    ("Ada", f"{year}-{month:02}-10", 300) for year in (2021, 2022, 2023) for month in (1, 4, 7, 10)
]
BOUGHT = (
    *_ADA,
    ("Ben", "2021-02-10", 600), ("Ben", "2022-02-10", 600), ("Ben", "2023-02-10", 50),
    ("Cid", "2021-11-10", 600), ("Cid", "2022-11-10", 600), ("Cid", "2023-11-10", 60),
    ("Dot", "2021-08-10", 200), ("Dot", "2022-08-10", 200), ("Dot", "2023-08-10", 200),
    ("Eve", "2021-05-10", 50), ("Eve", "2022-05-10", 50), ("Eve", "2023-05-10", 50),
    ("Eve", "2023-06-10", 40),
    ("Fin", "2021-04-10", 50), ("Fin", "2022-04-10", 50),
    ("Gil", "2021-10-10", 30), ("Gil", "2022-10-10", 30), ("Gil", "2023-10-10", 30),
    ("Ike", "2021-03-10", 20),
    ("Joy", "2022-06-01", 90), ("Joy", "2023-02-01", 20),
    (None, "2023-07-07", 35), (None, "2023-12-31", 0),
)  # fmt: skip


def tiered_shop() -> Books:
    """Give the books of the shop, to look at."""
    return kept("tiered", _tiered_shop)


def _tiered_shop(home: Path) -> Books:
    refund = {
        "refund_id": "r1",
        "refunded_at": datetime(2023, 3, 1, 12),
        "amount": Decimal(70),
        "customer_id": "Joy",
    }
    regions = [
        attribute(name, region, "2021-01-01")
        for region, names in (("North", NORTH), ("South", SOUTH))
        for name in names
    ]
    products = [
        {"product_id": "tea", "category": "Drinks"},
        {"product_id": "cup", "category": "Ware"},
    ]
    # Ada's orders of 2023 are the ninth to the twelfth.
    lines = [
        {"order_id": f"o{n}", "line_id": product, "product_id": product, "amount": Decimal(amount)}
        for n in range(9, 13)
        for product, amount in (("tea", 200), ("cup", 100))
    ]
    return build(
        home, BOUGHT, CONFIGURATION, refunds=[refund], customer_attributes=regions,
        products=products, order_lines=lines,
    )  # fmt: skip
