"""A shop in plain pandas: what was sold and given back, and what each customer was at a day.

Nothing of the product is imported: this follows ``definitions.md`` alone, slowly and obviously.
Money is an integer count of 1/10000. Costs, contracts, cancellations and days of joining do not
occur in the data sets that this is for, and are left out.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

TIERS = ("top", "high", "middle", "other")
PERCENT = (1, 5, 20)  # of active customers that the upper one, two and three tiers hold


@dataclass
class Shop:
    """What was sold and given back.

    Attributes
    ----------
    orders
        ``order``, ``customer`` (None: nobody's), ``at`` (moment), ``units`` (money).
    refunds
        ``customer``, ``product`` (None: unknown), ``at``, ``units``; linked to no order.
    sold
        What each order took for each product: ``order``, ``product``, ``units``.
    lapse_after_days
        tau.
    regions
        Where a customer was known to be since when: ``customer``, ``on``, ``region``.
    """

    orders: pd.DataFrame
    refunds: pd.DataFrame
    sold: pd.DataFrame
    lapse_after_days: int
    regions: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        self.orders = self.orders.assign(on=self.orders["at"].dt.normalize())
        self.refunds = self.refunds.assign(on=self.refunds["at"].dt.normalize())
        self.known_states: dict[date, pd.DataFrame] = {}

    @cached_property
    def bookings(self) -> pd.DataFrame:
        """Every sale, and every refund on its own day: ``customer``, ``on``, ``units``."""
        given = self.refunds.assign(units=-self.refunds["units"])
        names = ["customer", "on", "units"]
        return pd.concat([self.orders[names], given[names]], ignore_index=True)

    @cached_property
    def first(self) -> date:
        """First day of the books."""
        return self.bookings["on"].min().date()

    @cached_property
    def last(self) -> date:
        """Last day of the books."""
        return self.bookings["on"].max().date()

    @cached_property
    def matched(self) -> pd.DataFrame:
        """Refunds with the customer's latest earlier sale of the same product.

        ``order``, ``product``, ``on``, ``units``. A refund without a time of day comes at the end
        of its day; of two sales of one moment the greater number is taken.
        """
        given = self.refunds.dropna(subset=["customer", "product"]).reset_index(names="refund")
        until = given["at"].where(given["at"] > given["on"], given["on"] + pd.Timedelta(days=1))
        given = given.assign(until=until)
        sales = self.sold[["order", "product"]].merge(
            self.orders[["order", "customer", "at"]].rename(columns={"at": "sold_at"}), on="order"
        )
        pairs = given.merge(sales, on=["customer", "product"])
        pairs = pairs[pairs["sold_at"] <= pairs["until"]]
        latest = pairs.sort_values(["refund", "sold_at", "order"]).drop_duplicates(
            "refund", keep="last"
        )
        return latest[["order", "product", "on", "units"]]

    @cached_property
    def voided(self) -> dict[str, pd.Timestamp]:
        """Day from which an order that was wholly given back is no purchase any more."""
        price = self.orders.set_index("order")["units"].to_dict()
        cap = self.sold.groupby(["order", "product"])["units"].sum().to_dict()
        found = {}
        for order, refunds in self.matched.groupby("order"):
            back: dict[str, int] = {}
            for on, of_day in refunds.sort_values("on").groupby("on"):
                for product, units in zip(of_day["product"], of_day["units"], strict=True):
                    back[product] = back.get(product, 0) + units
                counted = sum(min(units, cap[order, p]) for p, units in back.items())
                if 0 < price[order] <= counted:
                    found[order] = on
                    break
        return found

    def occasions(self, day: date) -> pd.DataFrame:
        """One row per customer and day with a purchase that stood at the end of ``day``."""
        at = pd.Timestamp(day)
        bought = self.orders[(self.orders["units"] > 0) & self.orders["customer"].notna()]
        bought = bought[bought["on"] <= at]
        ended = pd.to_datetime(bought["order"].map(self.voided))
        standing = bought[~(ended <= at)]
        days = standing[["customer", "on"]].drop_duplicates()
        return days.sort_values(["customer", "on"], ignore_index=True)

    def state(self, day: date) -> pd.DataFrame:
        """One row per customer known at the end of ``day``: ``first``, ``second``, ``last``,
        ``recent`` (occasions of 12 months), ``units`` (value of 12 months), ``is_active``.
        """
        if day not in self.known_states:
            self.known_states[day] = self._state(day)
        return self.known_states[day]

    def _state(self, day: date) -> pd.DataFrame:
        at = pd.Timestamp(day)
        since = pd.Timestamp(window_start(day, 12))
        booked = self.bookings[self.bookings["customer"].notna() & (self.bookings["on"] <= at)]
        known = pd.DataFrame(index=pd.Index(sorted(booked["customer"].unique()), name="customer"))
        days = self.occasions(day)
        number = days.groupby("customer").cumcount()
        found = known.assign(
            first=days[number == 0].set_index("customer")["on"],
            second=days[number == 1].set_index("customer")["on"],
            last=days.groupby("customer")["on"].max(),
            recent=days[days["on"] >= since].groupby("customer").size(),
            units=booked[booked["on"] >= since].groupby("customer")["units"].sum(),
        )
        silence = (at - found["last"]).dt.days
        return found.assign(
            recent=found["recent"].fillna(0).astype("int64"),
            units=found["units"].fillna(0).astype("int64"),
            silence=silence,
            is_customer=found["first"].notna(),
            is_active=silence <= self.lapse_after_days,
        )

    def region(self, day: date) -> pd.Series:
        """Return the region in which each customer was at the end of ``day``; missing: unknown."""
        assert self.regions is not None
        said = self.regions[self.regions["on"] <= pd.Timestamp(day)]
        return said.sort_values("on", kind="stable").groupby("customer")["region"].last()

    def cut_day(self, day: date) -> date | None:
        """The December whose cut-points serve ``day``; None: only its own can (provisional)."""
        ends = [date(year, 12, 31) for year in range(self.first.year, day.year + 1)]
        full = [
            e for e in ends if e <= day and window_start(e, 12) >= self.first.replace(day=1)
        ]  # fmt: skip
        if len(full) > 1 and full[-1] == day:
            return full[-2]
        return full[-1] if full else None

    def cuts(self, day: date) -> list[int]:
        """Least value of the upper three tiers that serve ``day``."""
        state = self.state(self.cut_day(day) or day)
        values = sorted(state.loc[state["is_active"], "units"], reverse=True)
        n = len(values)
        return [values[-(-n * percent // 100) - 1] for percent in PERCENT] if n else []

    def tiers(self, day: date) -> pd.Series:
        """Tier of each active customer; the others None."""
        cuts, state = self.cuts(day), self.state(day)

        def tier(units: int) -> str:
            for name, cut in zip(TIERS, cuts, strict=False):
                if units > 0 and units >= cut:
                    return name
            return "other"

        names = [
            tier(units) if is_active else None
            for units, is_active in zip(state["units"], state["is_active"], strict=True)
        ]
        return pd.Series(names, index=state.index, dtype="object")

    def both_ends(self, opened: date, closed: date) -> pd.DataFrame:
        """Customers known at the closing, as they were at both ends; value is of the active."""
        columns = ["first", "last", "units", "is_customer", "is_active"]
        then, now = self.state(opened)[columns], self.state(closed)[columns]
        both = now.add_suffix("_now").join(then.add_suffix("_then"))
        for end in ("then", "now"):
            active = both[f"is_active_{end}"].eq(True)
            both[f"is_active_{end}"] = active
            both[f"is_customer_{end}"] = both[f"is_customer_{end}"].eq(True)
            both[f"value_{end}"] = both[f"units_{end}"].where(active, 0).astype("int64")
        return both

    def movement(self, opened: date, closed: date) -> pd.Series:
        """What became of each customer between two days."""
        both = self.both_ends(opened, closed)
        was, is_ = both["is_active_then"], both["is_active_now"]
        is_first = both["first_now"] > pd.Timestamp(opened)
        moved = pd.Series(None, index=both.index, dtype="object")
        moved[was & is_] = "kept"
        moved[was & ~is_ & both["is_customer_now"]] = "lost"
        moved[was & ~both["is_customer_now"]] = "undone"
        moved[~was & is_ & is_first] = "new"
        moved[~was & is_ & ~is_first] = "returned"
        moved[~was & ~is_ & is_first] = "came_and_went"
        return moved


def month_end(day: date) -> date:
    """Last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def window_start(day: date, months: int) -> date:
    """First day of the window of so many calendar months that ends with the end of ``day``."""
    following = pd.Timestamp(day) + pd.Timedelta(days=1)
    return (following - pd.DateOffset(months=months)).date()
