"""The week on the care board: what is late, due today, tomorrow and this week, and what is done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st
from sqlalchemy.orm import Session

from core.desk import plays, recorded, tasks
from core.desk.cards import KINDS, Card, until_of, week_of
from core.desk.due import Due
from core.desk.plays import Advice
from core.desk.week import COLUMNS, Week, done_with, laid_out, undone, with_people
from core.store.records import Task
from dashboard import data, data_desk_care, desk, filters, numbers
from dashboard.empty import missing
from dashboard.findings import care as told
from dashboard.sections import care_forms as forms
from dashboard.sections import care_new
from dashboard.session import Look, Standing, plain, say

PER_DAY, MOST_PER_DAY = 12, 24
SHOWN = 6  # cards of a column, until more are asked for
_STEP = 12


@dataclass(frozen=True)
class Board:
    """All that the week shows."""

    week: Week
    done: Sequence[Task]  # this week, the newest first
    n_done: int
    names: dict[int, str]  # of the customers of ``done``
    plays: dict[str, Advice]
    due: Due


def show(look: Look) -> None:
    """Show the week of one employee or of everybody."""
    forms.answer()
    owner, kind, per_day = _choices(look)
    with st.skeleton(height=600):
        board = _board(look, desk.today(), owner, kind, per_day)
    staff = data.staff(look.home, look.version)
    words = told.Words(
        look, desk.today(), staff, forms.tiers(look), board.plays, is_mine=owner is not None
    )
    st.markdown(f"##### {plain(told.sentence(words, board.week, board.n_done, owner is not None))}")
    if more := told.waiting(words, board.week):
        st.caption(plain(more))
    forms.follow_up(words)
    columns = st.columns(len(COLUMNS) + 1, gap="small")
    for name, place in zip(COLUMNS, columns, strict=False):
        with place:
            _column(words, name, board.week.columns[name])
    with columns[-1]:
        _done(words, board)
    day = numbers.day(board.due.day, look.language)
    st.caption(plain(say("care.week.about", day=day, n=per_day)))
    if board.due.missing:
        with st.expander(say("care.week.missing"), icon=":material/lightbulb:"):
            missing(board.due.missing)


def _choices(look: Look) -> tuple[str | None, str | None, int]:
    """Draw whose cards, of which kind, and how many a day; and the forms that begin with nobody."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        whose = filters.choice(
            "whose", ("mine", "everybody"), lambda code: say(f"care.whose.{code}"),
            title=say("care.whose.title"), default="mine" if desk.me() else "everybody",
        )  # fmt: skip
        kind = filters.pick(
            "kind", KINDS, lambda code: say(f"care.kind.{code}"), title=say("care.kinds"), width=180
        )
        with st.popover(say("care.capacity"), icon=":material/tune:", type="tertiary"):
            filters.keep("care.per_day")
            per_day = st.number_input(
                say("care.per_day"), 1, MOST_PER_DAY, PER_DAY, key="care.per_day",
                help=say("care.per_day_help"),
            )  # fmt: skip
        st.space("stretch")
        care_new.open_buttons(look)
    if whose == "mine" and not desk.me():
        st.info(say("care.whose.nobody"), icon=":material/badge:")
    return (desk.me() if whose == "mine" else None), kind, int(per_day)


def _board(look: Look, today: date, owner: str | None, kind: str | None, per_day: int) -> Board:
    """Lay what was recorded over the cards that the books make."""
    until, (monday, sunday) = until_of(today), week_of(today)
    with forms.reading(look) as session:
        made = plays.on_board(session) if session else ()
        own = recorded.recorded_cards(session, until, owner) if session else []
        anew = (recorded.withdrawn(session), 0) if session else (0, 0)
        refresh: Standing = (look.refresh, anew if look.desk is not None else None)
        found = data_desk_care.due(look.home, look.version, refresh, look.scope, today, made, owner)
        cards = [*found.cards, *_named(look, own)]
        counts = Counter(found.counts) + Counter(card.kind for card in cards[len(found.cards) :])
        waiting, done, n_done = cards, [], 0
        if session is not None:
            waiting = undone(cards, done_with(session, cards), today)
            done, n_done = tasks.done_in(session, monday, sunday, owner, _seen("done"))
        counts -= Counter(card.kind for card in cards) - Counter(card.kind for card in waiting)
        if kind is not None:
            waiting = [card for card in waiting if card.kind == kind]
            counts = Counter({kind: counts[kind]})
        week = laid_out(waiting, counts, today, per_day)
        return Board(week, done, n_done, _names(look, done), _plays(look, session), found)


def _named(look: Look, cards: Sequence[Card]) -> list[Card]:
    keys = tuple(sorted({card.customer_key for card in cards if card.customer_key is not None}))
    people, refused = forms.known(look, keys)
    return with_people(cards, people, refused)


def _names(look: Look, done: Sequence[Task]) -> dict[int, str]:
    keys = tuple(sorted({task.customer_key for task in done if task.customer_key is not None}))
    people, _ = forms.known(look, keys)
    return {key: who.called for key, who in people.items()}


def _plays(look: Look, session: Session | None) -> dict[str, Advice]:
    if session is None:
        return {}
    return {each.id: each for each in plays.in_force(session, look.language) if each.id}


def _column(words: told.Words, name: str, cards: Sequence[Card]) -> None:
    """Show one column, its first cards, and the rest if asked for."""
    st.markdown(f"**{plain(told.column(words, name))}** :gray-badge[{len(cards)}]")
    if not cards:
        st.caption(plain(say(f"care.none.{name}")))
    for card in cards[: _seen(name)]:
        _card(words, card)
    if len(cards) > _seen(name):
        _more(name, len(cards) - _seen(name))


def _card(words: told.Words, card: Card) -> None:
    """Show a card: who, why, what for, and the clicks that answer it."""
    with st.container(border=True, gap="xxsmall"):
        if st.button(told.heading(card), key=f"care.open.{card.source}", type="tertiary"):
            forms.card(words, card)
        st.markdown(told.body(words, card))
        with st.container(horizontal=True, gap="small"):
            forms.clicks(card)


def _done(words: told.Words, board: Board) -> None:
    """Show what was done this week, the newest first."""
    st.markdown(f"**{plain(say('care.column.done'))}** :green-badge[{board.n_done}]")
    if not board.done:
        st.caption(plain(say("care.none.done")))
    for task in board.done:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(told.done(words, task, board.names))
    if board.n_done > len(board.done):
        _more("done", board.n_done - len(board.done))


def _seen(name: str) -> int:
    return st.session_state.get(f"care.seen.{name}", SHOWN)


def _more(name: str, left: int) -> None:
    n = min(left, _STEP)
    st.button(
        say("care.more", n=n), key=f"care.more.{name}", type="tertiary", width="stretch",
        on_click=lambda: st.session_state.update({f"care.seen.{name}": _seen(name) + _STEP}),
    )  # fmt: skip
