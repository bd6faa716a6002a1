"""Waves: those there are, a new one, and one by itself: its draft, or how far it has come."""

from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import waves as kept
from core.desk.waves import Standing
from core.store import changing
from core.store.records import Wave
from dashboard import address, blocks, desk, numbers, tables
from dashboard.blocks import Card, Column
from dashboard.session import Look, plain, say
from dashboard.winback import closing, draft, fields, terms

PAGE = "dashboard/pages/winback.py"
STATES = {"draft": "gray", "open": "blue", "closed": "green", "dropped": "gray"}


def show(look: Look, day: date) -> None:
    """Show all waves, or the one that the address names."""
    with desk.store().reading() as session:
        found = kept.waves(session)
    id = address.held("wave_id")
    if id == "new":
        _new(look)
        return
    chosen = [each for each in found if each.wave.id == id]
    if chosen:
        _one(look, day, chosen[0])
        return
    _all(look, found)


def _all(look: Look, found: list[Standing]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"##### {plain(say('winback.waves.title', n=len(found)))}", width="stretch")
        if fields.button(say("winback.waves.new"), "winback.waves.new", icon=":material/add:",
                         is_first=True):  # fmt: skip
            address.hold("wave_id", "new")
            st.rerun()
    st.caption(plain(say("winback.waves.about")))
    if not found:
        blocks.nothing(say("winback.waves.none"), say("winback.waves.none_advice"))
        return
    rows = [_row(look, each) for each in found]
    for place, row in enumerate(rows):  # a click tells the theme alone
        if any(other["theme"] == row["theme"] for other in rows[:place]):
            row["theme"] = f"{row['theme']} ({place + 1})"
    kinds: dict[str, tables.Kind] = {
        "assigned_on": "date", "closes_on": "date", "treated": "number", "control": "number",
        "exempt": "number", "days_left": "number",
    }  # fmt: skip
    columns = {
        name: Column(say(f"winback.column.{name}"), kinds.get(name, "text"))
        for name in rows[0] if name != "id"
    }  # fmt: skip
    config: dict[str, Any] = {name: tables.column_of(each) for name, each in columns.items()}
    config["theme"] = st.column_config.ButtonColumn(
        columns["theme"].label, type="tertiary", alignment="left", key="winback.waves.open",
        pinned=True, width=300, help=say("winback.waves.open"),
    )  # fmt: skip
    if click := st.session_state.get("winback.waves.open"):
        address.hold("wave_id", next(row["id"] for row in rows if row["theme"] == click["label"]))
        st.rerun()
    st.dataframe(
        pd.DataFrame(rows), key="winback.waves", hide_index=True, placeholder=numbers.UNKNOWN,
        column_config=config, column_order=list(columns), alt=say("page.winback.title"),
    )  # fmt: skip


def _row(look: Look, each: Standing) -> dict[str, Any]:
    wave = each.wave
    _, staff = fields.owners(look, wave.owner)
    left = (each.closes_on - desk.today()).days if each.closes_on else None
    return {
        "id": wave.id, "theme": wave.theme, "state": say(f"winback.state.{wave.state}"),
        "programme": say(f"winback.programme.{wave.programme}"),
        "owner": fields.owner(staff, wave.owner), "assigned_on": wave.assigned_on,
        "closes_on": each.closes_on,
        "days_left": max(left, 0) if left is not None and wave.state == "open" else None,
        **{arm: each.arms.get(arm, 0) if each.arms else None for arm in kept.ARMS},
    }  # fmt: skip


def _back() -> None:
    if st.button(say("winback.waves.back"), icon=":material/arrow_back:", type="tertiary"):
        address.drop("wave_id")
        st.rerun()


