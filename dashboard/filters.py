"""The shared filters: period, compare-with, region, branch, manager, language.

Their options are codes that no language changes (days as ISO text, values as the company wrote
them); only their labels are translated.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import streamlit as st

from core.i18n import LANGUAGES, translate
from core.periods import is_month_end
from dashboard import address, data, desk, numbers
from dashboard.data_places import places
from dashboard.session import Look, Scope, language, plain, say

PLACES = ("region", "branch", "manager")
# Choices of the import that are offered in the reader's language.
_IMPORT = ("section", "source_kind", "origin", "part")
_CHOICES = "_choices"  # keys of the choices that pages have drawn
_NAMES = {"en": "English", "zh": "中文"}


def language_choice() -> None:
    """Draw the choice of language; the filters keep what they have."""
    if st.session_state.get("lang") not in LANGUAGES:
        st.session_state["lang"] = language()
    st.segmented_control(
        "Language · 语言", LANGUAGES, format_func=_NAMES.__getitem__, key="lang", required=True,
        label_visibility="collapsed", on_change=_keep,
    )  # fmt: skip


def choice(
    name: str, options: Sequence[str], label: Callable[[str], str], *, title: str,
    default: str | None = None, is_written: bool = True,
) -> str:  # fmt: skip
    """Draw a choice of the page, such as its section, that stands in the address; return its code.

    ``options`` are codes; ``label`` gives what each is called, ``title`` what the choice is. The
    address does without the default, and, not ``is_written``, without what something else implies:
    a link that leaves it out would otherwise be written again, and Back lead nowhere.
    """
    if (unknown := address.asked(name, options)) is not None:
        st.warning(plain(say("filter.dropped", names=f"{title} “{unknown}”")))
    key = address.choice_key(name)
    usual = default or options[0]
    if st.session_state.get(key) not in options:
        st.session_state[key] = usual
    keep(key)
    chosen: str | None = st.segmented_control(
        title, options, key=key, format_func=label, required=True, label_visibility="collapsed"
    )
    chosen = chosen or st.session_state[key]
    if is_written and chosen != usual:
        address.want(name, chosen)
    return str(chosen)


def keep(key: str) -> None:
    """Let what a widget of a page holds outlive a change of language."""
    st.session_state.setdefault(_CHOICES, set()).add(key)


def pick(
    name: str, options: Sequence[str], label: Callable[[str], str], *, title: str,
    width: int = 160,
) -> str | None:  # fmt: skip
    """Draw a choice of the page that may be left open, and stands in the address; return its code.

    ``title`` says what it is, and stands in it while nothing is chosen.
    """
    if (unknown := address.asked(name, options)) is not None:
        st.warning(plain(say("filter.dropped", names=f"{title} “{unknown}”")))
    key = address.choice_key(name)
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = None
    keep(key)
    chosen: str | None = st.selectbox(
        title, options, index=None, key=key, format_func=label, placeholder=title, width=width,
        label_visibility="collapsed",
    )  # fmt: skip
    address.want(name, chosen)
    return chosen


def shared(home: Path) -> tuple[Look, str]:
    """Draw the filters; return what they chose, and what had to be left out, if anything.

    Raises
    ------
    BooksError
        If there are no books, or no ledger.
    """
    books = data.state(str(home))
    spoken = language()
    dropped: list[str] = []
    as_of = _period(books.days, spoken, dropped)
    compare = _compare([d for d in books.days if d < as_of], as_of, spoken, dropped)
    known = places(str(home), books.version, (books.refresh, None), PLACES)
    scope = _places(known, data.staff(str(home), books.version), dropped)
    address.want("lang", spoken)
    address.want("as_of", as_of.isoformat())
    address.want("compare", compare.isoformat() if compare else None)
    for name, values in scope:
        address.want(name, values[0])
    chosen = Look(
        str(home), books.version, books.refresh, scope, as_of, compare,
        not is_month_end(as_of), books.currency, spoken, desk.mark(home),
    )  # fmt: skip
    st.session_state["_look"] = chosen
    return chosen, say("filter.dropped", names=", ".join(dropped)) if dropped else ""


def summary(look: Look) -> str:
    """Return one line that says what is shown: period, comparison, and scope."""
    parts = [say("filter.at", day=numbers.day(look.as_of, look.language))]
    if look.is_open:
        parts.append(say("filter.open"))
    if look.compare:
        parts.append(say("filter.against", day=numbers.day(look.compare, look.language)))
    return " · ".join([*parts, *_scope(look)])


def summary_of_desk(look: Look) -> str:
    """Return the same of a page that works on the newest day, whatever the filters say."""
    last, today = data.state(look.home).days[-1], desk.today()
    days = {"day": numbers.day(last, look.language), "today": numbers.day(today, look.language)}
    return " · ".join([say("filter.newest", **days), *_scope(look)])


def _scope(look: Look) -> list[str]:
    staff = data.staff(look.home, look.version)
    return [place(name, values[0], staff) for name, values in look.scope] or [say("filter.whole")]


def place(name: str, value: str, staff: Mapping[str, str]) -> str:
    """Return what a place is called: a manager by name."""
    return staff.get(value, value) if name == "manager" else value


def books(look: Look) -> str:
    """Return one line that says which data are shown."""
    last = data.state(look.home).days[-1]
    return say("filter.books", version=look.version, day=numbers.day(last, look.language))


def _period(days: tuple[date, ...], spoken: str, dropped: list[str]) -> date:
    options = [d.isoformat() for d in reversed(days)]
    closed = [d.isoformat() for d in reversed(days) if is_month_end(d)]
    _settle("as_of", options, (closed or options)[0], dropped, say("filter.as_of"))
    chosen = st.selectbox(
        say("filter.as_of"), options, key="as_of", on_change=_shift_compare,
        format_func=lambda code: _period_label(date.fromisoformat(code), spoken),
        help=say("filter.as_of_help"),
    )  # fmt: skip
    return date.fromisoformat(chosen)


def _period_label(day: date, spoken: str) -> str:
    if is_month_end(day):
        return numbers.month(day, spoken)
    return translate("filter.open_month", spoken, day=numbers.day(day, spoken))


def _compare(earlier: list[date], as_of: date, spoken: str, dropped: list[str]) -> date | None:
    if not earlier:
        return None
    options = [d.isoformat() for d in reversed(earlier)]
    year_before = [d.isoformat() for d in earlier if _months(d, as_of) >= 12]
    default = year_before[-1] if year_before else options[-1]
    _settle("compare", options, default, dropped, say("filter.compare"))
    chosen = st.selectbox(
        say("filter.compare"), options, key="compare",
        format_func=lambda code: _compare_label(date.fromisoformat(code), as_of, spoken),
        help=say("filter.compare_help"),
    )  # fmt: skip
    st.session_state["_distance"] = _months(date.fromisoformat(chosen), as_of)
    return date.fromisoformat(chosen)


def _compare_label(day: date, as_of: date, spoken: str) -> str:
    months = _months(day, as_of)
    key = {1: "filter.month_earlier", 12: "filter.year_earlier"}.get(months)
    far = translate("filter.months_earlier", spoken, months=months)
    distance = translate(key, spoken) if key else far
    return f"{numbers.month(day, spoken)} · {distance}"


def _places(
    known: Sequence[Mapping[str, str | None]], staff: Mapping[str, str], dropped: list[str]
) -> Scope:
    """Draw one filter for each kind of place that the books know; each narrows the next."""
    chosen: list[tuple[str, tuple[str, ...]]] = []
    rows = known
    for name in PLACES:
        if not any(row[name] for row in known):
            continue
        label = partial(place, name, staff=staff)
        options = sorted({value for row in rows if (value := row[name])}, key=label)
        _settle(name, options, None, dropped, say(f"filter.{name}"))
        value = st.selectbox(
            say(f"filter.{name}"), options, key=name, index=None, placeholder=say("filter.all"),
            format_func=label,
        )  # fmt: skip
        if value:
            chosen.append((name, (value,)))
            rows = [row for row in rows if row[name] == value]
    return tuple(chosen)


def _settle(
    key: str, options: list[str], default: str | None, dropped: list[str], label: str
) -> None:
    """Let the state of a filter be one of its options, and note a value that had to be dropped."""
    present = st.session_state.get(key)
    if present in options or (present is None and default is None):
        return
    if present is not None:
        dropped.append(f"{label} “{present}”")
    st.session_state[key] = default


def _months(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def _shift_compare() -> None:
    """Keep the distance of the comparison when the period changes."""
    as_of = date.fromisoformat(st.session_state["as_of"])
    books = data.state(st.session_state["_look"].home)
    earlier = [d for d in books.days if d < as_of]
    distance = st.session_state.get("_distance", 12)
    same = [d for d in earlier if _months(d, as_of) == distance]
    st.session_state["compare"] = same[-1].isoformat() if same else None


def _keep() -> None:
    """Streamlit takes a changed label for a new widget and would begin with its first option."""
    choices = st.session_state.get(_CHOICES, ())
    for key in ("as_of", "compare", *PLACES, *_IMPORT, *choices):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
