"""The public data sets as plain frames: what their mappings say, done over again in pandas."""

import re
from pathlib import Path

import pandas as pd

from tests.reference.plain import UNITS
from tests.reference.plain_shop import Shop

LAPSE_AFTER_DAYS = 180

# See data/mappings/online_retail_ii.toml for the reasons.
BOOKKEEPING = {
    "S", "BANK CHARGES", "ADJUST", "ADJUST2", "AMAZONFEE", "CRUK", "TEST001", "TEST002",
}  # fmt: skip
PRODUCT = re.compile(r"[0-9]{5}[A-Za-z]*|DCGS.*|PADS|SP1002")


def cdnow(folder: Path) -> Shop:
    """Every row is an order; equal rows are several orders."""
    rows = pd.read_csv(
        folder / "cdnow" / "CDNOW_master.txt",
        sep=r"\s+", skiprows=1, header=None, dtype=str,
        names=["customer", "day", "cds", "amount"],
    )  # fmt: skip
    orders = pd.DataFrame(
        {
            "order": [str(number) for number in range(len(rows))],
            "customer": rows["customer"],
            "at": pd.to_datetime(rows["day"], format="%Y%m%d"),
            "units": [_units(text) for text in rows["amount"]],
        }
    )
    none = orders.head(0).assign(product=orders["customer"].head(0))
    refunds, sold = (
        none[["customer", "product", "at", "units"]],
        none[["order", "product", "units"]],
    )
    return Shop(orders, refunds, sold, LAPSE_AFTER_DAYS)


def online_retail(folder: Path) -> Shop:
    """Invoices of six digits are orders, the lines of invoices C are refunds.

    The two sheets overlap: the k-th line of some content in an invoice of one sheet is the k-th of
    the other.
    """
    rows = pd.read_parquet(folder / "online_retail_ii" / "online_retail_ii.parquet")
    rows = rows.rename(columns={"Customer ID": "customer", "InvoiceDate": "at"})
    rows["units"] = (rows["Price"] * UNITS).round().astype("int64") * rows["Quantity"]
    rows["customer"] = [None if pd.isna(c) else str(int(c)) for c in rows["customer"]]
    regions = _regions(rows)
    rows = rows[~rows["StockCode"].isin(BOOKKEEPING)]
    rows["product"] = [c.upper() if PRODUCT.fullmatch(c) else None for c in rows["StockCode"]]
    is_sale = rows["Invoice"].str.match("[0-9]")
    has_sense = (rows["Price"] != 0) | rows["customer"].notna()
    lines = _once(rows[is_sale & has_sense])
    given = _once(rows[rows["Invoice"].str.startswith("C") & (rows["Quantity"] < 0)])
    by_invoice = lines.groupby("Invoice")
    assert by_invoice["customer"].nunique().max() == 1
    orders = pd.DataFrame(
        {
            "order": by_invoice["at"].min().index,
            "customer": by_invoice["customer"].first().to_numpy(),
            "at": by_invoice["at"].min().to_numpy(),
            "units": by_invoice["units"].sum().to_numpy(),
        }
    )
    orders["customer"] = orders["customer"].where(orders["customer"].notna(), None)
    refunds = given[["customer", "product", "at"]].assign(units=-given["units"])
    sold = lines.dropna(subset=["product"]).groupby(["Invoice", "product"], as_index=False)
    sold = sold["units"].sum().rename(columns={"Invoice": "order"})
    return Shop(orders, refunds.reset_index(drop=True), sold, LAPSE_AFTER_DAYS, regions)


def _regions(rows: pd.DataFrame) -> pd.DataFrame:
    """What each customer's last row of a day says of the country."""
    known = rows[rows["customer"].notna() & (rows["Country"] != "Unspecified")]
    found = known[["customer", "Country"]].rename(columns={"Country": "region"})
    found = found.assign(on=known["at"].dt.normalize())
    return found.drop_duplicates(["customer", "on"], keep="last")


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """Lines of both sheets once; equal lines of one sheet as often as they stand in it."""
    content = ["Invoice", "StockCode", "Quantity", "units"]
    nth = rows.groupby(["sheet", *content]).cumcount()
    return rows.assign(nth=nth).drop_duplicates([*content, "nth"], keep="last")


def _units(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * UNITS + int(part.ljust(4, "0"))
