"""The lift report: what closed waves brought, and on which day the open ones can be read."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import streamlit as st

from core.desk import outcomes
from core.desk import waves as kept
from core.desk.outcomes import Read
from core.desk.waves import Standing
from core.store.records import Wave
from dashboard import address, blocks, charts, data_desk_winback, desk, filters, numbers
from dashboard.blocks import Column
from dashboard.charts import Palette
from dashboard.findings import lift as told
from dashboard.session import Look, is_dark, plain, say
from dashboard.winback import fields

PAGE = "dashboard/pages/winback.py"
GROUPS = ("tier", "cause", "offer")


def show(look: Look, day: date) -> None:
    """Show what all closed waves brought together, each by itself, and apart by group."""
    with desk.store().reading() as session:
        closed = [each.wave for each in kept.waves(session, "closed")]
        still_open = kept.waves(session, "open")
    closed.sort(key=lambda wave: (wave.assigned_on or day, wave.theme))
    if closed:
        _report(look, day, closed)
    else:
        blocks.nothing(say("winback.lift.none"), say("winback.lift.none_advice"))
        st.page_link(
            PAGE, label=say("winback.section.waves"), icon=":material/waves:",
            query_params=address.link(section="waves"),
        )  # fmt: skip
    _still_open(look, still_open)


def _report(look: Look, day: date, closed: Sequence[Wave]) -> None:
    programmes = sorted({wave.programme for wave in closed})
    if len(programmes) > 1:
        wanted = filters.pick(
            "programme", programmes, lambda code: say(f"winback.programme.{code}"),
            title=say("winback.field.programme"),
        )  # fmt: skip
        closed = [wave for wave in closed if wanted in (None, wave.programme)]
    colours = charts.palette(is_dark())
    each, whole = [outcomes.read(wave) for wave in closed], outcomes.pooled(closed)
    blocks.cards(told.cards(look, whole))
    if look.scope:
        st.caption(plain(say("winback.lift.whole")))
    left, right = st.columns([1, 1], gap="medium")
    with left:
        blocks.finding(told.each_wave(look, each, whole, colours), key="lift_waves")
    with right:
        _by_group(look, closed, colours)
    _numbers(look, each)
    ids = tuple(sorted(wave.id for wave in closed))
    with st.skeleton(height=240):
        rows = data_desk_winback.second_lives(*look.at, ids, day)
    blocks.beside((told.stayed(look, rows, colours), "stayed"))


def _by_group(look: Look, closed: Sequence[Wave], colours: Palette) -> None:
    group = filters.choice(
        "by", GROUPS, lambda code: say(f"winback.lift.by.{code}"), title=say("winback.lift.apart")
    )
    found: list[Read]
    called: Callable[[str], str]
    if group == "tier":
        found = outcomes.by_tier(closed)
        called = partial(_tier, look)
    elif group == "cause":
        found, called = outcomes.by_cause(closed), fields.cause
    else:
        found, called = outcomes.by_offer(closed), lambda name: name or say("winback.lift.no_offer")
    named = say(f"winback.lift.by.{group}").lower()  # within a sentence
    blocks.finding(told.by(look, found, called, named, colours), key=f"lift_{group}")


def _tier(look: Look, name: str) -> str:
    return fields.tier_numbered(look, int(name) if name else None)


def _numbers(look: Look, each: Sequence[Read]) -> None:
    columns = {}
    for name, kind in told.COLUMNS.items():
        label = say(f"winback.lift.column.{name}")
        if kind == "money":
            label = say("table.money", heading=label, currency=look.currency)
        columns[name] = Column(label, kind)
    blocks.table(say("winback.lift.table"), told.table(look, each), columns, "lift_numbers")
    blocks.caption(say("winback.lift.how"))


def _still_open(look: Look, found: Sequence[Standing]) -> None:
    if not found:
        return
    st.markdown(f"##### {plain(say('winback.lift.open', n=len(found)))}")
    for each in found:
        if each.closes_on is None:
            continue
        st.markdown(plain(say(
            "winback.lift.readable", theme=each.wave.theme,
            treated=numbers.whole(each.arms.get("treated", 0), look.language),
            control=numbers.whole(each.arms.get("control", 0), look.language),
            day=numbers.day(each.closes_on, look.language),
        )))  # fmt: skip
