"""What the satisfaction page finds in promises and in waiting."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from core.figures import Figure
from core.figures.figure import SMALL_N
from dashboard import estimates, numbers
from dashboard.blocks import Card, Column, Finding
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.findings import voice, words
from dashboard.findings.card_facts import word
from dashboard.session import Look, say

PROMISES = ("promise_kept_rate", "promises_broken")
WAITING = ("wait_minutes", "wait_minutes_p90", "on_time_share", "missed_rate", "service_minutes")
BY = ("hour", "branch", "service")
QUARTERS = 13  # shown


def kept(look: Look, told: Told, colours: Palette) -> Finding:
    """Say in which quarter promises were broken more than usual."""
    rows = told.rows.iloc[-QUARTERS:]
    labels = [quarter(day) for day in rows.quarter_from]
    found = [
        replace(
            voice.estimate(look, label, row.kept_rate, row.due, "rate", colours, row.low, row.high),
            is_closed=bool(row.is_closed),
        )
        for label, (_, row) in zip(labels, rows.iterrows(), strict=True)
    ]  # fmt: skip
    rates = rows.kept_rate.where(rows.is_closed.astype(bool) & (rows.due >= SMALL_N))
    worst = int(rates.argmin()) if len(rates.dropna()) > 1 else None
    title = say("promises.kept.some", rate=numbers.percent(_rate(rows), look.language, 0))
    if worst is not None:
        rest = rows.drop(rows.index[worst])
        usual, row = _rate(rest), rows.iloc[worst]
        if usual is not None and row.high < usual:
            found[worst] = replace(found[worst], colour=colours.bad)
            title = say(
                "promises.kept.low", quarter=labels[worst],
                rate=numbers.percent(row.kept_rate, look.language, 0),
                usual=numbers.percent(usual, look.language, 0),
                broken=numbers.whole(row.due - row.kept, look.language),
            )  # fmt: skip
    figure = estimates.over_time(
        found, lambda value: numbers.percent(value, look.language, 0), colours,
        marked=[] if worst is None else [worst],
    )  # fmt: skip
    days = [pd.Timestamp(day).date().isoformat() for day in rows.quarter_from]
    drills = {
        (estimates.OVER_TIME, at): Drill(label, "promise_quarter", (day,))
        for at, (label, day) in enumerate(zip(labels, days, strict=True))
    }
    caption = say(
        "promises.kept.unit", n=numbers.whole(rows.due.sum(), look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    table = pd.DataFrame({told.headings["quarter_from"]: labels,
                          told.headings["kept_rate"]: [each.text for each in found]})  # fmt: skip
    return Finding(title, figure, caption, drills, table)


def kinds(look: Look, told: Told, whole: Figure, colours: Palette) -> Finding:
    """Say which kind of promise is kept least."""
    rows = voice.told_by(told, "kind")
    rows = rows.sort_values("kept_rate", ascending=False)
    found = [
        voice.estimate(
            look, word(row.group) or row.group, row.kept_rate, row.due, "rate", colours, row.low,
            row.high,
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    drills = voice.drills(found, [Drill("", "promise_kind", (kind,)) for kind in rows.group])
    title = say("promises.kinds.none")
    if len(found) > 1:
        title = say(
            "promises.kinds.title", best=found[0].label, worst=found[-1].label,
            high=numbers.percent(found[0].value, look.language, 0),
            low=numbers.percent(found[-1].value, look.language, 0),
        )  # fmt: skip
    caption = say("promises.kinds.unit", rate=words.shown(whole, look))
    figure = estimates.side_by_side(found, colours, mark=whole.value)
    return Finding(title, figure, caption, drills)


def promise_table(told: Told) -> tuple[str, pd.DataFrame, dict[str, Column]]:
    """Return the promises of each employee, those who broke most first."""
    rows = voice.told_by(told, "employee_id")
    rows = rows.assign(broken=rows.due - rows.kept, employee=rows.employee.fillna(rows.group))
    rows = rows.sort_values(["broken", "due"], ascending=[False, True]).round(3)
    columns = {"employee": Column(told.headings["employee"])}
    columns |= {name: Column(told.headings[name], "number") for name in ("due", "kept")}
    columns["broken"] = Column(say("promises.broken"), "number")
    columns |= {name: Column(told.headings[name], "number") for name in ("kept_late", "open")}
    columns |= {
        name: Column(told.headings[name], "percent") for name in ("kept_rate", "low", "high")
    }
    return say("promises.by_employee"), rows, columns


def on_time(look: Look, told: Told, whole: Figure, by: str, colours: Palette) -> Finding:
    """Say when, where or at what appointments begin late."""
    rows = voice.told_by(told, by)
    part = (rows.on_time_share * rows.started).round().fillna(0)
    return _punctual(look, rows, part, rows.started, whole, by, "on_time", colours)


def missed(look: Look, told: Told, whole: Figure, by: str, colours: Palette) -> Finding:
    """Say when, where or at what appointments are missed."""
    rows = voice.told_by(told, by)
    return _punctual(look, rows, rows.missed, rows.appointments, whole, by, "missed", colours)


def waiting_cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return waits, punctuality and missed appointments in figures."""
    return [
        replace(
            words.card(found[key], look, label=say(f"waiting.card.{key}")), note=None,
            remark=voice.between(look, found[key]),
        )
        for key in WAITING
    ]  # fmt: skip


