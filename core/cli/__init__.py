"""The `regulars` command: everything the board shows, for scripts and checks."""

from core.cli import building, listing, reading, storing
from core.cli.entry import main

__all__ = ["building", "listing", "main", "reading", "storing"]
