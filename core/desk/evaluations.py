"""How employees judge the relationship with a customer, and what follows from it.

Draft -> reviewed by somebody else -> measures agreed -> scored again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.desk.refused import Refused
from core.store import changing
from core.store.record import new_id
from core.store.records import SCORES, Evaluation

STEPS = (1, 2, 3, 4, 5)
_GONE = ("withdrawn", "scored_again")
Values = dict[str, object]


@dataclass
class Department:
    """What stands of one department: evaluations that are the last word on a relationship.

    ``steps`` counts the answers of each score by step; who does not know is in none.
    """

    name: str
    evaluations: int = 0
    drafts: int = 0
    to_agree: int = 0  # reviewed, without measures
    overdue: int = 0  # measures whose day is over
    steps: dict[str, dict[int, int]] = field(
        default_factory=lambda: {name: dict.fromkeys(STEPS, 0) for name in SCORES}
    )

    def n(self, name: str) -> int:
        """Return how many gave a score."""
        return sum(self.steps[name].values())

    def mean(self, name: str) -> float | None:
        """Return the mean of a score; null where nobody gave one."""
        n = self.n(name)
        return sum(step * many for step, many in self.steps[name].items()) / n if n else None


def score(
    session: Session, *, customer_key: int, rater: str, department: str, scored_on: date,
    scores: Mapping[str, int | None], text: str = "", follows: tuple[str, int] | None = None,
    id: str | None = None,
) -> str:  # fmt: skip
    """Record a draft and return its id.

    Parameters
    ----------
    scores
        1 to 5 for each of ``SCORES``; null: not known.
    follows
        Id and version of the evaluation that this one repeats; it is closed by it.
    id
        What the record is to be called; null: any.

    Raises
    ------
    Refused
        If nothing is scored, or what it follows has no measures agreed or is of somebody else.
    Conflict
        If somebody changed what it follows since it was read.
    """
    values = checked(scores)
    if follows is not None:
        before = changing.get(session, Evaluation, follows[0])
        if before.state != "agreed" or before.customer_key != customer_key:
            raise Refused("evaluation_not_agreed")
        changing.change(session, Evaluation, *follows, state="scored_again")
    record = Evaluation(
        id=id or new_id(), customer_key=customer_key, rater=rater, department=department.strip(),
        scored_on=scored_on, text=text.strip(), follows=follows[0] if follows else None, **values,
    )  # fmt: skip
    return changing.add(session, record)


def checked(scores: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return the scores as they are recorded.

    Raises
    ------
    Refused
        If none is known, or one is no step of the scale.
    """
    found = {name: scores.get(name) for name in SCORES}
    known = [step for step in found.values() if step is not None]
    if not known:
        raise Refused("evaluation_empty")
    if any(step not in STEPS for step in known):
        raise Refused("evaluation_step", found=known)
    return found


def draft_changed(record: Evaluation, by: str, **values: object) -> Values:
    """Return what to write into a draft: its scores and text, or that it is withdrawn.

    Raises
    ------
    Refused
        If it was reviewed already, or ``by`` is not the rater.
    """
    if record.state != "draft":
        raise Refused("evaluation_not_draft")
    if by != record.rater:
        raise Refused("evaluation_not_yours", rater=record.rater)
    return values


def reviewed(record: Evaluation, reviewer: str, on: date, text: str) -> Values:
    """Return what a review writes.

    Raises
    ------
    Refused
        If the reviewer is the rater, or it is no draft.
    """
    if record.state != "draft":
        raise Refused("evaluation_not_draft")
    if reviewer == record.rater:
        raise Refused("evaluation_own_review")
    return {"state": "reviewed", "reviewer": reviewer, "reviewed_on": on, "review": text.strip()}


