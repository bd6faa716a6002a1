"""What the repurchase page finds of gaps: how long customers take from purchase to purchase."""

from dashboard import numbers, waits
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.findings.cells import behind, known, points, records
from dashboard.findings.labels import dashed_from
from dashboard.session import Look, say
from dashboard.waits import Curve, Wait


def curves(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say whether customers come sooner the more often they have come."""
    if found.rows.empty:
        return Nothing(say("gaps.none"), say("page.nobody.text"))
    drawn = []
    for place, (k, rows) in enumerate(found.rows.groupby("k")):
        dashed = dashed_from(rows)
        drawn.append(
            Curve(
                _step(int(str(k))), [0, *rows.day], [0.0, *rows.repurchase_rate],
                None if dashed is None else dashed + 1, _colour(colours, place),
            )
        )  # fmt: skip
    title = say(
        "gaps.curves.title" if len(drawn) > 1 else "gaps.curves.title_one",
        first=numbers.percent(drawn[0].shares[-1], look.language), k=len(drawn),
        last=numbers.percent(drawn[-1].shares[-1], look.language), days=int(max(found.rows.day)),
    )  # fmt: skip
    n = found.rows[found.rows.k == found.rows.k.min()].at_risk.max()
    caption = say(
        "gaps.curves.unit", n=numbers.whole(n, look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    figure = waits.curves(drawn, colours, look.language, say("gaps.axis"))
    return Finding(title, figure, caption)


def medians(look: Look, found: Told, colours: Palette) -> Finding | Nothing:
    """Say after how many days half have come again, by number of purchases."""
    rows = found.rows.dropna(subset=["gap_days"])
    if rows.empty:
        return Nothing(say("gaps.medians.none"), say("gaps.medians.none_text"))
    drawn, drills = [], []
    for place, row in enumerate(records(rows)):
        text = say(
            "gaps.medians.text", days=int(row["gap_days"]),
            n=numbers.whole(int(row["customers"]), look.language),
        )  # fmt: skip
        label = _step(int(row["k"]))
        drawn.append(
            Wait(
                label, float(row["gap_days"]), known(row["gap_low"]), known(row["gap_high"]), text,
                _colour(colours, place),
            )
        )  # fmt: skip
        drills.append(behind(label, "nth_purchase", str(row["k"])))
    title = say(
        "gaps.medians.title" if len(drawn) > 1 else "gaps.medians.title_one",
        first=int(drawn[0].days),
        last=int(drawn[-1].days),
        k=len(drawn),
    )
    caption = say("gaps.medians.unit", day=numbers.day(look.as_of, look.language))
    if len(rows) < len(found.rows):
        caption += say("gaps.medians.missing")
    figure = waits.medians(drawn, colours)
    return Finding(title, figure, caption, points(waits.MEDIANS, drills))


def _step(k: int) -> str:
    return say("gaps.step", k=k, next=k + 1)


def _colour(colours: Palette, place: int) -> str:
    """The first gap stands out; the others from deep to pale."""
    shades = (colours.accent, colours.tiers[0], colours.tiers[1], colours.tiers[2])
    return shades[place] if place < len(shades) else colours.quiet
