"""What changed, in sentences: every rule asked, the weightiest answers first."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from core.figures import Figure, compute
from core.sentences import care, movement, offers, people, selling
from core.sentences.seen import READ, Seen
from core.sentences.sentence import LEAST_WEIGHT, Sentence
from core.view import View

Rule = Callable[[Seen], Sentence | None]
RULES: tuple[Rule, ...] = (
    selling.sales,
    selling.place_sales,
    selling.category_sales,
    movement.churn,
    movement.place,
    movement.tiers,
    movement.newcomers,
    people.employee_left,
    people.dependency,
    offers.promotion,
    offers.quality,
    care.promises,
    care.slow_branch,
    care.satisfaction,
)


def what_changed(
    view: View, as_of: date, opening: date, figures: Iterable[Figure] | None = None
) -> list[Sentence]:
    """Return what a leader should know of a period, the weightiest first.

    Parameters
    ----------
    as_of, opening
        Ledger days.
    figures
        Those of ``seen.READ`` with what they were at the opening; null: they are computed.

    Returns
    -------
    Sentences that are true, differ from chance and weigh at least ``LEAST_WEIGHT``: one per theme.
    """
    known = compute(view, READ, as_of, opening) if figures is None else figures
    seen = Seen.of(view, as_of, opening, known)
    if not seen.number("bridge_opening"):
        return []
    return ranked([sentence for rule in RULES if (sentence := rule(seen)) is not None])


def ranked(found: Sequence[Sentence]) -> list[Sentence]:
    """Return the weightiest sentence of each theme, the weightiest first; equal ones by key."""
    best: dict[str, Sentence] = {}
    for each in sorted(found, key=lambda s: (-s.weight, s.key)):
        if each.weight >= LEAST_WEIGHT:
            best.setdefault(each.theme, each)
    return list(best.values())
