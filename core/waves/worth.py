"""Whether a lost customer is worth winning back, from inputs that are all shown."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from core.metrics.churn_causes import TREE
from core.waves.lift import Lift

Source = Literal[
    "closed_waves", "spontaneous_return", "own_customers", "assumption", "entered", "unknown"
]
Verdict = Literal["win_back_now", "when_cause_is_fixed", "keep_in_touch", "let_go"]
Reason = Literal[
    "worth_it", "cause_not_fixed", "worth_unknown", "was_upper", "little_known", "not_worth_it"
]
LEAST_CUSTOMERS = 30  # on whom a figure of our own may rest


@dataclass(frozen=True, slots=True)
class Input:
    """One number of the worth, where it comes from, and how many customers it rests on."""

    value: float | None
    source: Source
    n: int | None = None  # null: no customers of ours


UNKNOWN = Input(None, "unknown")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken where the company has no figure of its own; each wave may state its own."""

    uplift: float = 0.04  # p_treated - p_control
    second_life_share: float = 0.5  # of the value of the 12 months before the last business
    margin_share: float = 1.0  # of net, where costs are not known; 1: net is taken for margin
    least_occasions: int = 2  # with fewer, too little is known of a customer to let go
    least_history_days: int = 90  # from first to last business; likewise


@dataclass(frozen=True, slots=True)
class WorthInputs:
    """What the worth of winning back one customer is made of; replace one to see what it does."""

    p_control: Input  # share that buys within the horizon without being treated
    uplift: Input  # difference of shares that the treatment makes
    second_life: Input  # money of the 12 months after the return
    contact_cost: float = 0.0  # of all contacts planned
    incentive: float = 0.0  # if the customer buys; none where it is a discount on the order


@dataclass(frozen=True, slots=True)
class Worth:
    """The worth, null where an input is not known; ``missing`` names those."""

    value: float | None
    p_treated: float | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Former:
    """What the verdict must know of a lost customer."""

    cause: str | None  # of the tree; null: unknown
    was_upper: bool  # ever in the upper three tiers
    occasions: int
    history_days: int  # from first to last business


def p_control(waves: tuple[int, int] | None, spontaneous: tuple[float | None, int] | None) -> Input:
    """How likely is a customer to buy within the horizon without being treated?

    Parameters
    ----------
    waves
        Controls of own closed waves in the customer's tier: how many bought, and how many there
        were.
    spontaneous
        ``winback.spontaneous_return`` of the customer's tier and silence: ``return_rate``,
        ``return_n``.

    Returns
    -------
    The first of the two that rests on 30 customers or more; else unknown, because a guess would
    decide about the worth.
    """
    if waves and waves[1] >= LEAST_CUSTOMERS:
        return Input(waves[0] / waves[1], "closed_waves", waves[1])
    if spontaneous and spontaneous[0] is not None and spontaneous[1] >= LEAST_CUSTOMERS:
        return Input(spontaneous[0], "spontaneous_return", spontaneous[1])
    return UNKNOWN


def uplift(of_tier: Lift | None, of_all: Lift | None, assumptions: Assumptions) -> Input:
    """How much more likely does the treatment make a purchase?

    Parameters
    ----------
    of_tier, of_all
        ``lift.pooled_lift`` over own closed waves: in the customer's tier, and in all.

    Returns
    -------
    The first of the two that rests on 30 customers or more in each arm, even if its interval
    includes 0: it is the better guess than an assumption. Else the assumption.
    """
    for found in (of_tier, of_all):
        if found and min(found.treated, found.control) >= LEAST_CUSTOMERS:
            return Input(found.lift, "closed_waves", found.treated + found.control)
    return Input(assumptions.uplift, "assumption")


def second_life(
    own: tuple[float | None, int] | None,
    former_value: float | None,
    assumptions: Assumptions,
    *,
    is_on_margin: bool,
) -> Input:
    """What would the customer bring in the 12 months after the return?

    Parameters
    ----------
    own
        ``second_life.second_life_value`` of the customer's tier: mean and n.
    former_value
        Value of the 12 months up to the last business; null: not known.
    is_on_margin
        Whether these two are margin; net is multiplied by the assumed margin share.

    Returns
    -------
    The own figure if it rests on 30 customers or more, else the assumed share of the former value
    (at least 0); unknown where that is not known either.
    """
    share = 1.0 if is_on_margin else assumptions.margin_share
    if own and own[0] is not None and own[1] >= LEAST_CUSTOMERS:
        return Input(own[0] * share, "own_customers", own[1])
    if former_value is None:
        return UNKNOWN
    return Input(max(former_value, 0.0) * assumptions.second_life_share * share, "assumption")


def worth(inputs: WorthInputs) -> Worth:
    """What is it worth to try to win this customer back?

    (p_treated - p_control) x second-life margin - contact cost - incentive x p_treated. Who comes
    back unasked brings the same without us, and takes the incentive as well.

    Returns
    -------
    The worth in money; null where an input is unknown.

    References
    ----------
    Definitions: winback_worth.

    Examples
    --------
    >>> p, lift, life = Input(0.08, "spontaneous_return", 50), Input(0.04, "assumption"), Input(
    ...     1_000, "own_customers", 40
    ... )
    >>> round(worth(WorthInputs(p, lift, life, contact_cost=5, incentive=50)).value, 2)
    29.0
    """
    named = {"p_control": inputs.p_control, "uplift": inputs.uplift}
    named["second_life"] = inputs.second_life
    missing = tuple(name for name, each in named.items() if each.value is None)
    p, lift, margin = (each.value for each in named.values())
    if p is None or lift is None:
        return Worth(None, None, missing)
    p_treated = min(max(p + lift, 0.0), 1.0)
    if margin is None:
        return Worth(None, p_treated, missing)
    gain = (p_treated - p) * margin
    return Worth(gain - inputs.contact_cost - inputs.incentive * p_treated, p_treated)


def verdict(
    found: Worth,
    customer: Former,
    assumptions: Assumptions,
    *,
    fixed_causes: Collection[str] = (),
) -> tuple[Verdict, Reason]:
    """Should we win this customer back now, later, keep in touch, or let go?

    Worth above 0: now; but if the customer left for a cause on the company's side that is not fixed
    yet, once it is: who is won back into the same trouble is lost for good. Otherwise: keep in
    touch with those who were in the upper three tiers once, and with those of whom too little is
    known (no worth, fewer than two occasions, a short history), because a potential customer must
    not be written off for lack of information. The others may go.

    Parameters
    ----------
    fixed_causes
        Causes of ``churn_causes.TREE`` that the company has mended.

    Returns
    -------
    The verdict, and the rule that it follows from.

    References
    ----------
    Definitions: winback_worth, churn_cause.
    """
    if found.value is None:
        return "keep_in_touch", "worth_unknown"
    if found.value > 0:
        is_ours = TREE.get(customer.cause or "") == "company"
        if is_ours and customer.cause not in fixed_causes:
            return "when_cause_is_fixed", "cause_not_fixed"
        return "win_back_now", "worth_it"
    if customer.was_upper:
        return "keep_in_touch", "was_upper"
    is_little_known = (
        customer.occasions < assumptions.least_occasions
        or customer.history_days < assumptions.least_history_days
    )
    if is_little_known:
        return "keep_in_touch", "little_known"
    return "let_go", "not_worth_it"
