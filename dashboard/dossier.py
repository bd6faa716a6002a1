"""How the card of a customer is drawn: head, facts, timeline. Narrow lines, that print well."""

from collections.abc import Sequence

import streamlit as st

from core.card.card import Card
from core.card.standing import Standing
from dashboard import (
    address,
    blocks,
    charts,
    data,
    data_card,
    data_desk_winback,
    filters,
    finder,
    numbers,
)
from dashboard.charts import Palette
from dashboard.findings import card as told
from dashboard.findings import card_facts
from dashboard.findings import card_timeline as timeline
from dashboard.findings.card_facts import Fact
from dashboard.session import Look, is_dark, plain, say

_SHOWN = "card.timeline.shown"
PRODUCTS = 8  # shown of what was bought
RELATIONS = 8


def show(look: Look, card: Card, names: str) -> None:
    """Show the whole card."""
    colours = charts.palette(is_dark())
    head(look, card)
    desk(look, card)
    if elsewhere := outside(look, card):
        st.info(plain(say("card.elsewhere", scope=elsewhere)), icon=":material/filter_alt_off:")
    if card.stands is None:
        st.info(plain(say("card.not_yet", day=numbers.day(look.as_of, look.language))))
    else:
        standing(look, card.stands, card, names, colours)
    profile(look, card)
    if is_in_full(card):
        rest(look, card, colours)
    history(look, card)


def head(look: Look, card: Card) -> None:
    """Show who it is, and what must be seen first."""
    who, stands = card.profile, card.stands
    parts = [f"### {plain(who.name or who.customer_id or '')}"]
    if who.name and who.customer_id:
        parts.append(f":small[:gray[{plain(who.customer_id)}]]")
    if stands is not None:
        weight = "important" if stands.is_upper else "general"
        colour = "blue" if stands.is_upper else "gray"
        parts.append(f":{colour}-badge[{plain(say(f'card.{weight}'))}]")
        colour = "orange" if stands.state == "lost" else "gray"
        parts.append(f":{colour}-badge[{plain(say(f'card.state.{stands.state}'))}]")
    if who.may_contact is False:
        parts.append(f":orange-badge[:material/block: {plain(say('card.not_to_contact'))}]")
    st.markdown(" ".join(parts))
    st.caption(plain(" ".join(_about(look, card))))


def desk(look: Look, card: Card) -> None:
    """Say if the customer must not be called because of a wave, or the way to the open case."""
    if look.desk is None:
        return
    control, case = data_desk_winback.of_customer(look.home, card.profile.customer_key)
    if control is not None:
        until = numbers.day(control.closes_on, look.language)
        text = say("winback.held_back", theme=control.wave.theme, day=until)
        st.warning(plain(text), icon=":material/do_not_touch:")
    if case is not None:
        st.page_link(
            "dashboard/pages/winback.py", label=say("winback.case.of_customer"),
            icon=":material/handshake:", query_params=address.link(case=case),
        )  # fmt: skip


def standing(look: Look, stands: Standing, card: Card, names: str, colours: Palette) -> None:
    """Show where the customer stands, why they might leave, and what is due."""
    blocks.cards(told.cards(look, stands, names))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        blocks.finding(told.strip(look, stands, names, colours), key="strip")
    with right:
        title, reasons = told.risk(look, stands, card.unseen)
        facts([(title, reasons), (say("card.care.title"), card_facts.care(look, card))])


def is_in_full(card: Card) -> bool:
    """Whether to show all that is known: of the important always, of others if asked for."""
    if card.stands is not None and card.stands.is_upper:
        return True
    depth = filters.choice(
        "depth", ("short", "full"), lambda code: say(f"card.depth.{code}"),
        title=say("card.depth.title"),
    )  # fmt: skip
    return depth == "full"


def rest(look: Look, card: Card, colours: Palette) -> None:
    """Show who is around the customer, what they have of us, and how they compare."""
    left, right = st.columns(2, gap="medium")
    with right:
        facts([(say("card.holdings.title"), card_facts.holdings(look, card, PRODUCTS))])
    with left:
        facts([(say("card.people.title"), card_facts.employees(look, card))])
        if card.relations:
            people(say("card.people.relations"), card_facts.relations(look, card)[:RELATIONS])
        if card.stands is None or card.stands.state != "active":
            return
        with st.skeleton(height=240):
            found = data_card.among(*look.at, card.profile.customer_key, look.as_of)
        if found is not None:
            blocks.finding(told.among(look, found, colours), key="among")


def _about(look: Look, card: Card) -> list[str]:
    """Return what a reader must know of the card before anything on it."""
    spoken, stands = look.language, card.stands
    found = []
    if stands is not None and stands.state == "lost":
        found.append(say("card.lost_on", day=numbers.day(stands.lost_on, spoken)))
    elif stands is not None and stands.since_on:
        found.append(say("card.since", day=numbers.day(stands.since_on, spoken)))
    found.append(say("card.day", day=numbers.day(look.as_of, spoken)))
    if card.asked_key is not None:
        found.append(say("card.merged"))
    return found


