"""The company: regions, branches, and the employees who meet customers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from data.demo import columns
from data.demo.names import GIVEN, SURNAMES
from data.demo.plan import Plan

NAME = {"en": "Hengxin Motors", "zh": "恒信汽车"}
REGIONS = ("华东 East", "华南 South", "华北 North", "西部 West")
# name, region, weight in the number of customers, pace of the branch at peak hours
_BRANCHES = (
    ("上海浦东 Pudong", 0, 14, 1.1),
    ("杭州滨江 Binjiang", 0, 9, 1.0),
    ("南京建邺 Jianye", 0, 8, 1.0),
    ("广州天河 Tianhe", 1, 11, 1.2),
    ("深圳南山 Nanshan", 1, 10, 0.9),
    ("厦门思明 Siming", 1, 0, 0.8),
    ("北京朝阳 Chaoyang", 2, 12, 1.4),
    ("天津河西 Hexi", 2, 7, 1.0),
    ("青岛市南 Shinan", 2, 6, 0.9),
    ("成都高新 Gaoxin", 3, 10, 1.0),
    ("重庆渝北 Yubei", 3, 8, 1.2),
    ("西安雁塔 Yanta", 3, 5, 1.0),
)
BRANCHES = tuple(branch[0] for branch in _BRANCHES)
REGION_OF = np.array([branch[1] for branch in _BRANCHES])
PACE = np.array([branch[3] for branch in _BRANCHES])
_WEIGHTS = np.array([branch[2] for branch in _BRANCHES], float)
SHARES = _WEIGHTS / _WEIGHTS.sum()
BINJIANG, SIMING, CHAOYANG, HEXI, YUBEI = 1, 5, 6, 7, 10

RESIGNED_NAME = "苏婉清 Su Wanqing"
HANDED_OVER_NAME = "韩立 Han Li"
DEPENDENT_NAME = "周启明 Zhou Qiming"
MANAGED_SHARE = 0.75
TAKEN_OVER_AFTER = 11  # days after she resigned until her customers had a new adviser
HANDED_OVER_BEFORE = 45  # days before the other left that hers had one
_PER_ADVISER = 370
STAYS = 1_000_000  # last day of those who are still there


@dataclass(frozen=True)
class Staff:
    """Employees by number: 0 for E00001.

    ``advisers`` and ``consultants`` give each branch the first number and how many there are,
    ``(12, 2) int``; agents serve by telephone for all branches.
    """

    name: list[str]
    role: list[str]
    branch: np.ndarray
    joined: np.ndarray
    left: np.ndarray
    advisers: np.ndarray
    consultants: np.ndarray
    agents: tuple[int, int]
    resigned: int
    resigned_successor: int
    handed_over: int
    handed_over_successor: int
    dependent: int

    @cached_property
    def successor(self) -> np.ndarray:
        """Who takes over from each employee, themselves if they stay, ``(n,) int``."""
        found = np.arange(len(self.name))
        found[self.resigned] = self.resigned_successor
        found[self.handed_over] = self.handed_over_successor
        return found

    def at_work(self, employee: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return the employee, or the successor of one who left before ``day``; -1 stays -1."""
        gone = (employee >= 0) & (day >= self.left[employee] + 1)
        return np.where(gone, self.successor[employee], employee)

    def adviser_of(self, branch: np.ndarray, random: np.ndarray) -> np.ndarray:
        """Return an adviser of each branch for a random number in [0, 1)."""
        first, count = self.advisers[branch].T
        return first + (random * count).astype(np.int64)

    def consultant_of(self, branch: np.ndarray, random: np.ndarray) -> np.ndarray:
        """Return a sales consultant of each branch for a random number in [0, 1)."""
        first, count = self.consultants[branch].T
        return first + (random * count).astype(np.int64)

    def agent(self, random: np.ndarray) -> np.ndarray:
        """Return a call-centre agent for each random number in [0, 1)."""
        return self.agents[0] + (random * self.agents[1]).astype(np.int64)


def staff(plan: Plan) -> Staff:
    """Return the employees of a company of this size."""
    random = np.random.default_rng([plan.seed, 1_000_003])
    role: list[str] = []
    branch: list[int] = []
    advisers, consultants = np.zeros((12, 2), np.int64), np.zeros((12, 2), np.int64)
    for place in range(len(BRANCHES)):
        managed = plan.customers * SHARES[place] * 0.95 * MANAGED_SHARE
        if place == SIMING:
            managed = min(plan.customers * 0.05, 1_000) * MANAGED_SHARE
        for name, table, count in (
            ("service_adviser", advisers, max(2, int(np.ceil(managed / _PER_ADVISER)))),
            ("sales_consultant", consultants, max(1, int(managed / 1_600))),
        ):
            table[place] = len(role), count
            role += [name] * count
            branch += [place] * count
    agents = len(role), max(2, plan.customers // 6_000)
    role += ["call_centre_agent"] * agents[1]
    branch += [-1] * agents[1]
    special = len(role)
    role += ["service_adviser"] * 5
    branch += [BINJIANG, BINJIANG, CHAOYANG, CHAOYANG, SIMING]
    count = len(role)
    pairs = random.permutation(len(SURNAMES) * len(GIVEN))[np.arange(count) % 2_500]
    name = [_full(SURNAMES[pair // len(GIVEN)], GIVEN[pair % len(GIVEN)]) for pair in pairs]
    name[special], name[special + 2] = RESIGNED_NAME, HANDED_OVER_NAME
    name[special + 4] = DEPENDENT_NAME
    joined = -random.integers(40, 2_600, count)
    left = np.full(count, STAYS)
    left[special], left[special + 2] = plan.left_on, plan.handed_over_on
    joined[special + 1], joined[special + 3] = plan.left_on - 20, plan.handed_over_on - 60
    joined[[special, special + 2, special + 4]] = -1_900, -1_500, -2_100
    return Staff(
        name, role, np.array(branch), joined, left, advisers, consultants, agents,
        special, special + 1, special + 2, special + 3, special + 4,
    )  # fmt: skip


def employee_table(plan: Plan, crew: Staff) -> pa.Table:
    """Return the rows of ``employees``."""
    count = len(crew.name)
    return columns.table(
        "employees",
        employee_id=columns.employees(np.arange(count)),
        name=pa.array(crew.name),
        role=pa.array(crew.role),
        branch=columns.choices(BRANCHES, np.maximum(crew.branch, 0), crew.branch >= 0),
        joined_on=columns.days(crew.joined, plan.origin),
        left_on=columns.days(crew.left, plan.origin, crew.left < STAYS),
    )


def _full(surname: str, given: str) -> str:
    (chinese, latin), (first, first_latin) = surname.split(" "), given.split(" ")
    return f"{chinese}{first} {latin} {first_latin}"
