"""Who may be lost next: the most valuable by name, why, and who looks after them."""

from dashboard import charts, numbers, tables
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar
from dashboard.findings import cells, words
from dashboard.parts import Facts, Frame, Link, Listed, Part, People, Person, Row, Section
from dashboard.session import say

TOP = 10
_NAMED = 3
_SHOWN = {
    "at-risk": (
        "customer_id", "name", "manager", "value", "reasons", "tier_name", "last_on", "branch",
    ),
    "early-warning": (
        "customer_id", "name", "manager", "value", "value_year_ago", "reasons", "first_sign_on",
        "branch",
    ),
}  # fmt: skip


def rows(facts: Facts) -> list[Row]:
    """Return the most valuable at risk, why, and who looks after them; then reasons, managers."""
    if not facts.work["at-risk"].rows.num_rows:
        return [[([Nothing(say("churn.nobody_at_risk"), facts.work["at-risk"].about)], 1)]]
    below: Row = [([_reasons(facts)], 1)]
    if managers := _managers(facts):
        below = [*below, ([managers], 1)]
    return [[([_named(facts, "at-risk")], 1)], [([_listed(facts, "at-risk")], 1)], below]


def warnings(facts: Facts) -> list[Row]:
    """Return the key accounts that begin to slip, and their signs."""
    if not facts.work["early-warning"].rows.num_rows:
        return [[([Nothing(say("churn.no_warning"), facts.work["early-warning"].about)], 1)]]
    return [
        [([_named(facts, "early-warning")], 1)],
        [([_listed(facts, "early-warning")], 1)],
        [([_signs(facts)], 1)],
    ]


def _named(facts: Facts, key: str) -> People:
    """Name the most valuable, why, and who looks after them."""
    found, look = facts.work[key], facts.look
    top = found.rows.slice(0, _NAMED).to_pylist()
    persons = [
        Person(
            row["customer_key"], row["name"] or row["customer_id"],
            numbers.short_money(row["value"], look.currency, look.language), row["reasons"],
            say("churn.with", manager=_manager(facts, row["manager"]), branch=row["branch"] or "–"),
        )
        for row in top
    ]  # fmt: skip
    return People(say(f"churn.{key}.title", n=numbers.whole(len(top), look.language)), persons)


def _manager(facts: Facts, manager: str | None) -> str:
    return facts.company.staff.get(manager, manager) if manager else say("churn.nobody")


def _listed(facts: Facts, key: str) -> Listed:
    found, look = facts.work[key], facts.look
    top, n = found.rows.slice(0, TOP), numbers.whole(found.rows.num_rows, look.language)
    value = numbers.short_money(
        float(sum(each or 0 for each in top["value"].to_pylist())), look.currency, look.language
    )
    title = say(f"churn.{key}.list", shown=top.num_rows, n=n, value=value)
    return Listed(
        title, top, tables.columns_of(top, found.headings, look.currency, _SHOWN[key]),
        f"top_{key}", " ".join((say("churn.pick"), *found.notes)),
        [Link("lists", say(f"churn.{key}.all", n=n), {"list": key})],
    )  # fmt: skip


def _managers(facts: Facts) -> Part | None:
    """Say with whom most of what is overdue lies."""
    look = facts.look
    known = [
        each
        for each in facts.by
        if each.key == "value_at_risk" and each.scope.get("manager") and each.value
    ]
    if not known:
        return None
    shown = sorted(known, key=lambda each: -(each.value or 0))[:TOP]
    bars = [
        Bar(
            _manager(facts, each.scope["manager"]), each.value or 0.0, words.shown(each, look),
            facts.colours.accent,
        )
        for each in shown
    ]  # fmt: skip
    ways = [
        words.behind(each, f"{bar.label} · {say('drill.label')}")
        for bar, each in zip(bars, shown, strict=True)
    ]
    title = say("churn.at-risk.managers", name=bars[0].label, value=bars[0].text)
    caption = say("churn.at-risk.managers_unit", day=_day(facts), shown=len(shown), n=len(known))
    drawn = charts.bars(bars, max(150, 30 * len(bars)))
    return Finding(title, drawn, caption, cells.points(0, ways))


def _reasons(facts: Facts) -> Part:
    told, look = facts.told["risk-reasons"], facts.look
    title = say(
        "churn.reasons.title", n=words.shown(facts.figures["customers_at_risk"], look),
        value=words.shown(facts.figures["value_at_risk"], look),
    )  # fmt: skip
    caption = " ".join((say("churn.reasons.unit", day=_day(facts)), *told.notes))
    return _bars(facts, told.rows, "risk_reason", title, caption)


def _signs(facts: Facts) -> Part:
    told, look = facts.told["warning-signs"], facts.look
    figure = facts.figures["early_warning"]
    title = say(
        "churn.signs.title", n=words.shown(figure, look), all=numbers.whole(figure.n, look.language)
    )
    caption = " ".join((say("churn.signs.unit", day=_day(facts)), *told.notes))
    return _bars(facts, told.rows, "warning_sign", title, caption)


def _day(facts: Facts) -> str:
    return numbers.day(facts.look.as_of, facts.look.language)


def _bars(facts: Facts, found: Frame, figure: str, title: str, caption: str) -> Finding:
    look, bars, ways = facts.look, [], []
    for row in found.sort_values(["value", "heads"], ascending=False).itertuples():
        label = say(f"list.reason.{row.reason}")
        value = numbers.short_money(row.value, look.currency, look.language)
        text = say("churn.causes.bar", value=value, n=numbers.whole(row.heads, look.language))
        bars.append(Bar(label, max(float(row.value), 0.0), text, facts.colours.accent))
        ways.append(cells.behind(label, figure, row.reason))
    drawn = charts.bars(bars, max(150, 34 * len(bars)))
    return Finding(title, drawn, caption, cells.points(0, ways))


SECTION = Section(
    rows, ("value_at_risk", "at_risk_value_share", "customers_at_risk", "at_risk_share", "overdue"),
    told=("risk-reasons",), work=("at-risk",), by=("value_at_risk",), by_scope="manager",
)  # fmt: skip
WARNING = Section(
    warnings, ("early_warning", "early_warning_value"), told=("warning-signs",),
    work=("early-warning",),
)  # fmt: skip