def _new(look: Look) -> None:
    """Draw the form of a new wave; it is kept as a draft, and nobody is drawn yet."""
    _back()
    form = desk.sheet("winback.wave.new")
    with st.form(form.key(), border=True):
        st.markdown(f"##### {plain(say('winback.wave.new'))}")
        typed = terms.draw(look, form, Wave(programme="win_back", theme="", owner=desk.me()))
        is_done = fields.submit(say("winback.wave.keep_draft"))
    if not is_done:
        return
    if not typed["theme"]:
        st.warning(say("winback.wave.no_theme"))
        return
    # The id is that of the form: written twice, it is one wave.
    id = form.nonce
    address.hold("wave_id", id)
    form.save(lambda session: changing.add(session, Wave(id=id, **typed)),
              say("winback.wave.kept"))  # fmt: skip
    address.hold("wave_id", "new")  # it was not written


def _one(look: Look, day: date, standing: Standing) -> None:
    """Show one wave: head, then what can be done with it in its state."""
    wave = standing.wave
    _back()
    parts = [f"### {plain(wave.theme)}"]
    parts.append(f":{STATES[wave.state]}-badge[{plain(say(f'winback.state.{wave.state}'))}]")
    parts.append(f":gray-badge[{plain(say(f'winback.programme.{wave.programme}'))}]")
    st.markdown(" ".join(parts))
    if wave.state == "draft":
        draft.show(look, day, wave)
        return
    st.caption(plain(" ".join(_said(look, standing))))
    if wave.state in ("open", "closed"):
        _counts(look, standing)
        st.page_link(
            PAGE, label=say("winback.wave.cases"), icon=":material/checklist:",
            query_params=address.link(section="desk", whose="all", wave=wave.id),
        )  # fmt: skip
    if wave.state == "open":
        closing.show(look, day, standing)
        _drop(wave)
    if wave.state == "closed":
        st.page_link(
            PAGE, label=say("winback.section.lift"), icon=":material/insights:",
            query_params=address.link(section="lift"),
        )  # fmt: skip


def _said(look: Look, standing: Standing) -> list[str]:
    wave, spoken = standing.wave, look.language
    _, staff = fields.owners(look, wave.owner)
    if wave.assigned_on is None:
        return [say("winback.wave.never_drawn")]
    return [
        say("winback.wave.drawn_on", day=numbers.day(wave.assigned_on, spoken),
            as_of=numbers.day(wave.as_of, spoken), version=wave.data_version),
        say("winback.wave.terms", offer=wave.offer or numbers.UNKNOWN,
            mode=fields.channel(wave.contact_mode), owner=fields.owner(staff, wave.owner),
            cost=numbers.money(wave.cost_per_contact, look.currency, spoken),
            incentive=numbers.money(wave.incentive, look.currency, spoken)),
        say("winback.wave.hash", hash=(wave.list_hash or "")[:12]),
    ]  # fmt: skip


def _counts(look: Look, standing: Standing) -> None:
    """Show arms and days to go; never who bought so far: who looks again and again is misled."""
    cards = [
        Card(say(f"winback.column.{arm}"), numbers.whole(standing.arms.get(arm, 0), look.language),
             say(f"winback.about.{arm}"))
        for arm in kept.ARMS
    ]  # fmt: skip
    if standing.wave.state == "open" and standing.closes_on is not None:
        left = max((standing.closes_on - desk.today()).days, 0)
        closes = numbers.day(standing.closes_on, look.language)
        cards.append(
            Card(say("winback.column.days_left"), numbers.whole(left, look.language),
                 say("winback.about.days_left"), remark=say("winback.wave.closes", day=closes))
        )  # fmt: skip
    blocks.cards(cards)


def _drop(wave: Wave) -> None:
    """Draw the way out, which is shut once anybody was contacted."""
    with st.expander(say("winback.wave.drop")):
        st.caption(plain(say("winback.wave.drop_about")))
        if fields.button(say("winback.wave.drop_now"), f"winback.drop.{wave.id}"):
            do = partial(kept.drop, id=wave.id, version=wave.version, today=desk.today())
            desk.once(f"winback.drop.{wave.id}", do, say("winback.wave.dropped"))
