"""The way from a figure, a bar or a point to the customers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.behind.registry import BEHIND
from dashboard import address
from dashboard.session import say

PAGE = "dashboard/pages/customers.py"
CARD = "dashboard/pages/card.py"


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
        values = ",".join(self.values)
        return address.link(figure=self.figure, values=values, **dict(self.scope))


def is_known(figure: str) -> bool:
    """Whether a figure has its customers behind it."""
    return figure in BEHIND


def go(drill: Drill) -> None:
    """Show the customers behind a figure."""
    st.switch_page(PAGE, query_params=drill.address)


def card(customer_key: int) -> None:
    """Show the card of a customer."""
    st.switch_page(CARD, query_params=address.link(customer=str(customer_key)))


def links(drills: Sequence[Drill]) -> None:
    """Draw a link for each drill, once."""
    for drill in dict.fromkeys(drills):
        st.page_link(
            PAGE, label=drill.label, icon=":material/group:", query_params=drill.address,
            help=say("drill.help"),
        )  # fmt: skip
