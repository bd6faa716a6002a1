"""Tables that tell a figure apart, in plain pandas: cohorts, moves, gaps, limits of silence."""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from tests.reference.plain import Told, Wait, kaplan_meier_median, money, ratio
from tests.reference.plain_shop import Shop, month_end

GAINS = ("closing", "new", "returned", "moved_in")  # parts of the bridge counted at its end
BANDS = ((90, "0-90"), (180, "91-180"), (365, "181-365"), (730, "366-730"))


def tier_matrix(shop: Shop, opened: date, closed: date) -> dict[tuple[str, str], tuple]:
    """Heads and value then and now, of each pair of tiers (or lost, or none) with an active end."""
    both = shop.both_ends(opened, closed)
    for end, day in (("then", opened), ("now", closed)):
        state, tier = shop.state(day), shop.tiers(day)
        level = tier.where(state["is_active"], state["is_customer"].map({True: "lost"}))
        both[end] = level.reindex(both.index).fillna("none")
    rows = both[both["is_active_then"] | both["is_active_now"]]
    return {
        pair: (len(rows), money(rows["value_then"].sum()), money(rows["value_now"].sum()))
        for pair, rows in rows.groupby(["then", "now"])
    }


def cohorts(shop: Shop, day: date, up_to: int = 24) -> dict[tuple[date, int], tuple]:
    """Size, customers who bought in that month, and in it or later, of each cohort and month."""
    days = shop.occasions(day)
    month = days["on"].dt.year * 12 + days["on"].dt.month - 1
    days = days.assign(month=month, cohort=month.groupby(days["customer"]).transform("min"))
    closed = day.year * 12 + day.month - 1 - (day != month_end(day))
    cells = {}
    for cohort, rows in days.groupby("cohort"):
        size = rows["customer"].nunique()
        start = date(cohort // 12, cohort % 12 + 1, 1)
        for k in range(up_to + 1):
            bought = rows.loc[rows["month"] == cohort + k, "customer"].nunique()
            later = rows.loc[rows["month"] >= cohort + k, "customer"].nunique()
            is_open = cohort + k > closed
            cells[start, k] = (size, None, None) if is_open else (size, bought, later)
    return cells


def gaps(shop: Shop, day: date, up_to: int = 5) -> dict[int, tuple]:
    """Customers who came k times, how many came again, and after how many days half of them."""
    days = shop.occasions(day)
    table = days.assign(
        k=days.groupby("customer").cumcount() + 1, next=days.groupby("customer")["on"].shift(-1)
    )
    found = {}
    for k in range(1, up_to + 1):
        rows = table[table["k"] == k]
        is_back = rows["next"].notna()
        until = rows["next"].fillna(pd.Timestamp(day))
        length = (until - rows["on"]).dt.days
        waits = [Wait(*pair) for pair in zip(length, is_back, strict=True)]
        found[k] = (len(rows), int(is_back.sum()), kaplan_meier_median(waits))
    return found


def silences(shop: Shop, day: date, lapses: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Silences longer than tau that began 2 tau days ago or earlier, and those that ended by 2 tau.

    Who is silent for tau days has bought nothing on the tau days after an occasion.
    """
    days = shop.occasions(day)
    until = days.groupby("customer")["on"].shift(-1)
    length = (until - days["on"]).dt.days
    age = (pd.Timestamp(day) - days["on"]).dt.days
    found = {}
    for tau in lapses:
        is_silent = (age >= 2 * tau) & ~(length <= tau)
        found[tau] = (int(is_silent.sum()), int((is_silent & (length <= 2 * tau)).sum()))
    return found


def churn_with(shop: Shop, tau: int, opened: date, closed: date) -> tuple[int, int]:
    """Active and lost customers of a period, were tau the limit."""
    then, now = shop.state(opened), shop.state(closed)
    active = then.index[then["silence"] <= tau]
    is_lost = (now["silence"] > tau) & now["is_customer"]
    return len(active), int(is_lost.reindex(active, fill_value=False).sum())


def returned_by_tier(shop: Shop, opened: date, closed: date) -> dict[tuple[str, str], tuple]:
    """Lost at the opening and how many bought since, by the tier they last had and silence."""
    tier = pd.Series(dtype="object")
    day = month_end(shop.first)
    while day <= opened:
        of_day = shop.tiers(day).dropna()
        tier = pd.concat([tier.drop(tier.index.intersection(of_day.index)), of_day])
        day = month_end((pd.Timestamp(day) + pd.Timedelta(days=1)).date())
    then = shop.state(opened)
    lost = then[then["is_customer"] & ~then["is_active"]]
    last = shop.state(closed)["last"].reindex(lost.index)
    rows = pd.DataFrame(
        {
            "tier": tier.reindex(lost.index),
            "band": [next((b for most, b in BANDS if s <= most), "731+") for s in lost["silence"]],
            "is_back": last > pd.Timestamp(opened),
        }
    )
    return {
        pair: (len(members), int(members["is_back"].sum()))
        for pair, members in rows.groupby(["tier", "band"])
    }


def by_region(shop: Shop, opened: date, closed: date) -> dict[str | None, dict[str, Told]]:
    """Heads and money of each region, with who moved into it and out of it."""
    both = shop.both_ends(opened, closed).assign(movement=shop.movement(opened, closed))
    then, now = shop.region(opened).reindex(both.index), shop.region(closed).reindex(both.index)
    then, now = then.fillna("unknown"), now.fillna("unknown")
    is_kept = both["movement"] == "kept"
    found = {}
    for name in sorted(set(then) | set(now)):
        was_in, is_in = then == name, now == name
        members = {
            "opening": both["is_active_then"] & was_in,
            "closing": both["is_active_now"] & is_in,
            "new": (both["movement"] == "new") & is_in,
            "returned": (both["movement"] == "returned") & is_in,
            "lost": (both["movement"] == "lost") & was_in,
            "undone": (both["movement"] == "undone") & was_in,
            "moved_in": is_kept & is_in & ~was_in,
            "moved_out": is_kept & was_in & ~is_in,
        }
        told = {f"bridge_{k}": Told(int(m.sum()), int(m.sum())) for k, m in members.items()}
        for part, rows in members.items():
            column = "value_now" if part in GAINS else "value_then"
            told[f"bridge_value_{part}"] = Told(money(both.loc[rows, column].sum()), rows.sum())
        active, customers = members["closing"], both["is_customer_now"] & is_in
        told |= {
            "customers": Told(int(customers.sum()), int(customers.sum())),
            "active_customers": Told(int(active.sum()), int(active.sum())),
            "value": told["bridge_value_closing"],
            "churn": Told(ratio(told["bridge_lost"].n, told["bridge_opening"].n),
                          told["bridge_opening"].n),
        }  # fmt: skip
        found[None if name == "unknown" else name] = told
    return found
