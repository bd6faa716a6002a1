"""What was planted in the demo company: the ground truth that metrics are checked against."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data.demo import accounts, care, catalogue, company, complaints, leads, sales, surveys
from data.demo.people import LEVELS
from data.demo.plan import Plan, Role


@dataclass(frozen=True)
class Resignation:
    """An adviser resigns and takes a share of her customers along.

    ``customers`` are those she looked after when she left, ``taken`` those who bought nothing from
    ``stopped_on`` on; up to ``left_on`` ``served_share`` of their branch business went through her.
    """

    employee_id: str
    employee: str
    branch: str
    left_on: date
    month: int
    successor_id: str
    handed_over_on: date
    stopped_on: date
    customers: tuple[str, ...]
    taken: tuple[str, ...]
    taken_share: float
    served_share: float
    named_share: float  # of the taken are in departures with the cause employee_left


@dataclass(frozen=True)
class Handover:
    """The contrast: an adviser who handed her customers over before she left; none was taken."""

    employee_id: str
    employee: str
    branch: str
    left_on: date
    successor_id: str
    handed_over_on: date
    customers: tuple[str, ...]


@dataclass(frozen=True)
class QualityAccident:
    """A bad batch raises complaints; those resolved fast come back, slow ones leave."""

    product_id: str
    product: str
    first_on: date
    last_on: date
    fitted_share: float  # of the month's workshop visits
    complaint_share: float  # of those who got it
    fast_share: float  # resolved within 3 days; the others take 20 to 30
    fast_return_share: float  # return within 90 days after it was resolved
    slow_leave_share: float  # never come again


@dataclass(frozen=True)
class OneOffPromotion:
    """A promotion that buys customers who do not come again at full price."""

    promotion_id: str
    promotion: str
    first_on: date
    last_on: date
    discount: float
    customers: int
    repurchase_below: float  # full-price repurchase within 180 days, of those it brought
    others_above: float  # the same of newcomers of the surrounding months without it


@dataclass(frozen=True)
class SlowBranch:
    """A branch answers complaints much later than the others."""

    branch: str
    factor_at_least: float  # median first response, against the median of the other branches


@dataclass(frozen=True)
class BrokenPromises:
    """Promises due in one quarter are broken far more often."""

    first_on: date
    last_on: date
    kept_share: float
    kept_share_otherwise: float


@dataclass(frozen=True)
class NegativeValue:
    """Customers sold to below cost who return much and need service: margin below 0."""

    customers: tuple[str, ...]


@dataclass(frozen=True)
class DormantLeads:
    """Leads of one source that nobody touched."""

    source: str
    first_on: date
    last_on: date
    leads: int


@dataclass(frozen=True)
class NonResponse:
    """Who answers surveys: lower levels less, the unhappy less."""

    answers_by_level: dict[str, float]  # of those not unhappy
    unhappy_factor: float


@dataclass(frozen=True)
class Dependence:
    """An employee, still there, on whom a large share of a branch's value hangs."""

    employee_id: str
    employee: str
    branch: str
    customers: tuple[str, ...]
    share_at_least: float  # of the branch's margin of the last 12 months


@dataclass(frozen=True)
class MechanicalVisits:
    """The team of one branch visits for form's sake: nothing written, nothing learned."""

    branch: str
    channel: str


@dataclass(frozen=True)
class Truths:
    """All that was planted, for one set of arguments."""

    company: dict[str, str]
    currency: str
    first_on: date
    data_date: date
    resignation: Resignation
    handover: Handover
    accident: QualityAccident
    promotion: OneOffPromotion
    slow_branch: SlowBranch
    promises: BrokenPromises
    negative: NegativeValue
    leads: DormantLeads
    non_response: NonResponse
    dependence: Dependence
    mechanical: MechanicalVisits


