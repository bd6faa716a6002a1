"""Sentences on what was sold: promotions without a second purchase, products complained of."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from core.figures.promotions import newcomers_by_promotion
from core.metrics.intervals import newcombe, z_of
from core.metrics.promotions import promo_repurchase
from core.periods import window_start
from core.sentences.happened import Jump, jumps, product_name, product_states, who_complained
from core.sentences.seen import Base, Seen
from core.sentences.sentence import Sentence, Value

LEAST = 30  # customers, for a rate to be told
MONTHS = 24  # in which what is usual of a product is looked for


def promotion(seen: Seen) -> Sentence | None:
    """Tell which promotion brought newcomers who did not come again as others do.

    Promotions whose newcomers were lost, or could first be judged, since the opening.
    """
    view = seen.view
    within = timedelta(days=view.definitions.promotion_within_days)
    counted = newcomers_by_promotion(view, view.lines(seen.as_of), seen.as_of)
    found = promo_repurchase(counted, each=("promotion_id",)).order_by("promotion_id")
    rows = found.to_pyarrow().to_pylist()
    known = view.ledger.table("promotions").select("promotion_id", "name").to_pyarrow()
    names = {row["promotion_id"]: row["name"] for row in known.to_pylist()}
    told = [
        {**row, "name": names.get(row["promotion_id"])}
        for row in rows
        if row["last_on"] + max(within, seen.tau) > seen.opening
    ]
    return tell_promotion(told, len(rows), within.days, int(seen.number("active_customers")))


def tell_promotion(rows: Sequence[Mapping], tried: int, days: int, active: int) -> Sentence | None:
    """Tell of the promotion that brought the most newcomers who stayed away."""
    z, best, most = z_of(tried), None, 0.0
    for row in rows:
        n, m = row["matured"], row["others"]
        if min(n, m) < LEAST or row["others_rate"] is None or row["compared"] < n:
            continue
        bounds = newcombe(row["returned"], n, row["others_rate"] * m, m, z)
        away = (row["others_rate"] - row["repurchase_rate"]) * n
        if bounds and bounds[1] < 0 and away > most:
            best, most = (row, bounds), away
    if best is None or not active:
        return None
    row, (low, high) = best
    return Sentence(
        "promotion",
        {
            "name": Value("text", row["name"] or row["promotion_id"]),
            "month": Value("month", row["first_on"]),
            "n": Value("count", row["matured"]),
            "rate": Value("rate", row["repurchase_rate"]),
            "days": Value("days", days),
            "others": Value("rate", row["others_rate"]),
        },
        most / active, "promotion", "repurchase", {"section": "promotions"},
        ("promo_repurchase", "promotions"), row["matured"], low, high,
    )  # fmt: skip


def quality(seen: Seen) -> Sentence | None:
    """Tell which product was complained of far more than usual, and who of them was lost.

    Complaints since the opening, and those before whose authors could only be lost since then.
    """
    if not seen.has("complaints"):
        return None
    view = seen.view
    since = window_start(seen.as_of, MONTHS)
    states = product_states(view, since, seen.as_of)
    found = [
        jump for jump in jumps(view, states, since, seen.as_of)
        if jump.until + seen.tau > seen.opening
    ]  # fmt: skip
    if not found:
        return None
    jump = max(found, key=lambda each: (each.complaints, each.product_id))
    fates = seen.fates(who_complained(states, jump))
    (fate,) = fates.aggregate(
        n=fates.count().cast("int64"),
        lost=fates.is_lost.sum().cast("int64").fill_null(0),
        value_lost=fates.value_then.sum(where=fates.is_lost).cast("float64").fill_null(0.0),
    ).to_pyarrow().to_pylist()  # fmt: skip
    name = product_name(view, jump.product_id)
    return tell_quality(jump, name, fate, Base.of(seen), seen.opening)


def tell_quality(
    jump: Jump, name: str, fate: Mapping, base: Base, opening: date
) -> Sentence | None:
    """Tell of complaints about a product; of losses where they are beyond those of all others."""
    n, k = fate["n"], fate["lost"]
    values = {
        "product": Value("text", name),
        "month": Value("month", jump.month),
        "complaints": Value("count", jump.complaints),
        "usual": Value("count", jump.usual),
    }
    others, m = base.lost - k, base.opened - n
    bounds = newcombe(k, n, others, m) if n >= LEAST else None
    asks = {"section": "complaints"}
    if bounds and bounds[0] > 0:
        values |= {
            "n": Value("count", n),
            "rate": Value("rate", k / n),
            "others": Value("rate", others / m),
        }
        weight = max(k / base.opened, base.share_of_value(fate["value_lost"]))
        evidence = ("complaints", "churn", "churn-causes")
        return Sentence(
            "quality_lost", values, weight, "quality", "satisfaction", asks, evidence, n, *bounds
        )
    if jump.until <= opening or not base.active:
        return None
    return Sentence(
        "quality", values, jump.complaints / base.active, "quality", "satisfaction", asks,
        ("complaints",), jump.complaints,
    )  # fmt: skip
