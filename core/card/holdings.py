"""What a customer has of us: products bought, contracts that run, balances, points."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.card.one import OneCustomer
from core.view import View


@dataclass(frozen=True)
class Product:
    """A product that was bought and not given back."""

    name: str
    category: str | None
    times: int  # days on which it was bought
    last_on: date


@dataclass(frozen=True)
class Contract:
    """A contract that runs at the day of the card."""

    product: str | None
    started_on: date
    ended_on: date | None
    monthly_value: Decimal | None


@dataclass(frozen=True)
class Balance:
    """What stood in an account when it was last reported."""

    account: str
    on: date
    balance: Decimal


@dataclass(frozen=True)
class Holdings:
    """What a customer has of us at the day of the card."""

    products: tuple[Product, ...]  # bought last first
    contracts: tuple[Contract, ...]
    balances: tuple[Balance, ...]
    points: float | None  # null: none were ever booked


def holdings(one: OneCustomer, view: View, day: date) -> Holdings:
    """Return what the customer had of us at the end of ``day``."""
    bought = _bought(one, view, day)
    contracts = [
        row
        for row in one.rows("contracts")
        if row["started_on"] <= day and (row["ended_on"] is None or row["ended_on"] >= day)
    ]
    balances: dict[str, dict] = {}
    for row in sorted(one.rows("balances"), key=lambda row: row["balance_on"]):
        if row["balance_on"] <= day:
            balances[row["product_id"]] = row
    ids = [*bought, *(row["product_id"] for row in contracts), *balances]
    known = one.names("products", ids, "name", "category")
    named = {key: row["name"] or key for key, row in known.items()}
    points = [row["points"] for row in one.rows("points") if row["booked_on"] <= day]
    products = [
        Product(named.get(key, key), known.get(key, {}).get("category"), len(set(days)), max(days))
        for key, days in bought.items()
    ]
    products.sort(key=lambda each: each.name)
    products.sort(key=lambda each: (each.last_on, each.times), reverse=True)
    return Holdings(
        tuple(products),
        tuple(
            Contract(
                named.get(row["product_id"], row["product_id"]), row["started_on"],
                row["ended_on"], row["monthly_value"],
            )
            for row in sorted(contracts, key=lambda row: row["started_on"], reverse=True)
        ),
        tuple(
            Balance(named.get(key, key), row["balance_on"], row["balance"])
            for key, row in sorted(balances.items())
        ),
        sum(points) if points else None,
    )  # fmt: skip


def _bought(one: OneCustomer, view: View, day: date) -> dict[str, list[date]]:
    """Return the days on which each product was bought and kept."""
    if not one.has("order_lines"):
        return {}
    bought: dict[str, list[date]] = {}
    for row in view.purchase_lines(day).to_pyarrow().to_pylist():
        if row["product_id"] and not row["is_given_back"]:
            bought.setdefault(row["product_id"], []).append(row["ordered_on"])
    return bought
