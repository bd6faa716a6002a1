"""Targets set on the board, beside those of ``regulars.toml``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import definitions
from core.desk.refused import Refused
from core.store import Store, changing, store_at
from core.store.records import SetTarget
from core.targets import Target, in_force, targets_of, targets_set


def targets_of_books(home: Path) -> tuple[Target, ...]:
    """Return the targets in force: of ``regulars.toml``, and those set on the board.

    Raises
    ------
    DefinitionsError
        If ``regulars.toml`` holds one that is wrong.
    StoreError
        If what was set on the board cannot be reached.
    """
    written = targets_of(definitions.load(home).targets)
    if not Store.is_there(home):
        return written
    with store_at(home).reading() as session:
        ours = [
            {"key": each.key, "period": each.period, "value": each.value, "scope": each.scope}
            for each in targets_here(session)
        ]
    return in_force(written, targets_set(ours))


def set_target(session: Session, target: Target, owner: str) -> str:
    """Set a target and return its id.

    Raises
    ------
    Refused
        If one was set for the same figure, period and scope: that one is to be changed.
    """
    if any(place_of(each) == target.place for each in targets_here(session)):
        raise Refused("target_there", figure=target.key, period=target.period)
    record = SetTarget(
        key=target.key, period=target.period, scope=dict(target.scope), value=target.value,
        owner=owner,
    )  # fmt: skip
    return changing.add(session, record)


def targets_here(session: Session) -> Sequence[SetTarget]:
    """Return the targets that were set on the board and stand, by period and figure."""
    stands = select(SetTarget).where(SetTarget.state == "stands")
    return session.scalars(stands.order_by(SetTarget.period.desc(), SetTarget.key)).all()


def place_of(record: SetTarget) -> tuple[object, ...]:
    """Return figure, period and scope of a target, as ``Target.place``."""
    return record.key, record.period, *sorted(record.scope.items())


def checked(key: str, period: str, value: float | None, scope: Mapping[str, str]) -> Target:
    """Return a target as the board sets it.

    Raises
    ------
    DefinitionsError
        If there is no such figure, period or scope, or no value.
    """
    given = {"key": key, "period": period.strip(), "value": value, "scope": dict(scope)}
    (target,) = targets_of([given])
    return target
