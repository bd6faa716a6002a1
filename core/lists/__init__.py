"""The work lists: whom to call, visit, hand over or stop over-serving, by name."""

from core.lists.registry import LISTS, WorkList, counts, missing, notes, rows, title

__all__ = ["LISTS", "WorkList", "counts", "missing", "notes", "rows", "title"]
