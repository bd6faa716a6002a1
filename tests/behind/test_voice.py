"""Whoever stands behind a bar or point on satisfaction adds up to what its breakdown says."""

import math
from collections.abc import Iterator

import pytest

from core import breakdowns
from core.behind.registry import BEHIND, found_behind
from core.reading import open_ledger
from core.view import View
from tests.laws.full_shop import full_books

pytestmark = pytest.mark.slow

# The drill, the breakdown, what it is told by, the columns of the values, the column it makes.
DRILLS = (
    ("survey_answers", "satisfaction-answers", None, ("instrument", "answer"), "n"),
    ("survey_wave", "satisfaction-waves", None, ("instrument", "wave"), "n"),
    ("bought_after", "satisfaction-link", None, ("instrument", "answer"), "rate"),
    ("complaint_age", "complaints-age", None, ("age_band",), "open"),
    ("complaint_product", "complaints-by-product", None, ("product",), "opened"),
    *(
        (f"complaint_{name}", "complaints", name, ("group",), "opened")
        for name in ("branch", "category", "cause", "month")
    ),
    *(
        (f"recovery_{name}", "complaints-recovery", name, ("group",), "bought_again_rate")
        for name in ("speed", "branch", "category", "cause")
    ),
    ("promise_kind", "promises", "kind", ("group",), "kept_rate"),
    ("promise_employee", "promises", "employee_id", ("group",), "kept_rate"),
    ("promise_quarter", "promises-by-quarter", None, ("quarter_from",), "kept_rate"),
    *(
        (f"missed_{name}", "waiting", name, ("group",), "missed_rate")
        for name in ("branch", "hour", "service")
    ),
)
SCOPES = ({}, {"region": ("x",)})


@pytest.fixture(scope="module")
def full() -> Iterator[list[View]]:
    with open_ledger(full_books()) as ledger:
        yield [View(ledger, scope) for scope in SCOPES]


@pytest.mark.parametrize(("drill", "breakdown", "told_by", "columns", "cell"), DRILLS)
def test_the_customers_behind_a_cell_add_up_to_it(full, drill, breakdown, told_by, columns, cell):
    compared = 0
    for view in full:
        day = view.days[-2]
        for row in breakdowns.rows(view, breakdown, as_of=day).to_pylist():
            is_other = told_by is not None and row["told_by"] != told_by
            if is_other or row[cell] is None or any(row[name] is None for name in columns):
                continue
            values = [str(row[name]) for name in columns]
            found = found_behind(view, drill, values, as_of=day)
            assert found.total is not None
            assert math.isclose(found.total, row[cell], rel_tol=1e-9, abs_tol=1e-9)
            compared += 1
    assert compared


def test_every_drill_of_a_bar_or_point_is_compared():
    families = ("survey_", "bought_after", "complaint_", "recovery_", "promise_", "missed_")
    here = {key for key, each in BEHIND.items() if each.values and key.startswith(families)}
    assert here <= {drill[0] for drill in DRILLS}
