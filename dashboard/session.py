"""What one reader looks at in this run, and how errors are told to them."""

import logging
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st

from core import settings
from core.errors import CoreError
from core.i18n import LANGUAGES, translate

_STYLES = Path(__file__).parent / "styles"
_log = logging.getLogger("regulars.dashboard")

# The refresh, and the mark of what was recorded on the desk; null where that cannot be reached.
Standing = tuple[int, tuple[int, int] | None]
Scope = tuple[tuple[str, tuple[str, ...]], ...]  # ("region", ("North",)), ...


@dataclass(frozen=True)
class Look:
    """The books, the scope and the days that the shared filters chose."""

    home: str
    version: int
    refresh: int
    scope: Scope
    as_of: date
    compare: date | None
    is_open: bool  # as_of is the data date within a month that has not ended
    currency: str
    language: str
    desk: tuple[int, int] | None = None  # mark of what was recorded; null: cannot be reached

    @property
    def at(self) -> tuple[str, int, Standing, Scope]:
        """The arguments that every cached call begins with."""
        return self.home, self.version, (self.refresh, self.desk), self.scope


def home() -> Path:
    """Return the folder of the books."""
    return settings.load().home.resolve()


def language() -> str:
    """Return the reader's language: chosen, else that of the browser."""
    chosen = st.session_state.get("lang")
    if chosen in LANGUAGES:
        return chosen
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def say(key: str, **values: object) -> str:
    """Return the text of the pages under ``key`` in the reader's language."""
    return translate(key, language(), **values)


def is_dark() -> bool:
    """Whether the reader's browser shows the dark theme."""
    return st.context.theme.type == "dark"


def paper() -> None:
    """Let the page be printed: without what only a screen is for, dark on white."""
    style("print")
    if is_dark():
        style("print-dark")


def style(name: str) -> None:
    """Let a page look or behave as the style sheet ``name`` says."""
    st.html(_STYLES / f"{name}.css")


def look() -> Look:
    """Return what the shared filters chose in this run.

    Raises
    ------
    KeyError
        If the page needs no books and the filters were not drawn.
    """
    return st.session_state["_look"]


def tell(error: CoreError) -> None:
    """Show a deliberate error as its sentence."""
    st.error(plain(error.text(language())), icon=":material/error:")


def tell_unexpected(error: Exception) -> None:
    """Log an unforeseen error under a number and show the reader that number."""
    number = secrets.token_hex(4)
    _log.error("error %s", number, exc_info=error)
    st.error(say("page.unexpected", number=number), icon=":material/error:")


def plain(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it stands.

    Names and comments of customers must never become images, links or formulas.
    """
    return "".join("\\" + c if c in _SPECIAL else c for c in text)


_SPECIAL = frozenset("\\`*_{}[]()<>#+-.!|~$:&")
