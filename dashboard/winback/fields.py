"""Fields of the forms of the win-back desk, and what their codes are called."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from core.definitions import TIERS
from core.exports.spoken import coded
from core.metrics.churn_causes import TREE
from dashboard import data, desk, filters, merging, numbers
from dashboard.desk import Sheet
from dashboard.session import Look, language, plain, say

CAUSES = (*TREE, "unknown")
EVIDENCE = ("stated", "inferred", "none")


def field(form: Sheet, name: str, value: Any) -> str:
    """Return the key of a field that begins with ``value`` and outlives a change of language."""
    key = form.key(name)
    if key not in st.session_state:
        st.session_state[key] = st.session_state[f"{key}.was"] = value
    filters.keep(key)
    return key


def written(form: Sheet, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the reader changed since the form was begun.

    Only these are written, so that what somebody else wrote into other fields stands.
    """
    state = st.session_state
    return {
        name: value
        for name, value in values.items()
        if (value or None) != (state.get(f"{form.key(name)}.was") or None)
    }


def submit(label: str, *, is_first: bool = True, width: Any = "content") -> bool:
    """Draw the button of a form; it waits until the reader has said who they are."""
    is_known = bool(desk.me())
    return st.form_submit_button(
        label, type="primary" if is_first else "secondary", disabled=not is_known, width=width,
        help=None if is_known else say("winback.who_first"),
    )  # fmt: skip


def button(label: str, key: str, *, icon: str | None = None, is_first: bool = False) -> bool:
    """Draw a button that writes; it waits until the reader has said who they are."""
    is_known = bool(desk.me())
    return st.button(
        label, key=key, icon=icon, type="primary" if is_first else "secondary",
        disabled=not is_known, help=None if is_known else say("winback.who_first"),
    )  # fmt: skip


def stage(code: str | None) -> str:
    """Return what a stage of a case is called."""
    return say(f"winback.stage.{code}") if code else numbers.UNKNOWN


def tier(look: Look, code: str | None) -> str:
    """Return what a tier is called."""
    if not code:
        return numbers.UNKNOWN
    return coded("tier_name", code, data.tier_names(*look.at), look.language)


def tier_numbered(look: Look, number: int | None) -> str:
    """Return what the tier of a number is called: 1 is the top."""
    return tier(look, TIERS[number - 1] if number else None)


def band(code: str) -> str:
    """Return what a length of silence is called."""
    return say(f"winback.band.{code}")


def cause(code: str | None) -> str:
    """Return what a cause of loss is called."""
    return coded("cause", code or "unknown", "", language())


def channel(code: str) -> str:
    """Return what a way to contact a customer is called."""
    return coded("channel", code, "", language())


def purpose(code: str) -> str:
    """Return what a contact is about."""
    return say(f"winback.purpose.{code}")


def owners(look: Look, *present: str) -> tuple[Sequence[str], Mapping[str, str]]:
    """Return who may own a case, those who own it already among them, and what they are called."""
    staff = data.staff(look.home, look.version)
    others = [each for each in dict.fromkeys((*present, desk.me())) if each and each not in staff]
    return ["", *others, *staff], staff


def owner(staff: Mapping[str, str], code: str) -> str:
    """Return the name of an owner; a dash where there is none."""
    return staff.get(code, code) or numbers.UNKNOWN


def labels(name: str) -> str:
    """Return what a field of a case or wave is called, where two wrote it."""
    return say(f"winback.field.{name}")


def spoken(name: str, value: Any) -> str:
    """Return the value of a field of a case or wave as a reader reads it."""
    if name == "stage":
        return stage(value)
    if name == "cause":
        return cause(value) if value else numbers.UNKNOWN
    if name == "evidence" and value:
        return coded("evidence", value, "", language())
    if name == "owner":
        look: Look = st.session_state["_look"]
        return owner(data.staff(look.home, look.version), value or "")
    if isinstance(value, str) and len(value) == 10 and name.endswith("_on"):
        return numbers.day(date.fromisoformat(value), language())
    return merging.as_text(name, value)


def lines(found: Sequence[tuple[str, str]]) -> None:
    """Show facts one to a line, each with what it is about."""
    st.markdown("  \n".join(f":gray[{plain(about)}] {plain(text)}" for about, text in found))
