"""What can go wrong when people's work is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import CoreError


class StoreError(CoreError):
    """The store cannot be reached, is of another version, or a record cannot be so."""


class AlreadyGone(StoreError):
    """There is no such record."""


@dataclass(frozen=True)
class Difference:
    """One field that two people wrote: what stood there, what stands there now, what was wanted."""

    field: str
    before: Any
    theirs: Any
    mine: Any


class Conflict(StoreError):
    """Somebody else changed the record since it was read; nothing was written.

    Attributes
    ----------
    kind, id
        Which record.
    version
        The version that stands now: a merge is written against it.
    by, at
        Who changed it last, and when (UTC).
    theirs
        Field -> (before, now), of every change since it was read.
    mine
        Field -> what was to be written.
    """

    def __init__(
        self, kind: str, id: str, version: int, by: str, at: datetime,
        theirs: Mapping[str, tuple[Any, Any]], mine: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.kind, self.id, self.version, self.by, self.at = kind, id, version, by, at
        self.theirs, self.mine = dict(theirs), dict(mine)
        super().__init__("store_conflict", by=by, at=f"{at:%Y-%m-%d %H:%M}")

    @property
    def differences(self) -> list[Difference]:
        """The fields that both wrote, each otherwise."""
        return [
            Difference(name, *self.theirs[name], wanted)
            for name, wanted in self.mine.items()
            if name in self.theirs and self.theirs[name][1] != wanted
        ]