def waiting_table(told: Told, by: str) -> tuple[str, pd.DataFrame, dict[str, Column]]:
    """Return waits and their lengths in full figures."""
    rows = voice.told_by(told, by)
    columns = {"label": Column(voice.coded("told_by", by))}
    rows = rows.assign(label=[_hour(by, group) for group in rows.group])
    for name in ("appointments", "wait_minutes", "wait_minutes_p90", "service_minutes",
                 "service_minutes_p90", "missed"):  # fmt: skip
        rows[name] = rows[name].round(1)
        columns[name] = Column(told.headings[name], "number")
    for name in ("on_time_share", "missed_rate"):
        rows[name] = rows[name].round(3)
        columns[name] = Column(told.headings[name], "percent")
    return told.title, rows, columns


def quarter(day: object) -> str:
    """Return what a quarter is called by its first day: 2026-Q2."""
    first = pd.Timestamp(day)  # type: ignore[arg-type]
    return f"{first.year}-Q{first.quarter}"


def _punctual(
    look: Look, rows: pd.DataFrame, part: pd.Series, whole: pd.Series, figure: Figure, by: str,
    what: str, colours: Palette,
) -> Finding:  # fmt: skip
    found = [
        voice.rate(look, _hour(by, group), one, all_, colours)
        for group, one, all_ in zip(rows.group, part, whole, strict=True)
    ]
    compared = [(each, n) for each, n in zip(found, whole, strict=True) if n >= SMALL_N]
    apart = [
        each
        for each, _ in compared
        if each.value is not None
        and voice.is_apart(each.value, each.low, each.high, figure.value, len(compared))
    ]
    title = say(f"waiting.{what}.alike", rate=words.shown(figure, look))
    if apart:
        # Few on time, or many missed, is what somebody can mend.
        sign = 1 if what == "on_time" else -1
        worst = min(apart, key=lambda each: sign * (each.value or 0.0))
        title = say(
            f"waiting.{what}.title", rate=words.shown(figure, look), place=worst.label,
            there=numbers.percent(worst.value, look.language, 0),
        )  # fmt: skip
    notes = say(f"waiting.{what}.unit", day=numbers.day(look.as_of, look.language))
    drawn = estimates.side_by_side(found, colours, mark=figure.value)
    if what == "on_time":
        return Finding(title, drawn, notes)
    drills = voice.drills(found, [Drill("", f"missed_{by}", (group,)) for group in rows.group])
    return Finding(title, drawn, notes, drills)


def _hour(by: str, group: str) -> str:
    return f"{group}:00" if by == "hour" else group


def _rate(rows: pd.DataFrame) -> float | None:
    return float(rows.kept.sum() / rows.due.sum()) if rows.due.sum() else None