def outside(look: Look, card: Card) -> str | None:
    """Return the part of the chosen scope that the customer is not in; null if in all of it."""
    held = card.profile.attributes
    staff = data.staff(look.home, look.version)
    missed = [
        filters.place(name, values[0], staff)
        for name, values in look.scope
        if held.get(name) not in values
    ]
    return say("table.join").join(missed) if missed else None


def facts(found: Sequence[tuple[str, Sequence[Fact]]]) -> None:
    """Show facts, one to a line, each group under its title."""
    with st.container(border=True, gap="small"):
        for title, group in found:
            st.markdown(f"##### {plain(title)}")
            lines(group)


def profile(look: Look, card: Card) -> None:
    """Show who the customer is, in two columns where there is room."""
    found = card_facts.profile(look, card)
    with st.container(border=True, gap="small"):
        st.markdown(f"##### {plain(say('card.profile.title'))}")
        middle = -(-len(found) // 2)
        left, right = st.columns(2, gap="medium")
        with left:
            lines(found[:middle])
        with right:
            lines(found[middle:])
            _reach(look, card)


def lines(found: Sequence[Fact]) -> None:
    """Show facts, one to a line; those that need attention in orange."""
    written = [_line(fact) for fact in found]
    if written:
        st.markdown("  \n".join(written))


def _line(fact: Fact) -> str:
    label, text = plain(fact.label), plain(fact.text)
    if fact.tone == "label":
        return f":orange[{label}] :gray[{text}]"
    if fact.tone == "faint":
        return f":small[:gray[{text}]]"
    text = f":orange[{text}]" if fact.tone == "text" else text
    return f":gray[{label}] {text}" if label else text


def people(title: str, found: Sequence[Fact]) -> None:
    """Show other customers under a title, each with the way to their card."""
    with st.container(border=True, gap="small"):
        st.markdown(f"##### {plain(title)}")
        for place, fact in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{plain(fact.label)} :gray[{plain(fact.text)}]", width="content")
                if fact.customer_key is not None:
                    st.button(
                        say("card.open"), key=f"card.relation.{place}", type="tertiary",
                        icon=":material/contact_page:", on_click=finder.opened,
                        args=(fact.customer_key,),
                    )  # fmt: skip


def _reach(look: Look, card: Card) -> None:
    """Show telephone number and e-mail masked, until somebody asks for them."""
    who = card.profile
    shown = {"phone": who.masked_phone, "email": who.masked_email}
    if not any(shown.values()):
        return
    key = f"card.reach.{who.customer_key}"
    is_asked = st.session_state.get(key, False)
    if is_asked:
        found = data_card.reach(look.home, look.at[2], who.customer_key)
        shown = dict(zip(shown, found, strict=True))
    lines([Fact(say(f"card.profile.{name}"), text) for name, text in shown.items() if text])
    if not is_asked:
        st.button(
            say("card.show"), key=f"{key}.show", type="tertiary", icon=":material/visibility:",
            on_click=_unmask, args=(key,),
        )  # fmt: skip


def _unmask(key: str) -> None:
    st.session_state[key] = True


def history(look: Look, card: Card) -> None:
    """Show everything that happened, the newest first, by kind, as much as is asked for."""
    st.markdown(f"##### {plain(say('card.timeline.title'))}")
    kind = filters.choice(
        "kind", timeline.kinds(card.timeline), lambda code: say(f"card.kind.{code}"),
        title=say("card.timeline.choice"),
    )  # fmt: skip
    place = f"{_SHOWN}.{card.profile.customer_key}.{kind}"
    most = st.session_state.get(place, timeline.PAGE)
    events, n = timeline.told(look, card.timeline, kind, most)
    if not events:
        st.caption(plain(say("card.timeline.nothing")))
        return
    shown = numbers.whole(len(events), look.language)
    st.caption(plain(say("card.timeline.shown", shown=shown, n=numbers.whole(n, look.language))))
    st.markdown("\n".join([*_heading(), *(_row(each) for each in events)]))
    if len(events) < n:
        st.button(say("card.more"), key=f"{place}.more", on_click=_show_more, args=(place, most))


def _heading() -> list[str]:
    date, what = plain(say("card.timeline.date")), plain(say("card.timeline.what"))
    return [f"| {date} | {what} |", "| :-- | :-- |"]


def _row(each: timeline.Told) -> str:
    title = f":material/{each.icon}: **{plain(each.title)}**"
    if each.is_bad:
        title = f":orange[{title}]"
    parts = [title, plain(each.more), f":gray[{plain(each.text)}]" if each.text else ""]
    day = plain("\u2060".join(each.on.isoformat()))  # word joiners keep it on one line
    return f"| {day} | {'  '.join(part for part in parts if part)} |"


def _show_more(place: str, most: int) -> None:
    st.session_state[place] = most + timeline.PAGE
