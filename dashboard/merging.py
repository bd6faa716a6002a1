"""Two people wrote into one record: what each wrote, side by side, to choose from."""

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from core.store import Conflict
from core.store.errors import Difference
from dashboard import numbers
from dashboard.session import language, plain, say

_TEXTS = frozenset({"action", "measures", "note", "notes", "outcome", "review", "text"})
_LONGEST = 4_000  # characters that every text field takes


def as_text(field: str, value: Any) -> str:
    """Return a value of a record as a reader reads it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, date):
        return numbers.day(value, language())
    return str(value)


def chosen(
    conflict: Conflict, key: str, by: str, label: Callable[[str], str],
    spoken: Callable[[str, Any], str],
) -> dict[str, Any] | None:  # fmt: skip
    """Draw the differences; return the fields to write once the reader has chosen, else null.

    Fields that only the reader changed are written anyway; those that only the other changed stay,
    though the reader's form still held what was there before. Where the other's values are chosen
    throughout there is nothing to write.

    Parameters
    ----------
    by
        What the other is called.
    """
    both = [each for each in conflict.differences if each.mine != each.before]
    own = {name: value for name, value in conflict.mine.items() if name not in conflict.theirs}
    with st.form(key, border=True):
        for name in sorted(set(conflict.theirs) - {each.field for each in both}):
            now = conflict.theirs[name][1]
            if name in conflict.mine and conflict.mine[name] == now:
                continue  # both wrote the same
            value = spoken(name, now)
            st.text(say("desk.only_theirs", field=label(name), value=value, by=by))
        picked = {}
        for each in both:
            st.text(say("desk.was", field=label(each.field), value=spoken(each.field, each.before)))
            options = _options(each)
            code = st.radio(
                plain(label(each.field)), list(options), key=f"{key}.{each.field}",
                format_func=lambda code, of=options, name=each.field: plain(
                    say(f"desk.{code}", value=spoken(name, of[code]), by=by)
                ),
            )  # fmt: skip
            picked[each.field] = options[code]
        is_done = st.form_submit_button(say("desk.merge"), type="primary")
    if not is_done:
        return None
    return own | {each.field: v for each in both if (v := picked[each.field]) != each.theirs}


def _options(each: Difference) -> dict[str, Any]:
    """Return what may stand in a field: either one's value, or both texts, one below the other."""
    options = {"mine": each.mine, "theirs": each.theirs}
    if each.field in _TEXTS and each.mine and each.theirs:
        both = f"{each.theirs}\n{each.mine}"
        if len(both) <= _LONGEST:
            options["both"] = both
    return options