def truths(
    customers: int = 20_000,
    months: int = 36,
    seed: int = 7,
    last_month: date = date(2026, 10, 31),
) -> Truths:
    """Return what `data.demo.stage` plants with the same arguments.

    Raises
    ------
    ValueError
        If ``customers`` or ``months`` is too small for a demo company.
    """
    plan = Plan(customers, months, seed, last_month)
    crew = company.staff(plan)
    index = np.arange(customers)
    shows, quarter = plan.show_days, plan.broken_quarter
    return Truths(
        company=company.NAME,
        currency="CNY",
        first_on=plan.date_of(0),
        data_date=plan.data_date,
        resignation=_resignation(plan, crew, index),
        handover=Handover(
            _employee_id(crew.handed_over),
            crew.name[crew.handed_over],
            company.BRANCHES[company.CHAOYANG],
            plan.date_of(plan.handed_over_on),
            _employee_id(crew.handed_over_successor),
            plan.date_of(plan.handed_over_on - company.HANDED_OVER_BEFORE),
            _ids(index[plan.roles(index) == Role.HANDED_OVER]),
        ),
        accident=_accident(plan),
        promotion=_promotion(plan, index),
        slow_branch=SlowBranch(company.BRANCHES[company.YUBEI], 4.0),
        promises=BrokenPromises(
            plan.date_of(quarter[0]),
            plan.date_of(quarter[1] - 1),
            care.KEPT_IN_BROKEN_QUARTER,
            care.KEPT,
        ),
        negative=NegativeValue(_ids(index[plan.roles(index) == Role.NEGATIVE])),
        leads=DormantLeads(
            leads.SOURCES[leads.SHOW],
            plan.date_of(shows[0]),
            plan.date_of(shows[1] - 1),
            plan.share_between(0, customers, leads.SHOW_SHARE),
        ),
        non_response=NonResponse(
            dict(zip(LEVELS, surveys.ANSWERS_BY_LEVEL.tolist(), strict=True)),
            surveys.UNHAPPY_ANSWERS,
        ),
        dependence=Dependence(
            _employee_id(crew.dependent),
            crew.name[crew.dependent],
            company.BRANCHES[company.SIMING],
            _ids(index[plan.roles(index) == Role.DEPENDENT]),
            0.3,
        ),
        mechanical=MechanicalVisits(company.BRANCHES[company.HEXI], "visit"),
    )


def _resignation(plan: Plan, crew: company.Staff, index: np.ndarray) -> Resignation:
    order = plan.order_in(Role.RESIGNED, index)
    hers, taken = index[order >= 0], index[plan.is_taken(index)]
    return Resignation(
        _employee_id(crew.resigned),
        crew.name[crew.resigned],
        company.BRANCHES[company.BINJIANG],
        plan.date_of(plan.left_on),
        plan.month_of(20),
        _employee_id(crew.resigned_successor),
        plan.date_of(plan.left_on + company.TAKEN_OVER_AFTER),
        plan.date_of(plan.left_on) + timedelta(days=plan.follow_within + 1),
        _ids(hers),
        _ids(taken),
        len(taken) / max(1, len(hers)),
        sales.RESIGNED_SERVES,
        accounts.NAMED_LEAVING,
    )


def _accident(plan: Plan) -> QualityAccident:
    first, stop = plan.accident_days
    return QualityAccident(
        f"P{catalogue.BATCH + 1:03d}",
        catalogue.batch_name(plan),
        plan.date_of(first),
        plan.date_of(stop - 1),
        complaints.BATCH_SHARE,
        complaints.BATCH_COMPLAINS,
        complaints.BATCH_FAST,
        complaints.FAST_RETURNS,
        complaints.SLOW_LEAVES,
    )


def _promotion(plan: Plan, index: np.ndarray) -> OneOffPromotion:
    first, stop = plan.promotion_days
    return OneOffPromotion(
        f"A{sales.TRAP + 1:03d}",
        sales.TRAP_NAME,
        plan.date_of(first),
        plan.date_of(stop - 1),
        sales.TRAP_DISCOUNT,
        int((plan.roles(index) == Role.PROMOTION).sum()),
        0.15,
        0.40,
    )


def _employee_id(employee: int) -> str:
    return f"E{employee + 1:05d}"


def _ids(index: np.ndarray) -> tuple[str, ...]:
    return tuple(f"C{number:07d}" for number in index)
