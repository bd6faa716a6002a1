"""What closed waves brought: lift with its interval, money, contamination, second lives."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from core.desk.outcomes import Read
from core.waves.worth import LEAST_CUSTOMERS
from dashboard import estimates, numbers, ranges
from dashboard.blocks import Card, Finding, Kind, Nothing
from dashboard.charts import Palette
from dashboard.estimates import Estimate
from dashboard.ranges import Ranged
from dashboard.session import Look, say

COLUMNS: Mapping[str, Kind] = {
    "name": "text", "treated": "number", "treated_rate": "percent", "control": "number",
    "control_rate": "percent", "lift": "text", "interval": "text", "verdict": "text",
    "incremental": "money", "money_interval": "text", "cost": "money", "return": "percent",
    "never_contacted": "number", "control_contacted": "number",
}  # fmt: skip


def cards(look: Look, found: Read) -> list[Card]:
    """Return the headline of all closed waves together."""
    spoken, lift, money = look.language, found.lift, found.money
    return [
        Card(
            say("winback.lift.card"), _points(lift.lift, spoken), say("winback.about.lift"),
            remark=_interval(lift.low, lift.high, spoken),
        ),
        Card(
            say("winback.lift.rates"), numbers.percent(lift.treated_rate, spoken),
            say("winback.about.rates"), remark=_n(lift.treated, spoken),
        ),
        Card(
            say("winback.lift.control"), numbers.percent(lift.control_rate, spoken),
            say("winback.about.rates"), remark=_n(lift.control, spoken),
        ),
        Card(
            say("winback.lift.money"),
            numbers.short_money(money.incremental, look.currency, spoken),
            say("winback.about.money"), remark=_money_interval(look, found),
        ),
        Card(
            say("winback.lift.cost"), numbers.short_money(money.cost, look.currency, spoken),
            say("winback.about.cost"),
            remark=say("winback.lift.return", rate=_signed(money.return_on_cost, spoken)),
        ),
    ]  # fmt: skip


def verdict(found: Read) -> str:
    """Return what can be said of a lift."""
    return say(f"winback.lift.is.{found.lift.verdict or 'nothing'}")


def each_wave(look: Look, found: Sequence[Read], whole: Read, colours: Palette) -> Finding:
    """Return the lift of each wave, and of all of them together, with their intervals."""
    drawn = [_estimate(look, each, colours) for each in found]
    together = _estimate(look, whole, colours, say("winback.lift.together"))
    lift = whole.lift
    title = say(
        f"winback.lift.title.{lift.verdict or 'nothing'}", n=len(found),
        lift=_points(lift.lift, look.language),
        interval=_interval(lift.low, lift.high, look.language),
    )  # fmt: skip
    return Finding(
        title, estimates.side_by_side([*drawn, together], colours, mark=0.0),
        say("winback.lift.unit", treated=numbers.whole(lift.treated, look.language),
            control=numbers.whole(lift.control, look.language)),
    )  # fmt: skip


def by(
    look: Look, found: Sequence[Read], called: Callable[[str], str], by_what: str, colours: Palette
) -> Finding:
    """Return the pooled lift of groups; none differs unless its own widened interval says so."""
    drawn = [_estimate(look, each, colours, called(each.name)) for each in found]
    sure = [called(each.name) for each in found if each.lift.verdict in ("works", "harms")]
    key = "winback.lift.by_some" if sure else "winback.lift.by_none"
    return Finding(
        say(key, by=by_what, names=say("table.join").join(sure)),
        estimates.side_by_side(drawn, colours, mark=0.0),
        say("winback.lift.by_unit", by=by_what, n=len(found)),
    )  # fmt: skip


def stayed(look: Look, rows: Sequence[Mapping[str, Any]], colours: Palette) -> Finding | Nothing:
    """Return how many of those won back bought again within 90, 180, 365 days of their return."""
    known = [row for row in rows if row["matured"]]
    if not known:
        return Nothing(say("winback.stayed.none"), say("winback.stayed.none_advice"))
    spoken = look.language
    drawn = [
        Ranged(
            say("winback.stayed.days", n=row["days"]), row["again_rate"], row["again_low"],
            row["again_high"],
            say("winback.stayed.text", rate=numbers.percent(row["again_rate"], spoken),
                n=numbers.whole(row["matured"], spoken)),
            colours.accent if row["matured"] >= LEAST_CUSTOMERS else colours.quiet,
        )
        for row in known
    ]  # fmt: skip
    last = known[-1]
    return Finding(
        say("winback.stayed.title", n=numbers.whole(last["matured"], spoken), days=last["days"],
            again=numbers.whole(last["again"], spoken),
            active=numbers.whole(last["active"], spoken)),
        ranges.rates(drawn, colours, height=60 + 40 * len(drawn)), say("winback.stayed.unit"),
    )  # fmt: skip


def table(look: Look, found: Sequence[Read]) -> pd.DataFrame:
    """Return each closed wave in numbers."""
    return pd.DataFrame([_row(look, each) for each in found])


def _row(look: Look, each: Read) -> dict[str, Any]:
    lift, money, mixed = each.lift, each.money, each.contamination
    return {
        "name": each.name, "treated": lift.treated, "treated_rate": lift.treated_rate,
        "control": lift.control, "control_rate": lift.control_rate,
        "lift": _points(lift.lift, look.language),
        "interval": _interval(lift.low, lift.high, look.language), "verdict": verdict(each),
        "incremental": money.incremental, "money_interval": _money_interval(look, each),
        "cost": money.cost, "return": money.return_on_cost,
        "never_contacted": mixed.treated_never_contacted,
        "control_contacted": mixed.control_contacted,
    }  # fmt: skip


def _n(customers: int, spoken: str) -> str:
    return say("card.n", n=numbers.whole(customers, spoken))


def _signed(value: float | None, spoken: str) -> str:
    return numbers.UNKNOWN if value is None else numbers.signed_percent(value, spoken)


def _estimate(look: Look, each: Read, colours: Palette, name: str = "") -> Estimate:
    lift, spoken = each.lift, look.language
    colour = {"works": colours.good, "harms": colours.bad}.get(lift.verdict or "", colours.quiet)
    text = _points(lift.lift, spoken)
    return Estimate(_short(name or each.name), lift.lift, lift.low, lift.high, text, colour)


_LONGEST = 20  # letters of a label: more would leave no room for the chart on a telephone


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _points(value: float | None, spoken: str) -> str:
    return numbers.UNKNOWN if value is None else numbers.points(value, spoken)


def _interval(low: float | None, high: float | None, spoken: str) -> str:
    if low is None or high is None:
        return numbers.UNKNOWN
    return say("winback.lift.from_to", low=_points(low, spoken), high=_points(high, spoken))


def _money_interval(look: Look, each: Read) -> str:
    low, high = each.money.incremental_low, each.money.incremental_high
    if low is None or high is None:
        return numbers.UNKNOWN
    ends = (numbers.short_money(end, look.currency, look.language) for end in (low, high))
    return say("winback.lift.from_to", **dict(zip(("low", "high"), ends, strict=True)))
