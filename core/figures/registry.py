"""Which headline figures there are. Their texts are in ``core/locales/figures.<language>.toml``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.definitions import TIERS
from core.errors import UnknownFigure
from core.i18n import translate

Unit = Literal["customers", "rate", "money", "days", "ratio"]
Better = Literal["up", "down", "none"]
Needs = Literal["ledger day", "any date"]


@dataclass(frozen=True)
class FigureDefinition:
    """What a figure is: ``source`` computes it, ``text`` names its texts (the key, if empty)."""

    key: str
    source: str
    unit: Unit
    better: Better
    needs: Needs = "ledger day"
    is_movement: bool = False
    tables: tuple[str, ...] = ("orders",)
    text: str = ""
    days: int | None = None  # window of a repurchase figure

    def _text(self, part: str, language: str) -> str:
        return translate(f"figure.{self.text or self.key}.{part}", language, days=self.days)

    def name(self, language: str) -> str:
        """Return what the figure is called in ``language``."""
        return self._text("name", language)

    def definition(self, language: str) -> str:
        """Return what the figure means, in one or two sentences."""
        return self._text("definition", language)

    def edges(self, language: str) -> str:
        """Return how its edge cases are decided, and when it is not known."""
        return self._text("edges", language)


def _standing() -> Iterator[FigureDefinition]:
    headline: tuple[tuple[str, Unit, Better], ...] = (
        ("customers", "customers", "up"),
        ("active_customers", "customers", "up"),
        ("prospects", "customers", "none"),
        ("lost_customers", "customers", "down"),
        ("value", "money", "up"),
        ("value_per_active", "money", "up"),
    )
    for key, unit, better in headline:
        tables = ("orders", "customers") if key == "prospects" else ("orders",)
        yield FigureDefinition(key, "standing", unit, better, tables=tables)
    for tier in TIERS:
        yield FigureDefinition(f"tier_{tier}", "standing", "customers", "none")
        yield FigureDefinition(f"tier_{tier}_value", "standing", "money", "none")
    yield FigureDefinition("top_share", "top_share", "rate", "none")
    yield FigureDefinition("gini", "gini", "ratio", "none")
    yield FigureDefinition("overdue", "overdue", "customers", "down")
    yield FigureDefinition("net_sales_12m", "sales", "money", "up", "any date")
    yield FigureDefinition("net_without_customer_12m", "sales", "money", "none", "any date")
    yield FigureDefinition("share_without_customer", "sales", "rate", "down", "any date")


def _moving() -> Iterator[FigureDefinition]:
    heads: tuple[tuple[str, Better], ...] = (
        ("new", "up"), ("kept", "up"), ("returned", "up"), ("arrived", "up"), ("lost", "down"),
        ("undone", "down"), ("came_and_went", "down"),
    )  # fmt: skip
    for key, better in heads:
        yield FigureDefinition(key, "movement", "customers", better, is_movement=True)
    parts: tuple[tuple[str, Better], ...] = (
        ("opening", "none"), ("new", "up"), ("returned", "up"), ("moved_in", "none"),
        ("lost", "down"), ("undone", "down"), ("moved_out", "none"), ("closing", "up"),
        ("value_opening", "none"), ("value_new", "up"), ("value_returned", "up"),
        ("value_moved_in", "none"), ("value_up", "up"), ("value_lost", "down"),
        ("value_undone", "down"), ("value_moved_out", "none"), ("value_down", "down"),
        ("value_closing", "up"),
    )  # fmt: skip
    for part, better in parts:
        unit: Unit = "money" if part.startswith("value_") else "customers"
        yield FigureDefinition(f"bridge_{part}", "movement", unit, better, is_movement=True)
    for part in ("lapsed", "without_customer", "total"):
        yield FigureDefinition(f"bridge_value_{part}", "beyond", "money", "none")


def _rates() -> Iterator[FigureDefinition]:
    rates: tuple[tuple[str, Unit, Better], ...] = (
        ("retention", "rate", "up"), ("churn", "rate", "down"), ("retention_value", "rate", "up"),
        ("churn_value", "rate", "down"), ("quick_ratio", "ratio", "up"),
        ("quick_ratio_value", "ratio", "up"),
    )  # fmt: skip
    for key, unit, better in rates:
        yield FigureDefinition(key, "movement", unit, better, is_movement=True)
    yield FigureDefinition("reactivation", "reactivation", "rate", "up", is_movement=True)
    yield FigureDefinition("retention_annual", "annual", "rate", "up")
    yield FigureDefinition("churn_annual", "annual", "rate", "down")
    yield FigureDefinition("grr", "revenue", "rate", "up")
    yield FigureDefinition("nrr", "revenue", "ratio", "up")


def within(days: int) -> FigureDefinition:
    """Return the definition of ``repurchase_within_<days>``."""
    return FigureDefinition(
        f"repurchase_within_{days}", "within", "rate", "up", "any date",
        text="repurchase_within", days=days,
    )  # fmt: skip


def _repurchase() -> Iterator[FigureDefinition]:
    yield FigureDefinition("repeat_rate", "repeat", "rate", "up", "any date")
    yield FigureDefinition("next_window_rate", "next_window", "rate", "up", "any date")
    for days in (30, 90, 180, 365):
        yield within(days)
    yield FigureDefinition("gap_median", "gap", "days", "down", "any date")


FIGURES: tuple[FigureDefinition, ...] = (*_standing(), *_moving(), *_rates(), *_repurchase())
# What the contract calls one figure and the command line prints as several.
GROUPS = {"customer_bridge": "bridge_", "pyramid": "tier_"}
_BY_KEY = {figure.key: figure for figure in FIGURES}


def definitions_of(keys: Iterable[str]) -> list[FigureDefinition]:
    """Return the definitions of ``keys``; the name of a group stands for its members.

    Raises
    ------
    UnknownFigure
        If there is no such figure or group.
    """
    found = []
    for key in keys:
        if key in GROUPS:
            found += [f for f in FIGURES if f.key.startswith(GROUPS[key])]
        else:
            found.append(definition_of(key))
    return found


def definition_of(key: str) -> FigureDefinition:
    """Return the definition of figure ``key``; ``repurchase_within_<N>`` for any N of days.

    Raises
    ------
    UnknownFigure
        If there is no such figure.
    """
    if key in _BY_KEY:
        return _BY_KEY[key]
    if found := re.fullmatch(r"repurchase_within_([1-9]\d{0,3})", key):
        return within(int(found[1]))
    raise UnknownFigure("figure", found=key, known=", ".join((*GROUPS, *_BY_KEY)))
