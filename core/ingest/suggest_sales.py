"""What ``suggest`` writes for sales: orders, their lines, refunds, and who bought."""

import re
from collections import Counter

from core.ingest import synonyms
from core.ingest.draft import Draft, Part, quoted
from core.ingest.suggest_tables import date_column, id_column, moment

_SCOPES = (
    "region", "branch", "channel", "payment_method", "promotion_id", "employee_id", "currency",
)  # fmt: skip
_GONE = re.compile(r"cancel|void|refund|return|closed|取消|退|关闭|作废", re.IGNORECASE)


def sales(
    out: Draft, part: Part, from_: str | None, *, is_lines: bool, rolls_up: bool, has_lines: bool,
    with_people: bool,
) -> None:  # fmt: skip
    """Write orders, and their lines where the part holds lines.

    Parameters
    ----------
    out, part, from_
        Text, sample, and what ``from`` names (None for the whole source).
    is_lines
        Whether a row is a line of an order.
    rolls_up
        Whether orders are made of these lines.
    has_lines
        Whether another part holds the lines of these orders.
    with_people
        Whether customers are to be taken from here.
    """
    table = "order_lines" if is_lines else "orders"
    out.table(table, from_)
    order = part.best("order_id")
    equal = _equal_rows(part)
    if order is not None:
        out.put("columns.order_id", id_column(part, order))
        _prefixes(out, part, order)
    if is_lines:
        _line_id(out, part, order)
        _product(out, part)
        if quantity := part.best("quantity"):
            out.put("columns.quantity", quoted(quantity))
    elif order is None:
        out.say("? The source numbers no orders: a row is known by what it says, and equal rows of")
        out.say("one customer and file are as many orders.")
        out.put("content_id", '["ordered_at", "amount"]')
    if equal:
        out.say(f"? {equal} rows of the sample equal another one: sales entered twice, or copies?")
    if not is_lines and has_lines and "amount" not in part.concepts:
        out.put("rollup", "true", why="the amount is the sum of the lines")
    else:
        _amount(out, part)
    if (discount := part.best("discount")) and not _is_share(part, discount):
        out.put("columns.discount", quoted(discount))
    if cost := part.best("cost"):
        out.put("columns.cost", quoted(cost))
    if not is_lines:
        _order_columns(out, part)
    elif rolls_up:
        out.table("orders", from_ if from_ is None else None)
        out.say("An order is the sum of its lines.")
        out.put("rollup", "true")
        _order_columns(out, part)
    if rolls_up or not is_lines:
        _refunds(out, part, from_)
    if with_people and (customer := part.best("customer_id")):
        out.table("customers", from_)
        conditions = [f'{{ column = {quoted(customer)}, op = "not empty" }}']
        if words := part.profiles[customer].anonymous():
            listed = f"[{', '.join(map(quoted, words))}]"
            conditions.append(f'{{ column = {quoted(customer)}, op = "not in", value = {listed} }}')
        out.put("where", f"[{', '.join(conditions)}]")
        out.put("columns.customer_id", id_column(part, customer))
    if is_lines and (name := part.best(synonyms.PRODUCT_NAME)) and "product_id" in part.concepts:
        out.table("products", from_)
        product = part.best("product_id") or name
        out.put("where", f'[{{ column = {quoted(product)}, op = "not empty" }}]')
        out.put("duplicates", '"last"', why="the name that stands last")
        out.put("columns.product_id", id_column(part, product))
        out.put("columns.name", quoted(name))
        for concept in ("category", "brand"):
            if column := part.best(concept):
                out.put(f"columns.{concept}", quoted(column))


def _is_share(part: Part, column: str) -> bool:
    numbers = part.profiles[column].numbers()
    return any(numbers) and all(0 <= number <= 1 for number in numbers)


def _equal_rows(part: Part) -> int:
    counts = Counter(map(tuple, part.preview.rows))
    return sum(count - 1 for count in counts.values())


def _prefixes(out: Draft, part: Part, order: str) -> None:
    profile = part.profiles[order]
    for letters, count in sorted(profile.prefixes().items()):
        if count < 0.5 * len(profile.values):
            out.say(f'? {count} of {len(profile.values)} order numbers begin with "{letters}":')
            out.say("cancellations or corrections? To leave them out here (see refunds below):")
            condition = f'{{ column = {quoted(order)}, op = "not matches", value = "^{letters}" }}'
            out.put("where", f"[{condition}]", decided=False)


def _line_id(out: Draft, part: Part, order: str | None) -> None:
    columns = list(part.preview.columns)
    at = columns.index(order) if order in columns else None
    for concept in ("line_id", "product_id"):
        column = part.best(concept)
        if column is None or at is None:
            continue
        other = columns.index(column)
        pairs = [(row[at], row[other]) for row in part.preview.rows]
        if len(set(pairs)) == len(pairs):
            out.put("columns.line_id", id_column(part, column))
            return
    kept = [name for name in ("product_id", "quantity") if name in part.concepts] + ["amount"]
    what = ", ".join(map(quoted, kept))
    out.say("The source numbers no lines: a line is known by what it says, and by how many equal")
    out.say("ones of the order stand before it.")
    within = f", within = [{quoted(order)}]" if order else ""
    out.put("columns.line_id", f"{{ content = [{what}]{within} }}")


