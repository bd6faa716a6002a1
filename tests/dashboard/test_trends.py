"""The past of a figure is what the figure was."""

import math

import pytest

from core.definitions import Configuration, Definitions
from core.figures import compute
from core.reading import open_ledger
from core.view import View
from dashboard import data
from tests import shop

pytestmark = pytest.mark.slow

KEYS = (
    "active_customers", "value", "retention_annual", "churn_annual", "nrr", "repurchase_within_90",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("scope", [(), (("region", ("North",)),)])
def test_the_past_of_each_figure_is_the_figure_of_that_day(tmp_path, scope):
    long_lapse = Configuration(definitions=Definitions(lapse_after_days=400))
    regions = [
        shop.attribute("c0", "North", "2021-01-01"), shop.attribute("c1", "North", "2021-01-01"),
        shop.attribute("c1", "South", "2023-05-15"), shop.attribute("c2", "South", "2021-01-01"),
    ]  # fmt: skip
    bought = [
        (
            f"c{number % 5}",
            f"{2022 + number // 12}-{number % 12 + 1:02}-{10 + number % 17}",
            10 + number,
        )
        for number in range(35)
    ]
    books = shop.build(tmp_path, bought, long_lapse, customer_attributes=regions)
    with open_ledger(books) as ledger:
        view = View(ledger, dict(scope))
        as_of = view.days[-1]
        found = data.history(str(tmp_path), 1, (1, None), scope, as_of).set_index("day")
        for day in list(found.index)[-3:] + list(found.index)[3:5]:
            for figure in compute(view, KEYS, day):
                past = found.loc[day, figure.key]
                was = math.nan if figure.value is None else figure.value
                assert past == pytest.approx(was, nan_ok=True), (figure.key, day)
