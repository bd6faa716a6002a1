"""What the repurchase page finds: who came back within N days, and cohort by cohort."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard import curves, grids, numbers
from dashboard.blocks import Card, Finding
from dashboard.charts import Palette
from dashboard.curves import Rate
from dashboard.data import Repurchase
from dashboard.session import Look, say

SMALL = 30  # below it the interval is shown, and nothing is made of the rate


def cards(look: Look, found: Repurchase) -> list[Card]:
    """Return a card for each window, with its interval and its n."""
    spoken = look.language
    return [
        Card(
            say("repurchase.card", days=row["within_days"]),
            numbers.percent(row["rate"], spoken),
            say("repurchase.define", days=row["within_days"]),
            note=_between(row, spoken),
        )
        for row in found.rates
    ]


def curve(look: Look, found: Repurchase, colours: Palette) -> Finding:
    """Say how many came back, and by when; what is not matured is dashed."""
    spoken = look.language
    seen = [
        Rate(r["within_days"], r["rate"], r["low"], r["high"], numbers.percent(r["rate"], spoken))
        for r in found.rates
        if r["n"]
    ]
    line = found.curve[found.curve.day <= _last_day(found)]
    young = list(line.is_young)
    figure = curves.came_back(
        [0, *line.day], [0.0, *line.came_back], [0.0, *line.low.fillna(line.came_back)],
        [0.0, *line.high.fillna(line.came_back)], young.index(True) + 1 if True in young else None,
        seen, colours, spoken, say("repurchase.curve.axis"),
    )  # fmt: skip
    caption = say(
        "repurchase.curve.unit", n=numbers.whole(found.buyers, spoken),
        day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    return Finding(_title(look, found), figure, caption)


def cohorts(look: Look, found: Repurchase, colours: Palette) -> Finding:
    """Say how many come in the month after their first purchase, cohort by cohort."""
    spoken = look.language
    cells = found.cohorts.sort_values(["cohort", "months_since"])
    names = list(cells.cohort.unique())
    months = sorted(cells.months_since[cells.months_since > 0].unique())
    rates = cells.pivot(index="cohort", columns="months_since", values="rate")
    sizes = cells.groupby("cohort")["size"].first()
    table = [[_known(rates.loc[name, month]) for month in months] for name in names]
    texts = [
        ["" if rate is None else numbers.percent(rate, spoken, 0) for rate in row] for row in table
    ]
    labels = [
        f"{numbers.month(name, spoken)} · {numbers.whole(sizes.loc[name], spoken)}"
        for name in names
    ]
    figure = grids.cohorts(labels, months, table, texts, say("repurchase.cohorts.axis"), colours)
    average = found.average[found.average.months_since == 1]
    rate = None if average.empty else _known(average.rate.iloc[0])
    title = say("repurchase.cohorts.title", rate=numbers.percent(rate, spoken))
    caption = say("repurchase.cohorts.unit", day=numbers.day(look.as_of, spoken))
    return Finding(title, figure, caption)


def _title(look: Look, found: Repurchase) -> str:
    spoken = look.language
    closed = [row for row in found.rates if row["n"] >= SMALL]
    if not closed:
        return say("repurchase.curve.too_few")
    rate, days = closed[-1]["rate"], closed[-1]["within_days"]
    if found.median_days is None:
        return say("repurchase.curve.title", rate=numbers.percent(rate, spoken), days=days)
    return say(
        "repurchase.curve.title_median", rate=numbers.percent(rate, spoken),
        days=days, median=found.median_days,
    )  # fmt: skip


def _between(row: Mapping[str, Any], spoken: str) -> str:
    if not row["n"]:
        return say("repurchase.none_matured")
    return say(
        "repurchase.between", low=numbers.percent(row["low"], spoken),
        high=numbers.percent(row["high"], spoken), n=numbers.whole(row["n"], spoken),
    )  # fmt: skip


def _last_day(found: Repurchase) -> int:
    matured = [row["within_days"] for row in found.rates if row["n"]]
    return int(max([90, *matured]) * 1.1)


def _known(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
