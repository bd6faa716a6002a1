"""The ledger worked out from its definitions, slowly and plainly, to compare with."""

import calendar
import math
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.definitions import Definitions

ZERO = Decimal(0)


def months_back(day: date, months: int) -> date:
    """First day of the window of ``months`` that ends with ``day``."""
    end = day + timedelta(days=1)
    index = end.year * 12 + end.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(end.day, calendar.monthrange(year, month + 1)[1]))


def ledger_days(first: date, last: date) -> list[date]:
    days = []
    day = first
    while day < last:
        if day.day == calendar.monthrange(day.year, day.month)[1]:
            days.append(day)
        day += timedelta(days=1)
    return [*days, last]


class Oracle:
    def __init__(self, rows: dict[str, list[dict]], definitions: Definitions) -> None:
        self.rows = rows
        self.definitions = definitions
        self.orders = {o["order_id"]: o for o in rows.get("orders", [])}
        self.refunds = sorted(
            rows.get("refunds", []), key=lambda r: (r["refunded_at"], r["refund_id"])
        )
        self.sale_of = {r["refund_id"]: self._sale(r) for r in self.refunds}
        self.voided = {key: self._voided_on(order) for key, order in self.orders.items()}
        self.bookings = self._bookings()
        bought = [o["ordered_at"].date() for o in self.orders.values()]
        cancelled = [o["cancelled_at"].date() for o in self.orders.values() if o["cancelled_at"]]
        given = [r["refunded_at"].date() for r in self.refunds]
        self.first = min(b["on"] for b in self.bookings)
        self.days = ledger_days(self.first, max(bought + cancelled + given))

    def _sale(self, refund: dict) -> tuple[str | None, Decimal | None]:
        """Order of a refund, and what its product cost there (null where linked)."""
        if refund["order_id"]:
            return refund["order_id"], None
        if not refund["product_id"] or not refund["customer_id"]:
            return None, None
        until = refund["refunded_at"]
        if until == datetime(until.year, until.month, until.day):
            until += timedelta(days=1)
        candidates = []
        for order in self.orders.values():
            sold = [
                line["amount"]
                for line in self.rows.get("order_lines", [])
                if line["order_id"] == order["order_id"]
                and line["product_id"] == refund["product_id"]
            ]
            is_own = order["customer_id"] == refund["customer_id"]
            if sold and is_own and order["ordered_at"] <= until:
                candidates.append((order["ordered_at"], order["order_id"], sum(sold, ZERO)))
        if not candidates:
            return None, None
        _, key, cap = max(candidates)
        return key, cap

    def _voided_on(self, order: dict) -> date | None:
        days = []
        if order["cancelled_at"]:
            days.append(order["cancelled_at"].date())
        per_product: dict = {}
        back = ZERO
        for refund in self.refunds:
            key, cap = self.sale_of[refund["refund_id"]]
            if key != order["order_id"]:
                continue
            product = refund["product_id"]
            before = per_product.get(product, ZERO)
            after = before + refund["amount"]
            per_product[product] = after
            back += refund["amount"] if cap is None else min(after, cap) - min(before, cap)
            if order["amount"] > 0 and back >= order["amount"]:
                days.append(refund["refunded_at"].date())
        return min(days, default=None)

    def _bookings(self) -> list[dict]:
        found = []

        def book(customer, on, net, margin, costed):
            found.append(
                {"customer": customer, "on": on, "net": net, "margin": margin, "costed": costed}
            )

        for order in self.orders.values():
            cost = order["cost"]
            amount = order["amount"]
            book(
                order["customer_id"], order["ordered_at"].date(), amount,
                amount - (cost or ZERO), amount if cost is not None else ZERO,
            )  # fmt: skip
            if order["cancelled_at"]:
                on = order["cancelled_at"].date()
                back = sum(
                    (
                        r["amount"]
                        for r in self.refunds
                        if self.sale_of[r["refund_id"]][0] == order["order_id"]
                        and r["refunded_at"].date() <= on
                    ),
                    ZERO,
                )
                left = amount - back
                book(
                    order["customer_id"], on, -left, -left + (cost or ZERO),
                    -left if cost is not None else ZERO,
                )  # fmt: skip
        for refund in self.refunds:
            on = refund["refunded_at"].date()
            order = self.orders.get(self.sale_of[refund["refund_id"]][0] or "")
            if order and order["cancelled_at"] and order["cancelled_at"].date() < on:
                continue
            owner = refund["customer_id"] or (order["customer_id"] if order else None)
            is_costed = order is not None and order["cost"] is not None
            costed = -refund["amount"] if is_costed else ZERO
            book(owner, on, -refund["amount"], -refund["amount"], costed)
        for cost in self.rows.get("service_costs", []):
            book(cost["customer_id"], cost["incurred_on"], ZERO, -cost["amount"], ZERO)
        return found

    def lines(self) -> list[dict]:
        """Every ledger line, in the form of ``tests.rows.ledger_lines``."""
        everybody = {b["customer"] for b in self.bookings if b["customer"]}
        for table in ("customers", "contracts"):
            everybody |= {c["customer_id"] for c in self.rows.get(table, [])}
        tiers: dict[str, int | None] = {}
        found = []
        for day in self.days:
            of_day = [line for c in sorted(everybody) if (line := self._line(c, day)) is not None]
            cuts = self._cuts(day, of_day)
            for line in of_day:
                if line["is_active"]:
                    value = line[cuts["basis"]]
                    reached = [i for i, c in enumerate(cuts["values"], 1) if 0 < value >= c]
                    tier = min(reached, default=4)
                    tiers[line["customer_id"]] = tier if cuts["values"] else None
                line["tier"] = tiers.get(line["customer_id"])
            found += of_day
        return sorted(found, key=lambda r: (r["month_end"], r["customer_id"]))

    def _line(self, customer: str, day: date) -> dict | None:
        mine = [b for b in self.bookings if b["customer"] == customer and b["on"] <= day]
        joined = [
            c["joined_on"]
            for c in self.rows.get("customers", [])
            if c["customer_id"] == customer and c["joined_on"] and c["joined_on"] <= day
        ]
        contracts = [
            c
            for c in self.rows.get("contracts", [])
            if c["customer_id"] == customer and c["started_on"] <= day
        ]
        if not mine and not joined and not contracts:
            return None
        start = months_back(day, 12)
        occasions = sorted(
            {
                o["ordered_at"].date()
                for o in self.orders.values()
                if o["customer_id"] == customer
                and o["amount"] > 0
                and o["ordered_at"].date() <= day
                and not (self.voided[o["order_id"]] and self.voided[o["order_id"]] <= day)
            }
        )
        ends = [c["ended_on"] or date(9999, 12, 31) for c in contracts]
        if occasions:
            ends.append(occasions[-1] + timedelta(days=self.definitions.lapse_after_days))
        until = max(ends, default=None)
        starts = occasions[:1] + [c["started_on"] for c in contracts]
        accrued = sum((accrual(c, start, day) for c in contracts), ZERO)
        recent = [b for b in mine if b["on"] >= start]
        return {
            "customer_id": customer,
            "month_end": day,
            "since_on": min(starts, default=None),
            "first_on": occasions[0] if occasions else None,
            "second_on": occasions[1] if len(occasions) > 1 else None,
            "last_on": occasions[-1] if occasions else None,
            "active_until": until,
            "is_active": until is not None and until >= day,
            "occasions": len(occasions),
            "occasions_12m": len([o for o in occasions if o >= start]),
            "net_12m": sum((b["net"] for b in recent), ZERO) + accrued,
            "margin_12m": sum((b["margin"] for b in recent), ZERO) + accrued,
            "costed_net_12m": sum((b["costed"] for b in recent), ZERO) + accrued,
            "contract_12m": accrued,
            "net_total": sum((b["net"] for b in mine), ZERO),
            **self._attributes(customer, day),
        }

    def _attributes(self, customer: str, day: date) -> dict:
        names = ("region", "branch", "channel", "manager", "segment", "membership")
        held: dict = dict.fromkeys(names)
        is_backfilled = False
        for name in names:
            rows = sorted(
                (
                    a
                    for a in self.rows.get("customer_attributes", [])
                    if a["customer_id"] == customer and a["attribute"] == name
                ),
                key=lambda a: a["valid_from"],
            )
            for row in rows:
                if row["valid_from"] <= day:
                    is_over = row["valid_to"] and row["valid_to"] <= day
                    held[name] = None if is_over else row["value"]
            if rows and rows[0]["valid_from"] > day and not rows[0]["is_dated"]:
                held[name] = rows[0]["value"]
                is_backfilled = True
        return {**held, "is_backfilled": is_backfilled}

    def _cuts(self, day: date, lines: list[dict]) -> dict:
        december = [
            d
            for d in self.days
            if d.month == 12 and d.day == 31
            and months_back(d, 12) >= self.first.replace(day=1)
            and d <= day
        ]  # fmt: skip
        if december[-1:] == [day] and len(december) > 1:
            december.pop()
        source = lines
        if december and december[-1] != day:
            everybody = {line["customer_id"] for line in lines}
            source = [x for c in everybody if (x := self._line(c, december[-1])) is not None]
        active = [line for line in source if line["is_active"]]
        net = sum((line["net_12m"] for line in active), ZERO)
        costed = sum((line["costed_net_12m"] for line in active), ZERO)
        is_on_margin = net > 0 and costed / net >= Decimal("0.95")
        basis = "margin_12m" if is_on_margin else "net_12m"
        values = sorted((line[basis] for line in active), reverse=True)
        n = len(values)
        ranks = [math.ceil(Decimal(p) * n / 100) for p in (1, 5, 20)] if n else []
        return {"basis": basis, "values": [values[r - 1] for r in ranks]}


def accrual(contract: dict, start: date, day: date) -> Decimal:
    """What a contract accrued from ``start`` to the end of ``day``, day by day."""
    share = Decimal(0)
    current = max(contract["started_on"], start)
    last = min(contract["ended_on"] or day, day)
    while current <= last:
        share += Decimal(1) / calendar.monthrange(current.year, current.month)[1]
        current += timedelta(days=1)
    return (share * (contract["monthly_value"] or ZERO)).quantize(Decimal("0.0001"))
