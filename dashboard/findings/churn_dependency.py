"""What hangs on single employees, what would leave with each, and what left with others."""

from dataclasses import dataclass

from dashboard import charts, numbers, stacks, tables
from dashboard.blocks import Card, Finding, Nothing
from dashboard.charts import Bar
from dashboard.drill import Drill
from dashboard.findings import cells, words
from dashboard.findings.churn_causes import departures
from dashboard.parts import Facts, Frame, InFull, Link, Listed, Part, Row, Said, Section
from dashboard.session import Look, say
from dashboard.stacks import Stack

WHAT_IF = "dependency-what-if"
_MOST = 10
_MUCH = 0.2  # share of a branch's value from which its dependence is marked


@dataclass(frozen=True)
class Employee:
    """One employee on whom customers depend, as the breakdown has them."""

    key: str
    name: str
    branch: str | None
    customers: int
    alone: int
    value: float
    share: float | None  # of the value of the branch
    rate: float | None  # lost after past departures
    loss: float | None
    low: float | None
    high: float | None
    excess: float | None


def choices(facts: Facts) -> dict[str, str]:
    """Return the employees to ask about: the most valuable first."""
    return {each.key: each.name for each in _employees(facts)}


def rows(facts: Facts) -> list[Row]:
    """Return what hangs on each employee beside one who leaves; below, who left before."""
    found = _employees(facts)
    if not found:
        reason = facts.figures["dependency_share"].note_text(facts.look.language)
        told = facts.told[WHAT_IF]
        absent = ("contacts", *facts.told["departures"].missing)
        lights_up = absent if reason and len(absent) > 1 else ()
        return [[([Nothing(say("churn.depends.none"), reason or told.about, lights_up)], 1)]]
    chosen = next((each for each in found if each.key == facts.choice), found[0])
    return [
        [([_staff(facts, found)], 1), (_leaves(facts, chosen), 1)],
        [([departures(facts)], 1), ([_branches(facts)], 1)],
        [([_customers(facts, chosen)], 1)],
        [([_table(facts)], 1)],
    ]


def _employees(facts: Facts) -> list[Employee]:
    rows: Frame = facts.told[WHAT_IF].rows
    if rows.empty:
        return []
    rows = rows[~rows.has_left.fillna(False).astype(bool)]
    return [
        Employee(
            str(row.employee_id), str(row.employee or row.employee_id), _text(row.branch),
            int(row.customers), int(row.uses_nobody_else), float(row.value),
            cells.known(row.share_of_branch), cells.known(row.lost_rate),
            cells.known(row.expected_loss), cells.known(row.expected_low),
            cells.known(row.expected_high), cells.known(row.expected_excess),
        )
        for row in rows.itertuples()
    ]  # fmt: skip


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _staff(facts: Facts, found: list[Employee]) -> Finding:
    """Say on whom most hangs: what would be expected to go is part of what is at stake."""
    look, shown = facts.look, found[:_MOST]
    drawn, ways = [], {}
    for place, each in enumerate(shown):
        loss = max(each.loss or 0.0, 0.0)
        parts = {"loss": loss, "rest": max(each.value - loss, 0.0)}
        said = {name: _money(value, look) for name, value in parts.items()}
        share = numbers.percent(each.share, look.language)
        text = say("churn.depends.bar", value=_money(each.value, look), share=share)
        drawn.append(Stack(each.name, parts, said, text))
        way = cells.behind(each.name, "depends_on", each.key)
        if way:
            ways |= {(0, place): way, (1, place): way}
    legend = {
        "loss": (say("churn.depends.loss"), facts.colours.bad),
        "rest": (say("churn.depends.rest"), facts.colours.tiers[3]),
    }
    figure = stacks.stacks(drawn, legend, facts.colours, 40 + 30 * len(shown), room=1.75)
    first = found[0]
    title = say("churn.depends.title", name=first.name, value=_money(first.value, look))
    if first.share is not None:
        title = say(
            "churn.depends.title_branch", name=first.name, branch=first.branch,
            share=numbers.percent(first.share, look.language),
        )  # fmt: skip
    told = facts.told[WHAT_IF]
    caption = say(
        "churn.depends.unit", day=numbers.day(look.as_of, look.language), shown=len(shown),
        n=len(found),
    )  # fmt: skip
    return Finding(title, figure, " ".join((caption, *told.notes)), ways)


