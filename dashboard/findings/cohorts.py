"""What the repurchase page finds of cohorts: who buys, and what they bring, month by month."""

from datetime import date

import pandas as pd

from dashboard import grids, numbers, waits
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.findings.cells import behind, known, points
from dashboard.session import Look, say

MEASURES = ("heads", "since", "money")
COHORTS, MONTHS = 24, 12  # shown
_LEAST = 0.25  # of the customers of the first month, without whom the mean is of the eldest alone
_CLEARLY = 4.0  # standard errors: of two dozen cohorts none is so far off by chance
_COLUMNS = {"heads": "bought_rate", "since": "bought_rate_since", "money": "net_per_customer"}
_DRILLS = {"heads": "cohort_bought", "since": "cohort_bought_since", "money": "cohort_money"}


def grid(look: Look, cells: Told, measure: str, colours: Palette) -> Finding | Nothing:
    """Say how many come in the months after their first purchase, cohort by cohort."""
    spoken, column = look.language, _COLUMNS[measure]
    rows = cells.rows[cells.rows.months_since.between(1, MONTHS)]
    average = means(cells, measure)
    if rows.empty or not average:
        return Nothing(say("cohorts.too_young"), say("cohorts.too_young_text"))
    table = rows.pivot(index="cohort", columns="months_since", values=column)
    table = table.dropna(how="all").sort_index(ascending=False).head(COHORTS)
    months = list(table.columns)
    sizes = cells.rows.groupby("cohort").cohort_size.first()
    size, unit = _scale(table, measure)
    firsts = list(table.index)
    labels = [say("cohorts.all"), *(_label(first, sizes[first], spoken) for first in firsts)]
    values = [[average.get(month) for month in months]]
    values += [[known(table.loc[first, month]) for month in months] for first in firsts]
    texts = [[_short(value, size) for value in row] for row in values]
    said = [
        [_said(look, label, k, value, measure) for k, value in zip(months, row, strict=True)]
        for label, row in zip(labels, values, strict=True)
    ]
    drills = [None] * len(months) + [
        None if value is None else _drill(look, first, month, measure)
        for first, row in zip(firsts, values[1:], strict=True)
        for month, value in zip(months, row, strict=True)
    ]
    figure = grids.cohorts(
        labels, months, values, texts, said, say("repurchase.cohorts.axis"), colours
    )
    caption = say(f"cohorts.{measure}.unit", unit=unit, day=numbers.day(look.as_of, spoken))
    listed = pd.DataFrame([[label, *row] for label, row in zip(labels, texts, strict=True)])
    listed.columns = [say("cohorts.first"), *(f"+{month}" for month in months)]
    first_month = {first: row[0] for first, row in zip(firsts, values[1:], strict=True)}
    known_first = {first: rate for first, rate in first_month.items() if rate is not None}
    title = _title(look, average, sizes, known_first, measure)
    return Finding(title, figure, caption, points(grids.CELLS, drills), listed)


def average(look: Look, cells: Told, measure: str, colours: Palette) -> Finding | Nothing:
    """Say how much of all cohorts is left by month, weighted by size."""
    spoken, found = look.language, means(cells, measure)
    sizes = cells.rows.dropna(subset=[_COLUMNS[measure]]).groupby("months_since").cohort_size.sum()
    months = [month for month in found if sizes[month] >= sizes[1] * _LEAST]
    if len(months) < 2:
        return Nothing(say("cohorts.too_young"), say("cohorts.too_young_text"))
    texts = [_value(look, found[month], measure) for month in months]
    marked = {1, *(month for month in (6, 12, months[-1]) if month in found)}
    figure = waits.by_month(
        months, [found[month] for month in months], texts, sorted(marked), colours,
        say("repurchase.cohorts.axis"), 76 + 24 * 12,
    )  # fmt: skip
    last = max(month for month in months if month <= 12)
    title = say(
        f"cohorts.{measure}.average", first=_value(look, found[1], measure),
        last=_value(look, found[last], measure), month=last,
    )  # fmt: skip
    closed = cells.rows.dropna(subset=[_COLUMNS[measure]])
    closed = closed[closed.months_since == 1]
    caption = say(
        "cohorts.average_unit", n=numbers.whole(closed.cohort_size.sum(), spoken),
        cohorts=closed.cohort.nunique(), day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    return Finding(title, figure, caption)


def means(cells: Told, measure: str) -> dict[int, float]:
    """Return the mean of all cohorts by month, over closed cells, weighted by size."""
    column = {"heads": "bought_again", "since": "bought_again_since", "money": "net"}[measure]
    closed = cells.rows.dropna(subset=[column])
    closed = closed[closed.months_since >= 1]
    sums = closed.astype({column: "float64"}).groupby("months_since")[[column, "cohort_size"]].sum()
    return {int(month): row[column] / row.cohort_size for month, row in sums.iterrows()}  # pyright: ignore


def _title(
    look: Look, found: dict[int, float], sizes: pd.Series, firsts: dict, measure: str
) -> str:
    """Say which cohort stands out below the others; else what all of them do in the first month."""
    all_of_them = _value(look, found[1], measure)
    spread = (found[1] * (1 - found[1])) ** 0.5 if measure == "heads" else 0.0
    if spread:
        # How many standard errors below all of them.
        below = {
            first: (found[1] - rate) / spread * sizes[first] ** 0.5
            for first, rate in firsts.items()
        }
        worst = max(below, key=lambda first: below[first], default=None)
        if worst is not None and below[worst] >= _CLEARLY:
            return say(
                "cohorts.heads.worst", cohort=numbers.month(worst, look.language),
                value=_value(look, firsts[worst], measure), all=all_of_them,
            )  # fmt: skip
    return say(f"cohorts.{measure}.title", value=all_of_them)


def _label(first: date, size: int, spoken: str) -> str:
    return f"{numbers.month(first, spoken)} · {numbers.whole(int(size), spoken)}"


def _scale(table: pd.DataFrame, measure: str) -> tuple[float, str]:
    """Return by what cells are divided to fit their boxes, and what that unit is called."""
    if measure != "money":
        return 0.01, ""
    most = float(table.abs().max().max())
    for size, name in ((1e6, "million"), (1e3, "thousand")):
        if most >= size * 10:
            return size, say(f"cohorts.unit.{name}")
    return 1.0, ""


def _short(value: float | None, size: float) -> str:
    if value is None:
        return ""
    scaled = value / size
    return f"{scaled:.1f}" if size > 1 and abs(scaled) < 10 else f"{scaled:.0f}".replace("-0", "0")


def _value(look: Look, value: float, measure: str) -> str:
    if measure == "money":
        return numbers.money(value, look.currency, look.language)
    return numbers.percent(value, look.language)


def _said(look: Look, label: str, month: int, value: float | None, measure: str) -> str:
    shown = say("cohorts.open") if value is None else _value(look, value, measure)
    return f"{label} · +{month}: {shown}"


def _drill(look: Look, first: date, month: int, measure: str) -> Drill | None:
    label = say("cohorts.cell", cohort=numbers.month(first, look.language), month=month)
    return behind(label, _DRILLS[measure], f"{first:%Y-%m}", str(month))
