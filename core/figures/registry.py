"""Which headline figures there are, by family."""

import re
from collections.abc import Iterable

from core.errors import UnknownFigure
from core.figures import (
    attitudes,
    buying,
    care,
    channels,
    composition,
    expected,
    lapse,
    money,
    moving,
    pace,
    people,
    promotions,
    prospects,
    pyramid,
    risk,
    satisfaction,
    selling,
    service,
    standing,
)
from core.figures.definition import FigureDefinition

FAMILIES: dict[str, tuple[FigureDefinition, ...]] = {
    "standing": standing.FIGURES,
    "movement": moving.FIGURES,
    "sales": selling.FIGURES,
    "repurchase": buying.FIGURES,
    "risk": risk.FIGURES,
    "leads": prospects.FIGURES,
    "money": money.FIGURES,
    "pace": pace.FIGURES,
    "lapse": lapse.FIGURES,
    "kinds": pyramid.FIGURES,
    "composition": composition.FIGURES,
    "satisfaction": satisfaction.FIGURES,
    "attitudes": attitudes.FIGURES,
    "service": service.FIGURES,
    "promotions": promotions.FIGURES,
    "expected": expected.FIGURES,
    "care": care.FIGURES,
    "people": people.FIGURES,
    "channels": channels.FIGURES,
}
FIGURES: tuple[FigureDefinition, ...] = tuple(f for family in FAMILIES.values() for f in family)
# What the contract calls one figure and the command line prints as several.
GROUPS = {"customer_bridge": "bridge_", "pyramid": "tier_"}
_BY_KEY = {figure.key: figure for figure in FIGURES}


def definitions_of(keys: Iterable[str]) -> list[FigureDefinition]:
    """Return the definitions of ``keys``; the name of a group or family stands for its members.

    Raises
    ------
    UnknownFigure
        If there is no such figure, group or family.
    """
    found: list[FigureDefinition] = []
    for key in keys:
        if key in GROUPS:
            found += [f for f in FIGURES if f.key.startswith(GROUPS[key])]
        elif key in FAMILIES and key not in _BY_KEY:
            found += FAMILIES[key]
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
        return buying.within_days(int(found[1]))
    raise UnknownFigure("figure", found=key, known=", ".join((*FAMILIES, *GROUPS, *_BY_KEY)))
