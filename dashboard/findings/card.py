"""What the card of a customer says of where they stand, and why they might leave."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from core.card.among import Among
from core.card.standing import Month, Standing
from core.definitions import TIERS
from core.figures.tiers import tier_title
from core.i18n import translate
from dashboard import blocks, charts, numbers, strips
from dashboard.blocks import Finding
from dashboard.charts import Bar, Palette
from dashboard.findings.card_facts import Fact, word
from dashboard.session import Look, say


def cards(look: Look, stands: Standing, names: str) -> list[blocks.Card]:
    """Return where the customer stands, as headline figures."""
    return [
        _value(look, stands), _tier(look, stands, names), _occasions(look, stands),
        _silence(look, stands), _stake(look, stands),
    ]  # fmt: skip


def strip(look: Look, stands: Standing, names: str, colours: Palette) -> Finding:
    """Say since when the customer has stood where they stand."""
    spoken, months = look.language, stands.months
    cells = [_cell(look, month, names, colours) for month in months]
    measure = _measure(stands)
    ends = [numbers.short_money(months[i].value, look.currency, spoken) for i in (0, -1)]
    figure = strips.strip(
        cells, (ends[0], ends[1]), colours, spoken, is_last_open=look.is_open
    )  # fmt: skip
    caption = say(
        "card.strip.unit", measure=measure, currency=look.currency,
        day=numbers.day(look.as_of, spoken),
    )  # fmt: skip
    rows = pd.DataFrame(
        {
            say("card.strip.month"): [month.day for month in months],
            say("card.strip.tier"): [cell.name for cell in cells],
            say("card.strip.value"): [float(month.value) for month in months],
        }
    )
    return Finding(_history(look, stands, names), figure, caption, rows=rows)


def risk(look: Look, stands: Standing, unseen: Sequence[str]) -> tuple[str, list[Fact]]:
    """Say why the customer might leave, with the days since when, and what cannot be told."""
    if stands.state == "lost":
        return say("card.risk.lost"), []
    left = []
    if unseen:
        reasons = say("table.join").join(say(f"list.reason.{reason}") for reason in unseen)
        left = [Fact("", say("list.note.left_out_reasons", reasons=reasons), "faint")]
    facts = [
        Fact(say(f"list.reason.{reason}"), _since(look, "card.risk.since", on), "label")
        for reason, on in sorted(stands.reasons.items(), key=lambda each: each[1])
    ]
    if not facts:
        return say("card.risk.none"), left
    if len(facts) == 1:
        return say("card.risk.title_one"), facts + left
    return say("card.risk.title", n=len(facts)), facts + left


def among(look: Look, found: Among, colours: Palette) -> Finding:
    """Say where the customer stands among those of the segment."""
    spoken = look.language
    bars = [
        Bar(
            say(f"card.among.{each.indicator}"),
            0 if each.percentile is None else each.percentile * 100,
            say("card.among.unknown") if each.percentile is None
            else numbers.whole(each.percentile * 100, spoken),
            colours.tiers[2],
        )
        for each in found.places
    ]  # fmt: skip
    figure = charts.bars(bars, 170)
    figure.update_xaxes(range=[0, 118])
    figure.add_vline(x=50, line={"color": colours.unknown, "width": 1})
    n = numbers.whole(max(each.n for each in found.places), spoken)
    title = say("card.among.title_whole", n=n)
    if found.segment:
        title = say("card.among.title", n=n, segment=word(found.segment))
    caption = say("card.among.unit", day=_day(look, look.as_of))
    if found.expected_on:
        caption += " " + say(
            "card.among.expected", days=found.like_gap_days,
            n=numbers.whole(found.like_n, spoken), day=_day(look, found.expected_on),
        )  # fmt: skip
    return Finding(title, figure, caption)


def _value(look: Look, stands: Standing) -> blocks.Card:
    spoken, was = look.language, stands.value_year_ago
    change = is_rise = None
    if was is not None and was > 0:
        change = numbers.signed_percent((stands.value - was) / was, spoken)
        is_rise = None if stands.value == was else stands.value > was
    then = numbers.money(was, look.currency, spoken)
    note = say("card.top.since") if change else None
    if note is None:
        note = say("card.top.was_unknown") if was is None else say("card.top.was", value=then)
    about = say(
        "card.top.value_about", measure=_measure(stands), day=_day(look, look.as_of), was=then
    )  # fmt: skip
    shown = numbers.short_money(stands.value, look.currency, spoken)
    return blocks.Card(say("card.top.value"), shown, about, change, is_rise, is_rise, note=note)


def _tier(look: Look, stands: Standing, names: str) -> blocks.Card:
    label = say("card.top.tier_last" if stands.state == "lost" else "card.top.tier")
    value = tier_title(names, stands.tier, look.language) if stands.tier else numbers.UNKNOWN
    if not stands.are_tiers_comparable:
        note = say("card.top.tier_incomparable")
    elif stands.tier_year_ago is None:
        note = say("card.top.tier_new")
    else:
        was = tier_title(names, stands.tier_year_ago, look.language)
        note = say("card.top.was", value=was)
    return blocks.Card(label, value, say("card.top.tier_about"), note=note)


def _occasions(look: Look, stands: Standing) -> blocks.Card:
    note = say("card.top.occasions_all", n=numbers.whole(stands.occasions, look.language))
    value = numbers.whole(stands.occasions_12m, look.language)
    about = say("card.top.occasions_about")
    return blocks.Card(say("card.top.occasions"), value, about, note=note)


def _silence(look: Look, stands: Standing) -> blocks.Card:
    value, note, change = numbers.UNKNOWN, say("card.top.never"), None
    if stands.silence_days is not None:
        value = say("card.days", days=numbers.whole(stands.silence_days, look.language))
        note = say("card.top.no_rhythm")
    if stands.median_gap_days is not None:
        days = numbers.whole(stands.median_gap_days, look.language)
        note = say("card.top.rhythm", days=days)
    is_good = None
    if stands.overdue_on:
        change, is_good = say("card.top.overdue"), False
    about = say("card.top.silence_about")
    return blocks.Card(say("card.top.silence"), value, about, change, None, is_good, note=note)


def _stake(look: Look, stands: Standing) -> blocks.Card:
    n = len(stands.reasons)
    value = numbers.short_money(stands.stake, look.currency, look.language)
    note = say("card.top.reasons", n=n) if n > 1 else say("card.top.reason")
    if not n:
        note = say("card.top.no_reasons")
    if stands.state != "active":
        value, note = numbers.UNKNOWN, say(f"card.state.{stands.state}")
    return blocks.Card(say("card.top.stake"), value, say("card.top.stake_about"), note=note)


def _cell(look: Look, month: Month, names: str, colours: Palette) -> strips.Cell:
    spoken = look.language
    is_lost = month.is_customer and not month.is_active
    if not month.is_customer:
        name, colour = say("card.state.prospect"), colours.line
    elif is_lost:
        name, colour = say("card.state.lost"), colours.unknown
    elif month.tier is None:
        name, colour = say("card.state.active"), colours.unknown
    else:
        name = tier_title(names, month.tier, spoken)
        colour = colours.tiers[TIERS.index(month.tier)]
    text = say(
        "card.strip.cell", month=numbers.month(month.day, spoken), tier=name,
        value=numbers.money(month.value, look.currency, spoken),
    )  # fmt: skip
    return strips.Cell(month.day, name, colour, is_lost, float(month.value), text)


def _history(look: Look, stands: Standing, names: str) -> str:
    spoken = look.language
    if stands.state == "prospect":
        return say("card.strip.prospect")
    tier = tier_title(names, stands.tier, spoken)
    if stands.state == "lost":
        return say("card.strip.lost", day=_day(look, stands.lost_on), tier=tier)
    first = _begun(stands.months)
    key = "card.strip.whole" if first is stands.months[0] else "card.strip.active"
    return translate(key, spoken, tier=tier, day=numbers.month(first.day, spoken))


def _begun(months: Sequence[Month]) -> Month:
    """Return the first of the last days at which tier and state were as at the last."""
    now, first = months[-1], months[-1]
    for month in reversed(months):
        if (month.tier, month.is_active) != (now.tier, now.is_active):
            break
        first = month
    return first


def _measure(stands: Standing) -> str:
    return say("measure.margin" if stands.is_on_margin else "measure.net")


def _since(look: Look, key: str, on: date) -> str:
    return translate(key, look.language, day=_day(look, on))


def _day(look: Look, on: date | None) -> str:
    return numbers.day(on, look.language)


def _money(look: Look, value) -> str:
    return numbers.money(value, look.currency, look.language)
