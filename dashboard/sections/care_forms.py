"""Forms of the care board: a contact in a click or in full, what came of it, a card put off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import streamlit as st
from sqlalchemy.orm import Session

from core.desk import contacts, tasks
from core.desk.cards import Card
from core.desk.cases import CHANNELS
from core.desk.contacts import Told
from core.desk.people import Customer
from core.store import Store, StoreError, changing
from core.store.records import Contact
from dashboard import address, data, data_desk_care, desk
from dashboard.desk import Sheet
from dashboard.findings import care as told
from dashboard.session import Look, plain, say, style, tell

CARD = "dashboard/pages/card.py"
_CLICKED = "_care_clicked"  # a card, what was clicked on it, and the form it is written by
_ANSWERED = "_care_answered"  # how many cards were answered by a click in this visit
_FOLLOW = "_care_follow"  # the contact that was just logged in a click
LONGEST = 4_000  # characters of a text
_ICONS = {"kept": "check", "done": "check", "reached": "check", "missed": "phone_missed"}
_WAYS = ("log", "put_off", "drop", "done")


@contextmanager
def reading(look: Look) -> Iterator[Session | None]:
    """Give a session that reads what was recorded; null where nothing can be or has been yet."""
    if look.desk is None or not Store.is_there(Path(look.home)):
        yield None
        return
    with desk.store().reading() as session:
        yield session


def known(look: Look, keys: tuple[int, ...]) -> tuple[dict[int, Customer], set[int]]:
    """Return who customers are, and which of them do not want to be contacted."""
    if not keys:
        return {}, set()
    return data_desk_care.known(look.home, look.version, (look.refresh, None), look.scope, keys)


def tiers(look: Look) -> str:
    """Return which names the tiers have."""
    return data.tier_names(look.home, look.version, (look.refresh, None), ())


def clicks(card: Card) -> None:
    """Draw the buttons that answer a card at once.

    After each answer they are other buttons, which rest for a moment (``care.css``): a second click
    on the place of the card that was answered would answer the one that came there.
    """
    is_nobody, answered = not desk.me(), st.session_state.get(_ANSWERED, 0)
    alone = {"promise": "kept", "own": "done"}.get(card.kind)
    for way in (alone,) if alone else ("reached", "missed"):
        sheet = desk.sheet(f"care.{way}.{card.source}")
        st.button(
            say(f"care.{way}"), key=f"care.click.{card.source}.{answered}.{sheet.nonce}.{way}",
            type="tertiary", icon=f":material/{_ICONS[way]}:", disabled=is_nobody,
            help=say("care.say_who") if is_nobody else say(f"care.{way}_help"),
            on_click=st.session_state.update, args=({_CLICKED: (card, way, sheet)},),
        )  # fmt: skip


def answer() -> None:
    """Write what was clicked, before the cards are drawn.

    Somebody else may have answered the card in the meantime: then it is drawn no more, and its
    button would do nothing. A second click on the same button has the key of the first.
    """
    style("care")
    if (clicked := st.session_state.pop(_CLICKED, None)) is None:
        return
    card, way, sheet = clicked
    st.session_state[_ANSWERED] = st.session_state.get(_ANSWERED, 0) + 1
    today, now, who = desk.today(), desk.now(), desk.me()
    if way == "kept":
        sheet.save(partial(contacts.keep_promise, card=card, today=today), say("care.saved"))
        return
    if way == "done":
        sheet.save(partial(tasks.mark, card=card, today=today), say("care.saved"))
        return
    is_reached = way == "reached"
    if is_reached:
        st.session_state[_FOLLOW] = sheet.nonce
    log = partial(
        contacts.log_card, card=card, now=now, contact_id=sheet.nonce, is_reached=is_reached,
        employee=who,
    )  # fmt: skip
    name = card.name or card.customer_id or ""
    sheet.save(log, say("care.logged" if is_reached else "care.tried", name=name))
    st.session_state.pop(_FOLLOW, None)  # it was not written


def follow_up(words: told.Words) -> None:
    """After a call was logged in a click: ask once what came of it."""
    contact_id = st.session_state.pop(_FOLLOW, None)
    if contact_id is None:
        return
    with desk.store().reading() as session:
        made = session.get(Contact, contact_id)
    if made is not None:
        draw = partial(_complete, words.look, made)
        # A second click beside it, still meant for the card, would close it.
        opened(say("care.follow.title"), draw, is_dismissible=False)


def _complete(look: Look, made: Contact) -> None:
    people, _ = known(look, (made.customer_key,))
    if (who := people.get(made.customer_key)) is not None:
        st.text(who.called)
    st.caption(say("care.follow.about"))
    sheet = desk.sheet(f"care.follow.{made.id}", made.version)
    with st.form(sheet.key(), border=False):
        found = what_came(sheet)
        with st.container(horizontal=True, gap="small"):
            is_sent = st.form_submit_button(say("care.save"), type="primary")
            is_nothing = st.form_submit_button(say("care.follow.nothing"), type="tertiary")
    if is_nothing or (is_sent and found == Told()):
        st.rerun()
    if is_sent:
        write = partial(contacts.complete, contact_id=made.id, version=sheet.version, told=found)
        sheet.save(write, say("care.saved"))


def what_came(sheet: Sheet) -> Told:
    """Draw what a contact may bring, and return what was typed."""
    learned = st.text_area(
        say("care.field.learned"), key=sheet.key("learned"), height=68, max_chars=LONGEST
    )
    opportunity = st.text_input(
        say("care.field.opportunity"), key=sheet.key("opportunity"), max_chars=LONGEST
    )
    what, when = st.columns([3, 2])
    next_step = what.text_input(
        say("care.field.next_step"), key=sheet.key("next_step"), max_chars=LONGEST
    )
    tomorrow = desk.today() + timedelta(days=1)
    next_on = when.date_input(
        say("care.field.next_on"), tomorrow + timedelta(days=6), key=sheet.key("next_on"),
        min_value=desk.today(),
    )  # fmt: skip
    what, when = st.columns([3, 2])
    promised = what.text_input(
        say("care.field.promised"), key=sheet.key("promised"), max_chars=LONGEST
    )
    due = when.date_input(
        say("care.field.promise_due"), tomorrow + timedelta(days=2), key=sheet.key("promise_due"),
        min_value=desk.today(),
    )  # fmt: skip
    is_refused = st.checkbox(say("care.field.refused"), key=sheet.key("refused"))
    return Told(
        learned, opportunity, next_step, next_on if next_step.strip() else None, promised,
        due if promised.strip() else None, is_refused,
    )  # fmt: skip


def card(words: told.Words, chosen: Card) -> None:
    """Open all that can be done with a card."""
    title = chosen.name or chosen.customer_id or say(f"care.kind.{chosen.kind}")
    opened(plain(title), lambda: _card(words, chosen))


def _card(words: told.Words, chosen: Card) -> None:
    st.markdown("  \n".join(told.facts(words, chosen)))
    if chosen.customer_key is not None:
        st.page_link(
            CARD, label=say("care.to_card"), icon=":material/contact_page:",
            query_params=address.link(customer=str(chosen.customer_key)),
        )  # fmt: skip
    ways = [way for way in _WAYS if way != "log" or chosen.customer_key is not None]
    way = st.segmented_control(
        say("care.way.title"), ways, key=f"care.way.{chosen.source}", default=ways[0],
        format_func=lambda code: say(f"care.way.{code}"), label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    sheet = desk.sheet(f"care.card.{chosen.source}")
    if not desk.me():
        st.caption(say("care.say_who"))
    with st.form(sheet.key(), border=False):
        do = {"log": _log, "put_off": _put_off, "drop": _drop, "done": _mark_done}[way](
            words, chosen, sheet
        )
        is_sent = st.form_submit_button(
            say(f"care.send.{way}"), type="primary", disabled=not desk.me()
        )
    if is_sent:
        sheet.save(do, say("care.saved"))


Write = Callable[[Session], str]


def _log(words: told.Words, chosen: Card, sheet: Sheet) -> Write:
    channel, is_reached = how(sheet)
    found, now, who = what_came(sheet), desk.now(), desk.me()

    def do(session: Session) -> str:
        id = contacts.log_card(
            session, chosen, now, contact_id=sheet.nonce, is_reached=is_reached, employee=who,
            channel=channel,
        )  # fmt: skip
        return contacts.complete(session, id, changing.get(session, Contact, id).version, found)

    return do


def how(sheet: Sheet) -> tuple[str, bool]:
    """Draw by which channel it was, and whether somebody was reached."""
    with st.container(horizontal=True):
        channel = st.selectbox(
            say("care.field.channel"), CHANNELS, key=sheet.key("channel"), width=160,
            format_func=lambda code: say(f"care.channel.{code}"),
        )  # fmt: skip
        is_reached = st.radio(
            say("care.field.reached"), [True, False], key=sheet.key("reached"), horizontal=True,
            format_func=lambda yes: say("care.reached" if yes else "care.missed"),
        )  # fmt: skip
    return channel, bool(is_reached)


def _put_off(words: told.Words, chosen: Card, sheet: Sheet) -> Write:
    today = desk.today()
    until = st.date_input(
        say("care.field.until"), today + timedelta(days=7), key=sheet.key("until"),
        min_value=today + timedelta(days=1),
    )  # fmt: skip
    note = st.text_input(say("care.field.note"), key=sheet.key("note"), max_chars=LONGEST)
    return partial(
        tasks.mark, card=chosen, today=today, state="open", put_off_until=until, note=note
    )


def _drop(words: told.Words, chosen: Card, sheet: Sheet) -> Write:
    note = st.text_input(say("care.field.reason"), key=sheet.key("reason"), max_chars=LONGEST)
    return partial(tasks.drop, card=chosen, today=desk.today(), reason=note)


def _mark_done(words: told.Words, chosen: Card, sheet: Sheet) -> Write:
    note = st.text_input(say("care.field.how"), key=sheet.key("how"), max_chars=LONGEST)
    return partial(tasks.mark, card=chosen, today=desk.today(), note=note)


def opened(title: str, draw: Callable[[], None], *, is_dismissible: bool = True) -> None:
    """Open a dialog; what goes wrong with what was recorded is told in it."""

    def shown() -> None:
        try:
            draw()
        except StoreError as error:
            tell(error)

    st.dialog(title, width="medium", dismissible=is_dismissible)(shown)()
