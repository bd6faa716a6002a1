"""Finding a customer: a part of name, id or telephone number. What is typed stays on the server."""

from collections.abc import Sequence

import streamlit as st

from core.card.search import Hit
from core.figures.tiers import tier_title
from dashboard import address, data, data_card, filters, numbers
from dashboard.session import Look, plain, say

_TEXT = "card.search"
_IS_ASKED = "card.search.asked"
MOST_AT_RISK = 10
LISTS = "dashboard/pages/lists.py"
_DIGITS = 15  # of a customer's number
_LONGEST = 200  # characters that can be typed


def box(look: Look) -> str:
    """Draw the search; one customer found leads straight to the card. Return what was typed."""
    filters.keep(_TEXT)
    text = st.text_input(
        say("card.search.label"), key=_TEXT, type="search", max_chars=_LONGEST,
        placeholder=say("card.search.placeholder"), icon=":material/search:",
        label_visibility="collapsed", on_change=_ask,
    ) or ""  # fmt: skip
    if st.session_state.pop(_IS_ASKED, False) and text.strip():
        hits = data_card.found(*look.at, text, look.as_of)
        if hits.total == 1:
            address.hold("customer", str(hits.first[0].customer_key))
    return text.strip()


def number(asked: str) -> int | None:
    """Return the customer's number that an address asks for; null if it is none."""
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS
    return int(asked) if is_number else None


def results(look: Look, text: str, names: str) -> None:
    """Show who was found, so that those of one name can be told apart."""
    hits = data_card.found(*look.at, text, look.as_of)
    if not hits.total:
        st.markdown(f"##### {plain(say('card.search.none'))}")
        st.caption(plain(say("card.search.none_advice")))
        return
    n, shown = (numbers.whole(each, look.language) for each in (hits.total, len(hits.first)))
    title = say("card.search.some", n=n)
    if hits.total == 1:
        title = say("card.search.one")
    elif hits.total > len(hits.first):
        title = say("card.search.first", n=n, shown=shown)
    st.markdown(f"##### {plain(title)}")
    with st.container(gap="xxsmall"):
        for hit in hits.first:
            _link(look, hit, names)


def start(look: Look) -> None:
    """Show whom to begin with: the most valuable customers at risk."""
    with st.skeleton(height=360):
        listed = data.listing(*look.at, "at-risk", look.as_of, look.language)
    st.markdown(f"##### {plain(say('card.search.start'))}")
    rows = listed.rows.slice(0, MOST_AT_RISK).to_pylist()
    if not rows:
        st.caption(plain(say("card.search.start_none")))
        return
    with st.container(gap="xxsmall"):
        for row in rows:
            value = numbers.money(row["value"], look.currency, look.language)
            own_id = row["customer_id"] if row["name"] else None
            parts = [own_id, value, row["manager"], row["reasons"]]
            _card(row["name"] or row["customer_id"], parts, row["customer_key"])
    st.page_link(
        LISTS, label=say("card.search.all_at_risk"), icon=":material/arrow_forward:",
        query_params=address.link(list="at-risk"),
    )  # fmt: skip


def _link(look: Look, hit: Hit, names: str) -> None:
    who = hit.name or hit.customer_id or ""
    parts = [hit.customer_id] if hit.name else []
    if hit.former_id:
        parts.append(say("card.search.former", id=hit.former_id))
    if hit.state is None:
        parts.append(say("card.search.no_line"))
    else:
        if hit.state != "active":
            parts.append(say(f"card.state.{hit.state}"))
        if hit.tier:
            parts.append(tier_title(names, hit.tier, look.language))
        parts.append(hit.branch)
        parts.append(numbers.money(hit.value, look.currency, look.language))
    _card(who, parts, hit.customer_key)


def _card(who: str, parts: Sequence[str | None], customer_key: int) -> None:
    """Show one customer on a line; the name opens the card."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"**{plain(who)}**", key=f"card.open.{customer_key}", type="tertiary",
            icon=":material/contact_page:", on_click=opened, args=(customer_key,),
        )  # fmt: skip
        st.caption(plain(say("card.join").join(part for part in parts if part)), width="content")


def opened(customer_key: int) -> None:
    """Let this page show the card of a customer."""
    address.hold("customer", str(customer_key))


def _ask() -> None:
    """What was asked for before makes way for what is looked for now."""
    address.hold("customer", None)
    st.session_state[_IS_ASKED] = True
