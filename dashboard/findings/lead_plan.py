"""What the prospects page finds of the plan: targets of leads beside what was reached."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from core.figures import FAMILIES, definition_of
from core.periods import is_month_end, month_end
from core.targets import Target, days_of
from dashboard import funnels, numbers
from dashboard.blocks import Column, Finding, Nothing
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import records
from dashboard.funnels import Month
from dashboard.session import Look, say

FLOWS = {"leads_new": "came_in", "leads_tried": "tried", "leads_won": "won"}
KEYS = tuple(figure.key for figure in FAMILIES["leads"])
# What the reader may copy into regulars.toml.
EXAMPLE = """[[targets]]
key = "{key}"
period = "{period}"
value = {value}
"""


def months(
    look: Look, found: Told, targets: Sequence[Target], key: str, colours: Palette
) -> Finding | Nothing:
    """Say what the last month brought, beside its plan; ``key`` is one of ``FLOWS``."""
    column, rows = FLOWS[key], records(found.rows)
    if not rows:
        return Nothing(say("prospects.plan.no_leads"), say("prospects.plan.no_leads_text"))
    plans = {target.period: target.value for target in targets
             if target.key == key and not target.scope}  # fmt: skip
    made = [_month(look, row, column, plans) for row in rows]
    last = made[-1]
    values = {
        "name": definition_of(key).name(look.language), "month": last.label, "n": last.text,
        "plan": "" if last.plan is None else numbers.short(last.plan, look.language),
    }  # fmt: skip
    title = say(
        "prospects.plan.month_planned" if last.plan is not None else "prospects.plan.month",
        **values,
    )
    caption = say("prospects.plan.month_unit", day=numbers.day(look.as_of, look.language))
    if not plans:
        caption += say("prospects.plan.month_none")
    return Finding(title, funnels.months(made, colours), caption)


def rows(look: Look, found: Told) -> tuple[str, pd.DataFrame, dict[str, Column]] | None:
    """Return the targets of leads that run at the day, beside what was reached; null: none."""
    known = [row for row in records(found.rows) if row["figure"] in KEYS]
    if not known:
        return None
    made = [_row(look, row) for row in known]
    behind = sum(row["target_status"] == "behind" for row in known)
    title = say(
        "prospects.plan.title", n=len(known), behind=behind,
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    columns = {name: Column(heading) for name, heading in _headings(found).items()}
    return title, pd.DataFrame(made), columns


def example(look: Look) -> str:
    """Return targets of the day's month, quarter and year as ``regulars.toml`` takes them."""
    day = look.as_of
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"
    return "\n".join(
        (
            EXAMPLE.format(key="leads_new", period=f"{day:%Y-%m}", value=300),
            EXAMPLE.format(key="leads_won", period=quarter, value=250),
            EXAMPLE.format(key="lead_conversion", period=f"{day:%Y}", value=0.25),
        )
    )


def _month(look: Look, row: dict[str, Any], column: str, plans: dict[str, float]) -> Month:
    first = date.fromisoformat(f"{row['month']:%Y-%m-%d}")
    is_closed = month_end(first) <= look.as_of and (
        is_month_end(look.as_of) or month_end(first) < look.as_of
    )
    label = numbers.month(first, look.language)
    text = numbers.whole(row[column], look.language)
    return Month(label, row[column], plans.get(f"{first:%Y-%m}"), text, is_closed)


def _row(look: Look, row: dict[str, Any]) -> dict[str, str]:
    figure = definition_of(row["figure"])
    first, last = days_of(row["period"])
    made = {
        "figure": figure.name(look.language),
        "period": f"{numbers.day(first, look.language)} – {numbers.day(last, look.language)}",
    }
    for name in ("target", "actual", "expected_by_now"):
        made[name] = words.amount(row[name], figure.unit, look)
    made["target_reached"] = numbers.percent(row["target_reached"], look.language, 0)
    status = row["target_status"]
    made["target_status"] = say(f"prospects.plan.{status}") if status else numbers.UNKNOWN
    return made


def _headings(found: Told) -> dict[str, str]:
    shown = ("figure", "period", "target", "actual", "expected_by_now", "target_reached",
             "target_status")  # fmt: skip
    return {name: found.headings[name] for name in shown}