def _leaves(facts: Facts, chosen: Employee) -> list[Part]:
    """Say what would be expected if one employee left."""
    look = facts.look
    stake = Card(
        say("churn.leaves.stake"), _money(chosen.value, look), facts.told[WHAT_IF].about,
        note=say("churn.leaves.customers", n=chosen.customers),
        drill=Drill(say("drill.label"), "depends_on", (chosen.key,)),
    )  # fmt: skip
    loss = Card(
        say("churn.leaves.loss"),
        _money(chosen.loss, look),
        facts.told[WHAT_IF].about,
        note=say(
            "churn.leaves.between", low=_money(chosen.low, look), high=_money(chosen.high, look)
        )
        if chosen.loss is not None
        else say("churn.leaves.never"),
    )
    title = say("churn.leaves.title", name=chosen.name)
    return [Said(title, _sentences(facts, chosen), cards=(stake, loss))]


def _sentences(facts: Facts, chosen: Employee) -> list[str]:
    look, spoken = facts.look, facts.look.language
    found = [
        say(
            "churn.leaves.alone", n=chosen.customers, alone=chosen.alone,
            value=_money(chosen.value, look),
        )
    ]  # fmt: skip
    if chosen.share is not None:
        share = numbers.percent(chosen.share, spoken)
        found.append(say("churn.leaves.branch", share=share, branch=chosen.branch))
    past: Frame = facts.told["departures"].rows
    past = past.dropna(subset=["lost_rate"]) if len(past) else past
    if chosen.rate is None or past.empty:
        return [*found, say("churn.leaves.unknown")]
    n, lost = int(past.customers.sum()), int(past.lost.sum())
    found.append(
        say("churn.leaves.past", lost=lost, n=n, rate=numbers.percent(chosen.rate, spoken))
    )
    if chosen.excess is not None:
        found.append(say("churn.leaves.excess", value=_money(chosen.excess, look)))
    if len(past) > 1:
        names = say("table.join").join(
            say("churn.leaves.each", name=row.employee, lost=int(row.lost), n=int(row.customers))
            for row in past.itertuples()
        )
        found.append(say("churn.leaves.few", n=len(past), names=names))
    return found


def _branches(facts: Facts) -> Part:
    """Say which branch hangs on single employees most."""
    look = facts.look
    known = [each for each in facts.by if each.scope.get("branch") and each.value is not None]
    if not known:
        return Nothing(say("churn.branches.none"), say("churn.branches.why"))
    shown = sorted(known, key=lambda each: -(each.value or 0))[:_MOST]
    bars, ways = [], []
    for each in shown:
        label, value = str(each.scope["branch"]), max(each.value or 0.0, 0.0)
        colour = facts.colours.bad if value >= _MUCH else facts.colours.accent
        bars.append(Bar(label, value, words.shown(each, look), colour))
        ways.append(words.behind(each, f"{label} · {say('drill.label')}"))
    title = say(
        "churn.branches.title", branch=shown[0].scope["branch"],
        share=words.shown(shown[0], look), all=words.shown(facts.figures["dependency_share"], look),
    )  # fmt: skip
    caption = say(
        "churn.branches.unit", day=numbers.day(look.as_of, look.language),
        much=numbers.percent(_MUCH, look.language, 0),
    )  # fmt: skip
    figure = charts.bars(bars, max(150, 26 * len(bars)))
    return Finding(title, figure, caption, cells.points(0, ways))


def _customers(facts: Facts, chosen: Employee) -> Part:
    """Name the most valuable customers of one employee."""
    found, look = facts.behind, facts.look
    if found is None or not found.rows.num_rows:
        return Nothing(say("churn.depends.nobody"), "")
    title = say("churn.depends.customers", name=chosen.name)
    names = (
        "customer_id", "name", "tier_name", "value", "own_share", "own_last_on",
        "knows_nobody_else",
    )  # fmt: skip
    columns = tables.columns_of(found.rows, found.headings, look.currency, names)
    label = say("churn.depends.all", n=found.rows.num_rows)
    links = [Link("customers", label, {"figure": "depends_on", "values": chosen.key})]
    return Listed(title, found.rows.slice(0, _MOST), columns, "dependents", links=links)


def _table(facts: Facts) -> InFull:
    links = [Link("lists", say("churn.depends.list"), {"list": "dependency"})]
    return InFull(facts.told[WHAT_IF], "what_if", links=links)


def _money(value: float | None, look: Look) -> str:
    return numbers.short_money(value, look.currency, look.language)


SECTION = Section(
    rows, ("dependency_share", "dependent_customers", "dependent_alone"),
    told=(WHAT_IF, "departures"), choices=choices, by=("dependency_share",), by_scope="branch",
    behind="depends_on",
)  # fmt: skip
