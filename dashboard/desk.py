"""What people record from the board: who they are, which day it is, and forms that lose nothing.

A form has a key of its own in the names of its fields. It is the key of the write, too: a second
click writes nothing twice, and after a write the form is another one. What was typed stays until it
is written.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy.orm import Session
from streamlit.errors import StreamlitAPIException

from core import definitions, settings
from core.errors import CoreError
from core.store import Conflict, Store, StoreError, changing, store_at
from core.store.record import Record, new_id
from dashboard import address, data, merging
from dashboard.session import Look, home, plain, say, tell

_ME = "_me"
_SAID = "_desk_said"
_LOST = "_desk_lost"
_HELD = "_desk_held"  # by page, what its forms held when it could not be drawn
_CODE = re.compile(r"[\w.:-]*", re.ASCII)  # what a choice holds, not a text


def store() -> Store:
    """Return the store of the books.

    Raises
    ------
    StoreError
        If it cannot be reached.
    """
    return store_at(home())


def mark(folder: Path) -> tuple[int, int] | None:
    """Return what changes when somebody records something; null if that cannot be reached.

    Looked at in every run, so that what was recorded counts at the next page load.
    """
    st.session_state[_LOST] = None
    try:
        return store_at(folder).mark() if Store.is_there(folder) else (0, 0)
    except StoreError as error:
        st.session_state[_LOST] = error
        return None


def now() -> datetime:
    """Return the moment in the time zone of the books, without a zone."""
    zone = ZoneInfo(definitions.load(home()).books.time_zone)
    moment = datetime.now(zone).replace(tzinfo=None, microsecond=0)
    fixed = settings.load().today
    return datetime.combine(fixed, moment.time()) if fixed else moment


def today() -> date:
    """Return the day on which people work: that of the clock, or ``REGULARS_TODAY``."""
    return now().date()


def me() -> str:
    """Return who works here: the number of an employee, or a name; empty where nobody said."""
    return st.session_state.get(_ME) or settings.load().user


def who(staff: Mapping[str, str]) -> str:
    """Draw the question who works here, and return the answer.

    ``staff`` names the employees by number. It is asked once per visit and never put into the
    address.
    """
    known = list(staff)
    if (mine := me()) and mine not in known:
        known.insert(0, mine)
    chosen = st.selectbox(
        say("desk.who"), known, index=known.index(mine) if mine else None, key=f"{_ME}_choice",
        format_func=lambda each: staff.get(each, each), accept_new_options=True, width=240,
        placeholder=say("desk.who_placeholder"), help=say("desk.who_help"),
    )  # fmt: skip
    st.session_state[_ME] = (chosen or "").strip()
    return st.session_state[_ME]


def notices() -> None:
    """Say what was recorded in the run before, or that nothing can be recorded now."""
    if said := st.session_state.pop(_SAID, None):
        st.toast(plain(said), icon=":material/check:")
    if (error := st.session_state.get(_LOST)) is not None:
        tell(error)
        st.caption(say("desk.left_out"))
    _hold(is_lost=error is not None)


def waiting(error: StoreError) -> None:
    """Say that the page has to wait for the store, and show the texts that its forms hold."""
    if st.session_state.get(_LOST) is None:
        _tell(error)
    state = st.session_state
    typed = [
        text for key, text in {**_held(), **_typed()}.items()
        if isinstance(text, str) and not _CODE.fullmatch(text) and text != state.get(f"{key}.was")
    ]  # fmt: skip
    if typed:
        st.caption(plain(say("desk.typed")))
    for text in typed:
        st.text(text)
    st.button(say("desk.again"), icon=":material/refresh:")


def _hold(*, is_lost: bool) -> None:
    """Keep what forms hold while their page cannot be drawn: Streamlit forgets such fields."""
    if is_lost:
        _held().update(_typed())
    elif kept := _held():
        st.session_state.update(kept)
        kept.clear()


def _held() -> dict[str, Any]:
    return st.session_state.setdefault(_HELD, {}).setdefault(address.page(), {})


def _typed() -> dict[str, Any]:
    """Return what the fields of all forms hold that were begun and not written yet, by key."""
    state, mark = st.session_state, _sheet("")
    begun = tuple(
        Sheet(key.removeprefix(mark), *state[key]).key()
        for key in map(str, state) if key.startswith(mark)
    )  # fmt: skip
    # A button holds true or false, and may not be given anything.
    return {
        str(key): value for key, value in state.items()
        if str(key).startswith(begun) and not isinstance(value, bool)
        and not str(key).endswith(".was")
    }  # fmt: skip


@dataclass
class Sheet:
    """A form in this visit: its key, and the version of the record that it was opened on."""

    name: str
    nonce: str
    version: int

    def key(self, field: str = "") -> str:
        """Return the key of a field of the form; of the form itself without one."""
        return f"{self.name}.{self.nonce}.{field}"

    def save(self, do: Callable[[Session], Any], said: str) -> None:
        """Write what was typed and begin the form anew; tell what is wrong and keep it typed.

        Does not return where it was written: the page is drawn again.
        """
        try:
            store().write(me(), self.nonce, do)
        except StoreError as error:
            _tell(error)
            return
        _begun(self.name, said)

    def change(
        self, kind: type[Record], id: str, values: Mapping[str, Any], said: str,
        version: int | None = None,
    ) -> None:  # fmt: skip
        """Write fields of a record; if somebody else was faster, show both and ask (``merge``)."""
        read_at = self.version if version is None else version

        def do(session: Session) -> str:
            return changing.change(session, kind, id, read_at, **values).id

        try:
            store().write(me(), self.nonce, do)
        except Conflict as conflict:
            st.session_state[_conflict(self.name)] = conflict
            return
        except StoreError as error:
            _tell(error)
            return
        _begun(self.name, said)

    def merge(
        self, kind: type[Record], said: str, label: Callable[[str], str],
        spoken: Callable[[str, Any], str] | None = None,
    ) -> None:  # fmt: skip
        """Show what two people wrote into one record, and write what the reader chooses.

        ``label`` says what a field is called, ``spoken`` what its value means. Draws nothing while
        there is no conflict. Call it outside of the form.
        """
        conflict: Conflict | None = st.session_state.get(_conflict(self.name))
        if conflict is None:
            return
        _tell(conflict)
        chosen = merging.chosen(
            conflict, self.key(f"merge{conflict.version}"), _called(conflict.by), label,
            spoken or merging.as_text,
        )  # fmt: skip
        if chosen is None:
            return
        if not chosen:
            _begun(self.name, say("desk.theirs_kept"))
        self.change(kind, conflict.id, chosen, said, conflict.version)
        if st.session_state.get(_conflict(self.name)) is not conflict:
            _again()  # somebody else again wrote while the reader chose: show that


def sheet(name: str, version: int = 0) -> Sheet:
    """Return the form called ``name`` as it was begun in this visit.

    Parameters
    ----------
    name
        One per form and record, such as ``case.<id>``.
    version
        Of the record as read now; the form keeps that of its beginning.
    """
    nonce, opened_on = st.session_state.setdefault(_sheet(name), (new_id(), version))
    return Sheet(name, nonce, opened_on)


def once(name: str, do: Callable[[Session], Any], said: str) -> None:
    """Write what a single button does, and draw the page again; tell what is wrong."""
    sheet(name).save(do, said)


def _tell(error: StoreError) -> None:
    """Tell what is wrong; who did it by name."""
    by = error.values.get("by")
    tell(CoreError(error.key, **{**error.values, "by": _called(str(by))}) if by else error)


def _called(by: str) -> str:
    look: Look = st.session_state["_look"]
    return data.staff(look.home, look.version).get(by, by)


def _again() -> None:
    """Draw the form again; a dialog stays open."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:  # it is in no dialog
        st.rerun()


def _begun(name: str, said: str) -> None:
    st.session_state.pop(_sheet(name), None)
    st.session_state.pop(_conflict(name), None)
    st.session_state[_SAID] = said
    st.rerun()


def _sheet(name: str) -> str:
    return f"_sheet.{name}"


def _conflict(name: str) -> str:
    return f"_conflict.{name}"
