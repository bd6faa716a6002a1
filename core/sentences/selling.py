"""Sentences on what was sold more, or less: what drove it, in which place, of which category."""

from collections.abc import Mapping, Sequence

from core import engine
from core.breakdowns.breakdown import Period
from core.breakdowns.composition import by_columns
from core.figures.composition import CELLS
from core.metrics.drivers import FACTORS
from core.sentences.seen import Seen
from core.sentences.sentence import Sentence, Value

# Of all net sales: a change, or a departure from how all sales grew, that is worth telling.
LEAST_DEPARTURE = 0.01
# Above so many order lines their sales by category take seconds, twice: too long for an overview.
MOST_LINES = 2_000_000


def sales(seen: Seen) -> Sentence | None:
    """Tell what drove net sales, held against those of 12 months before."""
    return tell_sales(seen.change_parts)


def tell_sales(rows: Sequence[Mapping]) -> Sentence | None:
    """Tell of the change of net sales, with the driver that went furthest the same way."""
    then, change = (sum(row[name] for row in rows) for name in ("net_then", "change"))
    if then <= 0 or abs(change) < LEAST_DEPARTURE * then:
        return None
    sign = 1 if change > 0 else -1
    parts = {name: sign * sum(row[f"change_{name}"] for row in rows) for name in FACTORS}
    greatest = max(FACTORS, key=lambda name: parts[name])
    return Sentence(
        f"sales_{'rose' if change > 0 else 'fell'}_{greatest}",
        {
            "change": Value("money", abs(change)),
            "share": Value("rate", abs(change) / then),
            "part": Value("money", parts[greatest]),
        },
        abs(change) / then, "sales", "pyramid", {"section": "composition"},
        ("change_net_sales", f"change_{greatest}"), int(sum(row["customers_now"] for row in rows)),
    )  # fmt: skip


def place_sales(seen: Seen) -> Sentence | None:
    """Tell which region, or else channel, departs most from the growth of the others."""
    for name in CELLS:
        nets: dict[str | None, list[float]] = {}
        for row in seen.change_parts:
            net = nets.setdefault(row[name], [0.0, 0.0])
            net[0] += row["net_then"]
            net[1] += row["net_now"]
        if len([each for each in nets if each is not None]) > 1:
            return tell_departure("place_sales", name, nets)
    return None


def category_sales(seen: Seen) -> Sentence | None:
    """Tell which category of products departs most from the growth of the others."""
    if not seen.has("order_lines", "products") or not seen.change_parts:
        return None
    if engine.count(seen.view.ledger.table("order_lines")) > MOST_LINES:
        return None
    ends = [
        by_columns(seen.view, Period(day, None), by=("category",)).to_pyarrow().to_pylist()
        for day in (seen.opening, seen.as_of)
    ]
    nets: dict[str | None, list[float]] = {}
    for place, rows in enumerate(ends):
        for row in rows:
            nets.setdefault(row["category"], [0.0, 0.0])[place] += float(row["net"])
    return tell_departure("category_sales", "category", nets)


def tell_departure(
    theme: str, by: str, nets: Mapping[str | None, Sequence[float]]
) -> Sentence | None:
    """Tell of the part whose sales depart most, in money, from how all of them grew.

    ``nets`` are net sales then and now; what is not known counts among the others.
    """
    then, now = (sum(net[i] for net in nets.values()) for i in (0, 1))
    if then <= 0:
        return None
    best, most = None, LEAST_DEPARTURE * then
    for name, (before, after) in sorted(nets.items(), key=lambda item: item[0] or ""):
        rest = then - before
        if name is None or before <= 0 or rest <= 0:
            continue
        departure = abs(after - before * now / then)
        if departure > most:
            best, most = (name, before, after, (now - after) / rest - 1), departure
    if best is None:
        return None
    name, before, after, growth = best
    return Sentence(
        f"{theme}_{'rose' if after >= before else 'fell'}",
        {
            "name": Value("channel" if by == "channel" else "text", name),
            "change": Value("money", abs(after - before)),
            "share": Value("rate", abs(after / before - 1)),
            "others": Value("change", growth),
        },
        most / then, theme, "pyramid", {"section": "composition", "by": by},
        ("composition-change" if theme == "place_sales" else "composition-category",),
    )  # fmt: skip
