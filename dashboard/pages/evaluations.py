"""Evaluations of relationships: scoring, what follows, by department, calibration."""

from collections.abc import Callable

from dashboard import filters, registering
from dashboard.sections import calibration, departments, following, scoring
from dashboard.session import Look, look, say

SECTIONS: dict[str, Callable[[Look], None]] = {
    "score": scoring.show,
    "follow": following.show,
    "departments": departments.show,
    "calibration": calibration.show,
}
chosen = registering.newest(look())
section = filters.choice(
    "section", tuple(SECTIONS), lambda code: say(f"evaluations.section.{code}"),
    title=say("evaluations.section.title"),
)  # fmt: skip
registering.enter(section)
SECTIONS[section](chosen)
