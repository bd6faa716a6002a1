"""Two people wrote into one record: what each wrote, side by side, to choose from."""

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from core.store import Conflict
from dashboard import numbers
from dashboard.session import language, plain, say


def as_text(field: str, value: Any) -> str:
    """Return a value of a record as a reader reads it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, date):
        return numbers.day(value, language())
    return str(value)


def chosen(
    conflict: Conflict, key: str, label: Callable[[str], str], spoken: Callable[[str, Any], str]
) -> dict[str, Any] | None:
    """Draw the differences; return the fields to write once the reader has chosen, else null.

    Fields that only the reader changed are written anyway; those that only the other changed stay.
    Where the other's values are chosen throughout there is nothing to write.
    """
    both = conflict.differences
    own = {name: value for name, value in conflict.mine.items() if name not in conflict.theirs}
    with st.form(key, border=True):
        for name in sorted(set(conflict.theirs) - {each.field for each in both}):
            value = spoken(name, conflict.theirs[name][1])
            st.text(say("desk.only_theirs", field=label(name), value=value, by=conflict.by))
        picked = {}
        for each in both:
            st.text(say("desk.was", field=label(each.field), value=spoken(each.field, each.before)))
            options = {"mine": each.mine, "theirs": each.theirs}
            picked[each.field] = st.radio(
                plain(label(each.field)), list(options), key=f"{key}.{each.field}",
                format_func=lambda code, of=options, name=each.field: plain(
                    say(f"desk.{code}", value=spoken(name, of[code]), by=conflict.by)
                ),
            )  # fmt: skip
        is_done = st.form_submit_button(say("desk.merge"), type="primary")
    if not is_done:
        return None
    kept = {each.field: each.mine for each in both if picked[each.field] == "mine"}
    return {**own, **kept}