def _product(out: Draft, part: Part) -> None:
    if column := part.best("product_id") or part.best(synonyms.PRODUCT_NAME):
        out.put("columns.product_id", id_column(part, column))


def _amount(out: Draft, part: Part) -> None:
    candidates = part.concepts.get("amount", [])
    price, quantity = part.best(synonyms.PRICE), part.best("quantity")
    product = f"{{ multiply = [{quoted(quantity or '')}, {quoted(price or '')}] }}"
    if candidates:
        out.put("columns.amount", quoted(candidates[0]))
        for other in candidates[1:]:
            out.put("columns.amount", quoted(other), decided=False, why="? or this one")
        if price and quantity:
            out.put("columns.amount", product, decided=False, why="? or this")
    elif price and quantity and (off := part.best("discount")) and _is_share(part, off):
        out.say(f"? {quoted(off)} seems to be a share of the price.")
        parts = f"{quoted(quantity)}, {quoted(price)}"
        out.put(
            "columns.amount", f"{{ multiply = [{parts}, {{ subtract = [1, {quoted(off)}] }}] }}"
        )
        out.put("columns.discount", f"{{ multiply = [{parts}, {quoted(off)}] }}")
    elif price and quantity:
        out.put("columns.amount", product, why="? discounts taken off?")
    elif price:
        out.put("columns.amount", quoted(price), why="? a price, with no quantity beside it")
    else:
        out.say("? Which column is the amount charged?")
        out.put("columns.amount", '"..."', decided=False)


def _order_columns(out: Draft, part: Part) -> None:
    if customer := part.best("customer_id"):
        out.put("columns.customer_id", id_column(part, customer))
        if empty := part.profiles[customer].empty:
            rows = len(part.preview.rows)
            out.say(f"? {empty} of {rows} rows name no customer: they count in totals alone.")
    else:
        out.say("? No column names the customer; without one, sales count in totals alone.")
        out.put("columns.customer_id", '"..."', decided=False)
    if date := part.best("ordered_at"):
        date_column(out, part, "ordered_at", date)
    else:
        out.say("? Which column is the day of the order?")
        out.put("columns.ordered_at", '"..."', decided=False)
    for name in _SCOPES:
        if column := part.best(name):
            out.put(f"columns.{name}", quoted(column))
    if column := part.best("cancelled_at"):
        date_column(out, part, "cancelled_at", column)
    elif status := part.best(synonyms.STATUS):
        _status(out, part, status)


def _status(out: Draft, part: Part, column: str) -> None:
    gone = sorted(value for value in set(part.profiles[column].values) if _GONE.search(value))
    date = part.best("ordered_at")
    if gone and date:
        out.say(
            f"? {quoted(column)} holds {', '.join(gone[:8])}: orders that were cancelled? The day"
        )
        out.say("of the order stands in for that of the cancellation.")
        words = ", ".join(map(quoted, gone))
        when = f'{{ column = {quoted(column)}, op = "in", value = [{words}] }}'
        value = f"{{ cases = [{{ when = {when}, then = {moment(part, date)} }}] }}"
        out.put("columns.cancelled_at", value, decided=False)


def _refunds(out: Draft, part: Part, from_: str | None) -> None:
    """Propose refunds where amounts or quantities are below 0."""
    source = next(
        (c for name in ("quantity", "amount") if (c := part.best(name))
         and any(number < 0 for number in part.profiles[c].numbers())),
        None,
    )  # fmt: skip
    order, date = part.best("order_id"), part.best("ordered_at")
    if source is None or date is None:
        return
    below = sum(number < 0 for number in part.profiles[source].numbers())
    out.blank()
    out.say(
        f"? {below} of {len(part.preview.rows)} rows have {quoted(source)} below 0: refunds? If so,"
    )
    out.say("uncomment this, and leave them out above:")
    out.say(f'where = [{{ column = {quoted(source)}, op = ">=", value = 0 }}]')
    out.table("refunds", from_, decided=False)
    out.put("where", f'[{{ column = {quoted(source)}, op = "<", value = 0 }}]', decided=False)
    within = f", within = [{quoted(order)}], prefix = {quoted(order)}" if order else ""
    out.put(
        "columns.refund_id", f'{{ content = ["amount", "refunded_at"]{within} }}', decided=False
    )
    out.put("columns.refunded_at", moment(part, date), decided=False)
    price, quantity, amount = part.best(synonyms.PRICE), part.best("quantity"), part.best("amount")
    value = f"{{ negate = {quoted(amount)} }}" if amount else (
        f"{{ multiply = [{{ negate = {quoted(quantity or '')} }}, {quoted(price or '')}] }}"
    )  # fmt: skip
    out.put("columns.amount", value, decided=False)
    for name in ("customer_id", "product_id"):
        if column := part.best(name):
            out.put(f"columns.{name}", id_column(part, column), decided=False)