def agreed(record: Evaluation, measures: str, owner: str, due_on: date | None) -> Values:
    """Return what the agreement on measures writes.

    Raises
    ------
    Refused
        If it was not reviewed yet, or what, who or until when is missing.
    """
    if record.state not in ("reviewed", "agreed"):
        raise Refused("evaluation_not_reviewed")
    if not measures.strip() or not owner.strip() or due_on is None:
        raise Refused("evaluation_measures")
    return {
        "state": "agreed", "measures": measures.strip(), "measures_owner": owner.strip(),
        "measures_due": due_on,
    }  # fmt: skip


def difference(before: Evaluation, after: Evaluation) -> dict[str, int | None]:
    """Return by how many steps each score changed; null where either is not known."""
    found: dict[str, int | None] = {}
    for name in SCORES:
        then, now = getattr(before, name), getattr(after, name)
        found[name] = None if then is None or now is None else now - then
    return found


def evaluations(
    session: Session, states: Sequence[str] = (), *, customer_key: int | None = None,
    most: int = 100,
) -> Sequence[Evaluation]:  # fmt: skip
    """Return evaluations in some states, or of a customer, the newest first."""
    chosen = select(Evaluation).where(Evaluation.state != "withdrawn")
    if states:
        chosen = chosen.where(Evaluation.state.in_(states))
    if customer_key is not None:
        chosen = chosen.where(Evaluation.customer_key == customer_key)
    newest = chosen.order_by(Evaluation.scored_on.desc(), Evaluation.created_at.desc())
    return session.scalars(newest.limit(most)).all()


def counts(session: Session) -> dict[str, int]:
    """Return how many evaluations stand in each state."""
    rows = session.execute(select(Evaluation.state, func.count()).group_by(Evaluation.state))
    return {state: int(n) for state, n in rows}


def evaluated_since(session: Session, since: date) -> tuple[int, ...]:
    """Return the customers who were evaluated on ``since`` or later."""
    chosen = (
        select(Evaluation.customer_key)
        .where(Evaluation.scored_on >= since, Evaluation.state != "withdrawn")
        .distinct()
        .order_by(Evaluation.customer_key)
    )
    return tuple(session.scalars(chosen))


def departments(session: Session, since: date, today: date) -> list[Department]:
    """Return what stands of each department, by name.

    Counted are evaluations of ``since`` or later that none followed; two raters of one customer
    count each.
    """
    found: dict[str, Department] = {}

    def of(name: str) -> Department:
        return found.setdefault(name, Department(name))

    place, n = Evaluation.department, func.count()
    for name, state, many in session.execute(
        _standing(since, place, Evaluation.state, n).group_by(place, Evaluation.state)
    ):
        of(name).evaluations += many
        of(name).drafts += many if state == "draft" else 0
        of(name).to_agree += many if state == "reviewed" else 0
    late = _standing(since, place, n).where(Evaluation.state == "agreed")
    late = late.where(Evaluation.measures_due < today)
    for name, many in session.execute(late.group_by(place)):
        of(name).overdue = many
    for score_name in SCORES:
        step = getattr(Evaluation, score_name)
        known = _standing(since, place, step, n).where(step.is_not(None))
        for name, number, many in session.execute(known.group_by(place, step)):
            of(name).steps[score_name][number] = many
    return sorted(found.values(), key=lambda each: each.name)


def ratings(session: Session) -> list[tuple]:
    """Return every evaluation as the calibration reads it: id, customer, rater, day, scores."""
    columns = (Evaluation.id, Evaluation.customer_key, Evaluation.rater, Evaluation.scored_on)
    scores = (getattr(Evaluation, name) for name in SCORES)
    chosen = select(*columns, *scores).where(Evaluation.state != "withdrawn")
    return [tuple(row) for row in session.execute(chosen.order_by(Evaluation.id))]


def _standing(since: date, *columns: object) -> Select:
    chosen = select(*columns)  # type: ignore[call-overload]
    return chosen.where(Evaluation.state.not_in(_GONE), Evaluation.scored_on >= since)
