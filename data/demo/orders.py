"""Orders, their lines, cancellations and refunds, with money in whole hundredths of a yuan."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.demo import catalogue, columns
from data.demo.company import BRANCHES, REGION_OF, REGIONS
from data.demo.people import APP, CHANNELS, ONLINE, PREMIUM, People
from data.demo.plan import Plan, Role
from data.demo.sales import TRAP, TRAP_AMOUNT, Sales, promotion_ids, promotions
from data.demo.visits import CAR, INSURANCE, MAINTENANCE, REPAIR, SHOP

PAYMENTS = ("wechat", "alipay", "card", "bank_transfer", "instalment", "cash")
_PAID = np.cumsum([0.40, 0.28, 0.16, 0.05, 0.03, 0.08])
_PAID_CAR = np.cumsum([0.02, 0.02, 0.22, 0.34, 0.40, 0.0])
_MORE_LINES = np.zeros(5)
_MORE_LINES[[MAINTENANCE, SHOP, REPAIR, INSURANCE, CAR]] = 0.45, 0.55, 0.30, 0.10, 0.9
_FIRST_LINE = {
    MAINTENANCE: (catalogue.MAINTENANCE,),
    SHOP: (catalogue.ACCESSORIES, catalogue.TYRES),
    REPAIR: (catalogue.REPAIRS,),
    INSURANCE: (catalogue.INSURANCE,),
    CAR: (catalogue.CARS,),
}
_OTHER_LINES = {
    MAINTENANCE: (catalogue.ACCESSORIES, catalogue.MAINTENANCE),
    SHOP: (catalogue.ACCESSORIES,),
    REPAIR: (catalogue.MAINTENANCE, catalogue.REPAIRS),
    INSURANCE: (catalogue.INSURANCE,),
    CAR: (catalogue.ACCESSORIES, catalogue.FINANCING, catalogue.INSURANCE),
}
REASONS = ("wrong_item", "defect", "not_needed", "overcharged", "goodwill")


@dataclass
class Lines:
    """Lines ``(k,)`` by order; money in hundredths of a yuan. ``order`` is the order's place."""

    order: np.ndarray
    line: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    amount: np.ndarray
    discount: np.ndarray
    cost: np.ndarray

    def total(self, values: np.ndarray, orders: int) -> np.ndarray:
        """Return the sums of ``values`` ``(k,)`` by order, ``(orders,) int``."""
        starts = np.flatnonzero(self.line == 0)
        return np.add.reduceat(values, starts) if orders else values


def lines(plan: Plan, crowd: People, sold: Sales, random: np.random.Generator) -> Lines:
    """Return what each order consists of."""
    count = len(sold.day)
    more = random.poisson(_MORE_LINES[sold.kind]).clip(max=4) + sold.is_batch
    more = np.where(sold.promotion == TRAP, 0, more)
    size = 1 + more
    order = np.repeat(np.arange(count), size)
    line = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    product = _products(sold.kind[order], line == 0, random)
    is_pad = sold.is_batch[order] & (line == more[order])
    product = np.where(is_pad, catalogue.BATCH, product)
    product = np.where(sold.promotion[order] == TRAP, catalogue.OIL_SERVICE, product)
    quantity = _quantities(crowd, sold, order, product, line, random)
    price = catalogue.PRICE[product] * (1 + 0.02 * np.floor(sold.day[order] / 365))
    spread = np.where(sold.kind[order] == REPAIR, 0.45, 0.0)
    price = price * np.exp(spread * random.standard_normal(len(order)))
    price = price * _grade(crowd, sold)[order]
    gross = (np.round(price) * 100).astype(np.int64) * quantity
    cost = np.round(gross * catalogue.COST[product]).astype(np.int64)
    discount = _discount_rate(plan, crowd, sold, random)[order]
    below_cost = sold.role[order] == Role.NEGATIVE
    discount = np.where(below_cost, 1 - catalogue.COST[product] * discount, discount)
    free = (sold.kind == REPAIR) & (random.random(count) < 0.02) & (sold.role == Role.ORDINARY)
    amount = np.where(free[order], 0, np.round(gross * (1 - discount))).astype(np.int64)
    amount = np.where(sold.promotion[order] == TRAP, TRAP_AMOUNT, amount)
    cost = np.where(free[order], 0, cost)  # the maker pays for work under warranty
    return Lines(order, line, product, quantity, amount, gross - amount, cost)


