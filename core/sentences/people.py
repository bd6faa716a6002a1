"""Sentences on employees: customers who went after one left, and who hangs on one."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis.expr.types as ir

from core import engine
from core.figures.evidence import brought, dealings, departed, has_departed
from core.figures.people import dependents_on
from core.metrics import churn_causes
from core.metrics.dependency import MONTHS, dependency_by_employee
from core.metrics.intervals import newcombe, z_of
from core.periods import plus_months
from core.sentences.seen import Base, Seen
from core.sentences.sentence import Sentence, Value

LEAST = 30  # customers, for a rate to be told
LEAST_OF_BRANCH = 0.2  # of a branch's value, for one employee to be told of


def employee_left(seen: Seen) -> Sentence | None:
    """Tell whose customers were lost after the employee on whom they depended left."""
    if not seen.has("employees"):
        return None
    view = seen.view
    since = plus_months(seen.opening, -churn_causes.MONTHS - seen.tau.days // 28 - 1)
    if not has_departed(view, since, seen.as_of):
        return None
    gone = seen.fates(departed(view, since, seen.as_of, _served(seen, since)))
    sums = gone.group_by("employee_id", "left_on").agg(
        customers=gone.customer_key.nunique().cast("int64"),
        lost=gone.is_lost.sum().cast("int64"),
        value_lost=gone.value_then.sum(where=gone.is_lost).cast("float64").fill_null(0.0),
    )
    staff = view.ledger.table("employees").select(_id="employee_id", name="name")
    rows = sums.left_join(staff, sums.employee_id == staff["_id"]).drop("_id")
    found = rows.order_by("employee_id").to_pyarrow().to_pylist()
    return tell_employee_left(found, Base.of(seen))


def _served(seen: Seen, since: date) -> ir.Table:
    """Return the customers who ever dealt with an employee that left: few, so worked out first."""
    staff = seen.view.ledger.table("employees")
    left = staff.filter((staff.left_on >= since) & (staff.left_on <= seen.as_of))
    dealt = dealings(seen.view, plus_months(since, -MONTHS), seen.as_of)
    theirs = dealt.semi_join(left, "employee_id").select("customer_key").distinct()
    return engine.kept(seen.view.ledger.con, theirs)


def tell_employee_left(rows: Sequence[Mapping], base: Base) -> Sentence | None:
    """Tell of the employee most of whose customers were lost, beyond the rate of all others."""
    opened, lost = base.opened, base.lost
    z, best, most = z_of(len(rows)), None, 0.0
    for row in rows:
        n, k = row["customers"], row["lost"]
        bounds = newcombe(k, n, lost - k, opened - n, z) if n >= LEAST else None
        if bounds is None or bounds[0] <= 0 or k <= most:
            continue
        weight = max(k / opened, base.share_of_value(row["value_lost"]))
        best, most = (row, bounds, weight), k
    if best is None:
        return None
    row, (low, high), weight = best
    n, k = row["customers"], row["lost"]
    return Sentence(
        "employee_left",
        {
            "n": Value("count", n),
            "name": Value("text", row["name"] or row["employee_id"]),
            "day": Value("day", row["left_on"]),
            "rate": Value("rate", k / n),
            "others": Value("rate", (lost - k) / (opened - n)),
            "value": Value("money", row["value_lost"]),
        },
        weight, "employee", "churn", {"section": "dependency"},
        ("churn", "departures", "churn-causes"), n, low, high,
    )  # fmt: skip


def dependency(seen: Seen) -> Sentence | None:
    """Tell on whom the most value of one branch hangs."""
    ledger, view = seen.view.ledger, seen.view
    if not seen.has("employees"):
        return None
    served = ledger.table("orders").employee_id
    if not ledger.has("contacts") and not served.count().to_pyarrow().as_py():
        return None
    lines = view.lines(seen.as_of, seen.is_on_margin)
    found = dependency_by_employee(
        lines,
        dependents_on(view, lines, seen.as_of),
        brought(view, "employees"),
        as_of=seen.as_of,
    )
    found = found.filter(~found.has_left).order_by(found.value.desc(), "employee_id").limit(1)
    return tell_dependency(found.to_pyarrow().to_pylist(), seen.number("value"))


def tell_dependency(rows: Sequence[Mapping], value: float) -> Sentence | None:
    """Tell of the employee with the most value, if that is much of the branch."""
    if not rows or value <= 0 or rows[0]["share_of_branch"] is None:
        return None
    row = rows[0]
    if row["share_of_branch"] < LEAST_OF_BRANCH:
        return None
    return Sentence(
        "dependency",
        {
            "share": Value("rate", row["share_of_branch"]),
            "branch": Value("text", row["branch"]),
            "name": Value("text", row["employee"] or row["employee_id"]),
            "n": Value("count", row["customers"]),
            "alone": Value("count", row["uses_nobody_else"]),
            "value": Value("money", float(row["value"])),
        },
        float(row["value"]) / value, "dependency", "churn", {"section": "dependency"},
        ("dependency_share", "dependency-what-if"), row["customers"],
    )  # fmt: skip
