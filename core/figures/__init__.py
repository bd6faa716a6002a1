"""Headline figures: one registry, one call that computes them.

``FIGURES`` holds what each figure is; ``compute`` gives them at a day, in a scope, by a scope.
"""

from core.figures.computing import compute
from core.figures.definition import FigureDefinition
from core.figures.figure import Figure, Note
from core.figures.registry import FAMILIES, FIGURES, definition_of, definitions_of

__all__ = [
    "FAMILIES",
    "FIGURES",
    "Figure",
    "FigureDefinition",
    "Note",
    "compute",
    "definition_of",
    "definitions_of",
]
