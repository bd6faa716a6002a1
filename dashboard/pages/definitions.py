"""Definitions and targets: what figures mean, and what other settings would make of the data."""

from dashboard import defining, filters
from dashboard.session import look, say

chosen = look()
section = filters.choice(
    "section", tuple(defining.SECTIONS), lambda code: say(f"board_definitions.section.{code}"),
    title=say("board_definitions.section.title"),
)  # fmt: skip
defining.SECTIONS[section](chosen)
