"""Evaluations by department: means with how many, how the steps are spread, what waits."""

import pandas as pd

from core.desk import evaluations as register
from core.desk.evaluations import STEPS, Department
from core.periods import plus_months
from core.store.records import SCORES
from dashboard import blocks, charts, desk, filters, numbers, stacks, tables
from dashboard.blocks import Card, Finding
from dashboard.charts import Palette
from dashboard.session import Look, is_dark, say
from dashboard.stacks import Stack
from dashboard.tables import Column

MONTHS = 12


def show(look: Look) -> None:
    """Show what stands of each department: of 12 months, the last word on each relationship."""
    with desk.store().reading() as session:
        today = desk.today()
        found = register.departments(session, plus_months(today, -MONTHS), today)
    if not found:
        blocks.nothing(say("evaluations.none"), say("evaluations.none_about"))
        return
    blocks.cards(
        [
            Card(
                say(f"evaluations.card.{name}"),
                numbers.whole(sum(getattr(each, name) for each in found), look.language),
                say(f"evaluations.card.{name}_about"),
            )
            for name in ("evaluations", "drafts", "to_agree", "overdue")
        ]
    )  # fmt: skip
    tables.show(
        say("evaluations.by_department", n=numbers.whole(len(found), look.language)),
        _rows(look, found), _columns(), "evaluations.departments",
        caption=say("evaluations.by_department_about", months=MONTHS),
    )  # fmt: skip
    name = filters.choice(
        "score", SCORES, lambda code: say(f"evaluations.{code}.name"),
        title=say("evaluations.score"),
    )  # fmt: skip
    blocks.finding(_spread(look, found, name, charts.palette(is_dark())), key="evaluations.spread")


def _rows(look: Look, found: list[Department]) -> pd.DataFrame:
    rows = []
    for each in found:
        row: dict[str, object] = {
            "department": each.name or say("evaluations.no_department"), "n": each.evaluations,
        }  # fmt: skip
        for name in SCORES:
            mean = each.mean(name)
            n = numbers.whole(each.n(name), look.language)
            row[name] = None if mean is None else f"{mean:.1f} (n = {n})"
        rows.append(row | {"drafts": each.drafts, "to_agree": each.to_agree,
                           "overdue": each.overdue})  # fmt: skip
    return pd.DataFrame(rows)


def _columns() -> dict[str, Column]:
    columns = {
        "department": Column(say("evaluations.department")),
        "n": Column(say("evaluations.card.evaluations"), "number"),
    }
    columns |= {name: Column(say(f"evaluations.{name}.name")) for name in SCORES}
    return columns | {
        name: Column(say(f"evaluations.card.{name}"), "number")
        for name in ("drafts", "to_agree", "overdue")
    }


def _spread(look: Look, found: list[Department], name: str, colours: Palette) -> Finding:
    """Say how many stand on the lowest two steps of a score, by department."""
    known = [each for each in found if each.n(name)]
    low = sum(each.steps[name][1] + each.steps[name][2] for each in known)
    n = sum(each.n(name) for each in known)
    title = say(
        "evaluations.spread", name=say(f"evaluations.{name}.name"),
        low=numbers.whole(low, look.language), n=numbers.whole(n, look.language),
    )  # fmt: skip
    shades = dict(zip(STEPS, (colours.bad, *colours.tiers[::-1]), strict=True))
    drawn = stacks.stacks(
        [
            Stack(
                each.name or say("evaluations.no_department"),
                {str(step): many for step, many in each.steps[name].items()},
                {str(step): str(many) for step, many in each.steps[name].items()},
                numbers.decimal(each.mean(name), look.language),
            )
            for each in known
        ],
        {str(step): (str(step), shades[step]) for step in STEPS}, colours,
        height=80 + 34 * max(len(known), 1),
    )  # fmt: skip
    return Finding(title, drawn, say("evaluations.spread_about", months=MONTHS))
