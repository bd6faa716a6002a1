"""The main figures of the contract in plain pandas, slow and obvious, to compare the product with.

What comes out is a ``Decimal`` (money), an ``int`` (customers, days), a ``Fraction`` (rates and
ratios, exact) or None (not known).
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

import pandas as pd

from tests.reference.plain_shop import TIERS, Shop, month_end, window_start

UNITS = 10_000  # of money
WITHIN = (30, 90, 180, 365)
# Null while the books are too young for their windows.
UNKNOWABLE = (
    "retention_annual", "churn_annual", "grr", "nrr", "repeat_rate", "next_window_rate",
    "repurchase_within_365", "gap_median", "reactivation",
)  # fmt: skip

Number = int | Decimal | Fraction | None


class Told(NamedTuple):
    """A figure, and the number of customers it rests on."""

    value: Number
    n: int | None


class Wait(NamedTuple):
    """Days from the first purchase to the second, or as long as it was watched for."""

    days: int
    is_back: bool


def figures(shop: Shop, day: date, opened: date | None = None) -> dict[str, Told]:
    """Every figure at a month-end, movements since ``opened`` or over three months."""
    opened = opened or month_end(window_start(day, 3) - timedelta(days=1))
    return {
        **standing(shop, day),
        **bridge(shop, opened, day),
        **beyond(shop, day),
        **yearly(shop, day),
        **buying(shop, day),
    }


def pyramid(shop: Shop, day: date) -> dict[str, Told]:
    state, tier = shop.state(day), shop.tiers(day)
    told = {}
    for name in TIERS:
        members = state[tier == name]
        told[f"tier_{name}"] = Told(len(members), len(members))
        told[f"tier_{name}_value"] = Told(money(members["units"].sum()), len(members))
    active = state[state["is_active"]]
    upper, total = state[tier.isin(TIERS[:3])]["units"].sum(), active["units"].sum()
    told["upper_value_share"] = Told(ratio(upper, total) if total > 0 else None, len(active))
    return told


def standing(shop: Shop, day: date) -> dict[str, Told]:
    state = shop.state(day)
    active = state[state["is_active"]]
    n, value = len(active), active["units"].sum()
    lost = int((state["is_customer"] & ~state["is_active"]).sum())
    prospects = int((~state["is_customer"]).sum())
    return {
        "customers": Told(n + lost, n + lost),
        "active_customers": Told(n, n),
        "lost_customers": Told(lost, lost),
        "prospects": Told(prospects, prospects),
        "value": Told(money(value), n),
        "value_per_active": Told(ratio(value, n * UNITS), n),
        **pyramid(shop, day),
        **concentration(shop, day),
        "overdue": Told(len(overdue(shop, day)), n),
        **sales(shop, day),
    }


def concentration(shop: Shop, day: date) -> dict[str, Told]:
    state = shop.state(day)
    values = sorted(state.loc[state["recent"] > 0, "units"], reverse=True)
    n, total = len(values), sum(values)
    best = sum(values[: -(-n // 5)])
    positive = [max(value, 0) for value in reversed(values)]
    weighted = sum((2 * i - n - 1) * x for i, x in enumerate(positive, start=1))
    return {
        "top_share": Told(ratio(best, total) if total > 0 else None, n),
        "gini": Told(ratio(weighted, n * sum(positive)), n),
    }


def overdue(shop: Shop, day: date) -> list[str]:
    """Active customers silent for longer than their own rhythm would lead to expect."""
    days = shop.occasions(day)
    gap = days.groupby("customer")["on"].diff().dt.days.dropna()
    by_customer = gap.groupby(days["customer"])
    count, median = by_customer.size(), by_customer.median()
    tau, late = shop.lapse_after_days, []
    state = shop.state(day)
    for customer, silence in state.loc[state["is_active"], "silence"].items():
        if count.get(customer, 0) >= 3:
            limit = max(min(2 * median[customer], 0.8 * tau), 7)
        else:
            limit = 0.5 * tau
        if silence > limit:
            late.append(customer)
    return late


def sales(shop: Shop, day: date) -> dict[str, Told]:
    recent = shop.bookings[
        (shop.bookings["on"] >= pd.Timestamp(window_start(day, 12)))
        & (shop.bookings["on"] <= pd.Timestamp(day))
    ]
    total = recent["units"].sum()
    loose = recent.loc[recent["customer"].isna(), "units"].sum()
    return {
        "net_sales_12m": Told(money(total), recent["customer"].nunique()),
        "net_without_customer_12m": Told(money(loose), None),
        "share_without_customer": Told(ratio(loose, total) if total > 0 else None, None),
    }


def bridge(shop: Shop, opened: date, closed: date) -> dict[str, Told]:
    both = shop.both_ends(opened, closed).assign(movement=shop.movement(opened, closed))

    def heads(*names: str) -> int:
        return int(both["movement"].isin(names).sum())

    def units(column: str, *names: str) -> int:
        return int(both.loc[both["movement"].isin(names), column].sum())

    names = ("new", "kept", "returned", "lost", "undone", "came_and_went")
    count = {name: heads(name) for name in names}
    opening, closing = heads("kept", "lost", "undone"), heads("kept", "new", "returned")
    change = both.loc[both["movement"] == "kept", "value_now"] - both["value_then"]
    up, down = int(change[change > 0].sum()), int(-change[change < 0].sum())
    value_opening = units("value_then", "kept", "lost", "undone")
    value_closing = units("value_now", "kept", "new", "returned")
    gained = {name: units("value_now", name) for name in ("new", "returned")}
    gone = {name: units("value_then", name) for name in ("lost", "undone")}
    assert opening + count["new"] + count["returned"] - count["lost"] - count["undone"] == closing
    assert value_opening + sum(gained.values()) + up - sum(gone.values()) - down == value_closing
    told = {name: Told(number, number) for name, number in count.items()}
    arrived = count["new"] + count["returned"]
    told["arrived"] = Told(arrived, arrived)
    parts = {"opening": opening, "closing": closing, "moved_in": 0, "moved_out": 0}
    for name in ("new", "returned", "lost", "undone"):
        parts[name] = count[name]
    told |= {f"bridge_{name}": Told(number, number) for name, number in parts.items()}
    values = {
        "opening": value_opening, "closing": value_closing, "moved_in": 0, "moved_out": 0,
        "up": up, "down": down, **gained, **gone,
    }  # fmt: skip
    parts |= {"up": count["kept"], "down": count["kept"]}
    told |= {f"bridge_value_{k}": Told(money(v), parts[k]) for k, v in values.items()}
    if opened + timedelta(days=1) < shop.first + timedelta(days=shop.lapse_after_days):
        # In the first tau days new cannot be told from returned.
        for key in ("", "bridge_", "bridge_value_"):
            told |= dict.fromkeys((f"{key}new", f"{key}returned"), Told(None, None))
        told["came_and_went"] = Told(None, None)
    kept_then = units("value_then", "kept")
    gains = sum(gained.values()) + up
    return told | {
        "retention": Told(ratio(count["kept"], opening), opening),
        "churn": Told(ratio(count["lost"], opening), opening),
        "retention_value": Told(ratio(kept_then, value_opening), opening),
        "churn_value": Told(ratio(gone["lost"], value_opening), opening),
        "quick_ratio": Told(ratio(arrived, count["lost"]), opening),
        "quick_ratio_value": Told(ratio(gains, gone["lost"] + down), opening),
        "reactivation": reactivation(shop, opened, closed),
    }


def beyond(shop: Shop, day: date) -> dict[str, Told]:
    """From the value of active customers to all that was brought in."""
    state = shop.state(day)
    gone = state.loc[~state["is_active"], "units"]
    loose = sales(shop, day)["net_without_customer_12m"].value
    assert isinstance(loose, Decimal)
    return {
        "bridge_value_lapsed": Told(money(gone.sum()), int((gone != 0).sum())),
        "bridge_value_without_customer": Told(loose, None),
        "bridge_value_total": Told(money(state["units"].sum()) + loose, None),
    }


def reactivation(shop: Shop, opened: date, closed: date) -> Told:
    then = shop.state(opened)
    lost = then.index[then["is_customer"] & ~then["is_active"]]
    last = shop.state(closed)["last"].reindex(lost)
    return Told(ratio(int((last > pd.Timestamp(opened)).sum()), len(lost)), len(lost))


def yearly(shop: Shop, day: date) -> dict[str, Told]:
    """Retention, churn and revenue retention from the month-end 12 months ago."""
    keys = ("retention_annual", "churn_annual", "grr", "nrr")
    ago = month_end(day.replace(year=day.year - 1, day=1))
    if day != month_end(day) or ago < shop.first:
        return dict.fromkeys(keys, Told(None, None))
    moved = shop.movement(ago, day)
    kept, lost = int((moved == "kept").sum()), int((moved == "lost").sum())
    n = int(shop.state(ago)["is_active"].sum())
    told = {
        "retention_annual": Told(ratio(kept, n), n),
        "churn_annual": Told(ratio(lost, n), n),
    }
    if window_start(ago, 12) < shop.first.replace(day=1):
        return told | dict.fromkeys(("grr", "nrr"), Told(None, None))
    units = shop.state(ago)["units"]
    then = units[units > 0]
    now = shop.state(day)["units"].reindex(then.index).fillna(0).astype("int64")
    left = now.clip(lower=0)
    gross, whole = pd.concat([left, then], axis=1).min(axis=1).sum(), then.sum()
    return told | {
        "grr": Told(ratio(gross, whole), len(then)),
        "nrr": Told(ratio(left.sum(), whole), len(then)),
    }


def buying(shop: Shop, day: date) -> dict[str, Told]:
    return {**repeat(shop, day), **within(shop, day), "gap_median": gap_median(shop, day)}


def repeat(shop: Shop, day: date) -> dict[str, Told]:
    days = shop.occasions(day)
    first_month = shop.first.replace(day=1)
    year, before = window_start(day, 12), window_start(day, 24)
    recent = days[days["on"] >= pd.Timestamp(year)]
    earlier = days[(days["on"] >= pd.Timestamp(before)) & ~(days["on"] >= pd.Timestamp(year))]
    count = recent.groupby("customer").size()
    buyers = set(earlier["customer"])
    back = buyers & set(recent["customer"])
    repeat = Told(ratio(int((count >= 2).sum()), len(count)), len(count))
    again = Told(ratio(len(back), len(buyers)), len(buyers))
    nothing = Told(None, None)
    return {
        "repeat_rate": repeat if year >= first_month else nothing,
        "next_window_rate": again if before >= first_month else nothing,
    }


def firsts(shop: Shop, day: date) -> list[tuple[date, date | None]]:
    """First and second occasion of every customer who bought by ``day``."""
    state = shop.state(day)
    bought = state[state["is_customer"]]
    return [
        (first.date(), None if pd.isna(second) else second.date())
        for first, second in zip(bought["first"], bought["second"], strict=True)
    ]


def within(shop: Shop, day: date) -> dict[str, Told]:
    told = {}
    for days in WITHIN:
        window = timedelta(days=days)
        old = [(first, second) for first, second in firsts(shop, day) if first + window <= day]
        back = [first for first, second in old if second and second <= first + window]
        told[f"repurchase_within_{days}"] = Told(ratio(len(back), len(old)), len(old))
    return told


def gap_median(shop: Shop, day: date) -> Told:
    """Kaplan-Meier: the first day by which half has come back, of those still watched."""
    waits = [
        Wait(((second or day) - first).days, second is not None)
        for first, second in firsts(shop, day)
    ]
    return Told(kaplan_meier_median(waits), len(waits))


def money(units: int) -> Decimal:
    """Units as money."""
    return Decimal(int(units)) / UNITS


def ratio(part: int, whole: int) -> Fraction | None:
    """Exact quotient; None where the whole is 0."""
    return Fraction(int(part), int(whole)) if whole else None


def kaplan_meier_median(waits: list[Wait]) -> int | None:
    """First day at whose end at most half is still waiting; None while more are."""
    waiting, share = len(waits), Fraction(1)
    for day in sorted({wait.days for wait in waits}):
        ending = [wait for wait in waits if wait.days == day]
        events = sum(wait.is_back for wait in ending)
        share *= Fraction(waiting - events, waiting)
        if share <= Fraction(1, 2):
            return day
        waiting -= len(ending)
    return None


def wilson(part: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Both roots p of (part / n - p)^2 = z^2 p (1 - p) / n (Wilson 1927)."""
    share = part / n
    a, b, c = 1 + z * z / n, -(2 * share + z * z / n), share * share
    root = sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