def order_tables(
    plan: Plan, crowd: People, sold: Sales, detail: Lines, random: np.random.Generator
) -> dict[str, pa.Table]:
    """Return the rows of ``orders``, ``order_lines`` and ``refunds``."""
    count = len(sold.day)
    drawn = random.random(count)
    payment = np.where(
        sold.kind == CAR,
        np.searchsorted(_PAID_CAR, drawn, side="right"),
        np.searchsorted(_PAID, drawn, side="right"),
    ).clip(max=5)
    distant = (sold.channel == ONLINE) | (sold.channel == APP)
    cancelled = sold.day + 0.02 + random.random(count) * 2.5
    is_cancelled = random.random(count) < np.where(distant, 0.03, 0.008)
    is_cancelled &= (sold.role == Role.ORDINARY) & ~sold.is_first & (cancelled < plan.end)
    costed = (sold.kind != SHOP) | (random.random(count) >= 0.01) | (sold.role == Role.NEGATIVE)
    index = np.where(sold.customer >= 0, crowd.index[sold.customer], -1)
    amount = detail.total(detail.amount, count)
    order_ids = columns.ids("S", sold.number, 10)
    orders = columns.table(
        "orders",
        order_id=order_ids,
        customer_id=columns.customers(index),
        ordered_at=columns.moments(sold.day, plan.origin),
        amount=columns.money(amount),
        cost=columns.money(detail.total(detail.cost, count), costed),
        discount=columns.money(detail.total(detail.discount, count)),
        cancelled_at=columns.moments(cancelled, plan.origin, is_cancelled),
        payment_method=columns.choices(PAYMENTS, payment),
        promotion_id=promotion_ids(sold.promotion),
        branch=columns.choices(BRANCHES, sold.branch),
        region=columns.choices(REGIONS, REGION_OF[sold.branch]),
        channel=columns.choices(CHANNELS, sold.channel),
        employee_id=columns.employees(sold.employee),
        currency=columns.constant("CNY", count),
    )
    order_lines = columns.table(
        "order_lines",
        order_id=columns.ids("S", sold.number[detail.order], 10),
        line_id=columns.ids("", detail.line + 1, 1),
        product_id=catalogue.product_ids(detail.product),
        quantity=columns.numbers(detail.quantity),
        amount=columns.money(detail.amount),
        discount=columns.money(detail.discount),
        cost=columns.money(detail.cost, costed[detail.order]),
    )
    refunds = _refunds(plan, sold, detail, index, amount, is_cancelled, random)
    return {"orders": orders, "order_lines": order_lines, "refunds": refunds}


def _grade(crowd: People, sold: Sales) -> np.ndarray:
    """Return by what factor each order is dearer than the list: premium cars cost more to keep."""
    premium = (sold.customer >= 0) & (crowd.segment[sold.customer] == PREMIUM)
    grade = np.where(premium, 1.45, 1.0)
    return np.where(sold.role == Role.DEPENDENT, 2.2, grade)


def _products(kind: np.ndarray, is_first: np.ndarray, random: np.random.Generator) -> np.ndarray:
    drawn, product = random.random(len(kind)), np.zeros(len(kind), np.int64)
    for visit in (MAINTENANCE, SHOP, REPAIR, INSURANCE, CAR):
        for first, pool in ((True, _FIRST_LINE[visit]), (False, _OTHER_LINES[visit])):
            here = (kind == visit) & (is_first == first)
            product[here] = catalogue.pick(drawn[here], *pool)
    return product


