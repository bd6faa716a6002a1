"""The way from a figure, a bar or a point to the customers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import streamlit as st

from core.behind.registry import BEHIND, FAMILIES
from dashboard import address
from dashboard.session import say

PAGE = "dashboard/pages/customers.py"
CARD = "dashboard/pages/card.py"
_MOST = 15  # links below each other
# Where the figures of a family are shown; those of others on the overview.
_PAGES = {
    "standing": "pyramid", "kinds": "pyramid", "composition": "pyramid", "channels": "pyramid",
    "movement": "churn", "money": "churn", "lapse": "churn", "risk": "churn", "care": "churn",
    "people": "churn", "repurchase": "repurchase", "promotions": "repurchase",
    "expected": "repurchase", "leads": "prospects", "satisfaction": "satisfaction",
    "attitudes": "satisfaction", "service": "satisfaction", "waiting": "satisfaction",
}  # fmt: skip


@dataclass(frozen=True)
class Drill:
    """The customers behind a figure, and what the link to them is called.

    ``figure`` and ``values`` are those of ``behind.found_behind``; ``scope`` narrows the filters of
    the page further, as ("tier", "top") does.
    """

    label: str
    figure: str
    values: tuple[str, ...] = ()
    scope: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> dict[str, str]:
        """What the address of the list says."""
        return address.link(
            figure=self.figure, values=joined(self.values), **dict(self.scope)
        )  # fmt: skip


def joined(values: Sequence[str]) -> str:
    """Return values as one text for an address; a comma within a value stays part of it."""
    return ",".join(value.replace("%", "%25").replace(",", "%2C") for value in values)


def parted(text: str) -> tuple[str, ...]:
    """Return the values that ``joined`` made a text of."""
    return tuple(unquote(value) for value in text.split(",")) if text else ()


def page_of(figure: str) -> str:
    """Return the page on which a figure, or what else customers stand behind, is shown."""
    family = next((name for name, each in FAMILIES.items() if figure in each), "")
    return _PAGES.get(family, "overview")


def is_known(figure: str) -> bool:
    """Whether a figure has its customers behind it."""
    return figure in BEHIND


def go(drill: Drill) -> None:
    """Show the customers behind a figure."""
    st.switch_page(PAGE, query_params=drill.address)


def card(customer_key: int) -> None:
    """Show the card of a customer."""
    st.switch_page(CARD, query_params=address.link(customer=str(customer_key)))


def back(figure: str) -> None:
    """Draw the link to the page that shows a figure."""
    page = page_of(figure)
    st.page_link(
        f"dashboard/pages/{page}.py", label=say(f"page.{page}.title"),
        icon=":material/arrow_back:", query_params=address.link(),
    )  # fmt: skip


def links(drills: Sequence[Drill]) -> None:
    """Draw a link for each drill, once; of many, as of the cells of a grid, for the one chosen."""
    found = list(dict.fromkeys(drills))
    if len(found) > _MOST:
        place = st.selectbox(
            say("drill.which"), range(len(found)), index=None, placeholder=say("drill.which"),
            format_func=lambda place: found[place].label, label_visibility="collapsed",
        )  # fmt: skip
        found = [] if place is None else [found[place]]
    for drill in found:
        st.page_link(
            PAGE, label=drill.label, icon=":material/group:", query_params=drill.address,
            help=say("drill.help"),
        )  # fmt: skip
