"""Figures told apart: matrices, curves, tables by product, cause or branch."""

from core.breakdowns.registry import BREAKDOWNS, breakdown_of, notes, rows

__all__ = ["BREAKDOWNS", "breakdown_of", "notes", "rows"]