def _quantities(
    crowd: People,
    sold: Sales,
    order: np.ndarray,
    product: np.ndarray,
    line: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Return quantities: tyres in pairs, fleets several vehicles at a time."""
    tyre = np.isin(product, catalogue.products_of(catalogue.TYRES)[0])
    several = np.isin(product, catalogue.products_of(catalogue.ACCESSORIES)[0])
    quantity = np.where(tyre, np.where(random.random(len(order)) < 0.5, 2, 4), 1)
    quantity = quantity + (several & (random.random(len(order)) < 0.18))
    customer = sold.customer[order]
    vehicles = np.where(customer >= 0, crowd.vehicles[customer], 1)
    car = (sold.kind[order] == CAR) & (line == 0)
    fleet = 1 + random.poisson(np.where(car, 0.0, np.minimum(vehicles - 1, 30) * 0.09))
    return quantity * fleet


def _discount_rate(
    plan: Plan, crowd: People, sold: Sales, random: np.random.Generator
) -> np.ndarray:
    """Return the discount of each order; for those sold below cost, amount over cost."""
    count, drawn = len(sold.day), random.random(len(sold.day))
    customer = sold.customer
    level = np.where(customer >= 0, crowd.level_on(customer, sold.day), 0)
    member = np.array([0.0, 0.0, 0.05, 0.08])[level] * (random.random(count) < 0.30)
    haggled = np.where(drawn < 0.08, 0.03 + random.random(count) * 0.09, 0.0)
    rate = np.where(sold.kind == CAR, random.random(count) * 0.02, np.maximum(member, haggled))
    offered = np.array([offer.discount for offer in promotions(plan)])
    rate = np.where(sold.promotion >= 0, offered[sold.promotion], rate)
    return np.where(sold.role == Role.NEGATIVE, 0.72 + random.random(count) * 0.18, rate)


def _refunds(
    plan: Plan,
    sold: Sales,
    detail: Lines,
    index: np.ndarray,
    amount: np.ndarray,
    is_cancelled: np.ndarray,
    random: np.random.Generator,
) -> pa.Table:
    """Refunds of orders, of single lines, of a product without the order, and of amounts."""
    count, drawn = len(sold.day), random.random(len(sold.day))
    distant = (sold.channel == ONLINE) | (sold.channel == APP)
    wanted = np.where(sold.kind == CAR, 0.002, np.where(distant, 0.032, 0.010))
    wanted = np.where(sold.role == Role.NEGATIVE, 0.16, wanted)
    wanted = np.where(sold.role == Role.DEPENDENT, 0.0, wanted)
    wanted = np.where(sold.is_first, 0.3 * wanted, wanted)
    refunded = sold.day + 0.2 + random.gamma(1.2, 12.0, count)
    made = (drawn < wanted) & ~is_cancelled & (refunded < plan.end) & (amount > 0)
    place = np.flatnonzero(made)
    share = drawn[place] / wanted[place]  # uniform: which kind of refund
    whole, linked = share < 0.30, share < 0.86
    by_product = (share >= 0.30) & (share < 0.96)
    first_line = np.flatnonzero(detail.line == 0)[place]
    part = np.where(whole, amount[place], detail.amount[first_line])
    only_money = share >= 0.96
    part = np.where(only_money, np.maximum(part // 3 // 100 * 100, 100), part)
    return columns.table(
        "refunds",
        refund_id=columns.ids("R", sold.number[place], 10),
        refunded_at=columns.moments(refunded[place], plan.origin),
        amount=columns.money(part),
        order_id=columns.ids("S", sold.number[place], 10, linked),
        customer_id=columns.customers(index[place]),
        product_id=catalogue.product_ids(detail.product[first_line], by_product),
        reason=columns.choices(REASONS, (random.random(len(place)) * 5).astype(int)),
    ).filter(pa.array(part > 0))
