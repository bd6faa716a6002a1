"""The sections of the churn page: what each needs, and what it finds."""

from collections.abc import Mapping

from core.figures import Figure
from dashboard.blocks import Card
from dashboard.findings import (
    churn_care,
    churn_causes,
    churn_dependency,
    churn_lapse,
    churn_lost,
    churn_risk,
    churn_ties,
    words,
)
from dashboard.parts import Section
from dashboard.session import Look, say

# Names that fit on a card beside four others.
_LABELS = {"bridge_value_lost": "churn.column.value"} | {
    key: f"churn.card.{key}"
    for key in (
        "grr",
        "controllable_share",
        "churn_cause_known",
        "churn_cause_stated",
        "without_content",
        "last_contact_days",
        "lost_without_contact",
        "contracts_running",
    )
}

SECTIONS: dict[str, Section] = {
    "lost": churn_lost.SECTION,
    "causes": churn_causes.SECTION,
    "risk": churn_risk.SECTION,
    "warning": churn_risk.WARNING,
    "care": churn_care.SECTION,
    "dependency": churn_dependency.SECTION,
    "ties": churn_ties.SECTION,
    "lapse": churn_lapse.SECTION,
}


def cards(look: Look, found: Mapping[str, Figure], keys: tuple[str, ...]) -> list[Card]:
    """Return headline figures, each with the way to its customers."""
    labels = {key: say(text) for key, text in _LABELS.items()}
    return [words.card(found[key], look, label=labels.get(key)) for key in keys]
