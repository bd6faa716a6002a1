"""Targets of ``regulars.toml``: what is refused, which one holds, how far a figure has come."""

from datetime import date

import pytest

from core.definitions import Configuration, load
from core.errors import DefinitionsError
from core.figures import definition_of
from core.i18n import LANGUAGES
from core.targets import Target, days_of, is_flow, pace, targets_for, targets_of

NOVEMBER, QUARTER, YEAR = "2026-11", "2026-Q4", "2026"


def raw(key: str = "net_sales", period: str = NOVEMBER, value: object = 100, **scope: str) -> dict:
    return {"key": key, "period": period, "value": value} | ({"scope": scope} if scope else {})


def of(*found: dict) -> tuple[Target, ...]:
    return targets_of(found)


def refused(*found: dict) -> str:
    with pytest.raises(DefinitionsError) as caught:
        of(*found)
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


def test_targets_stand_in_regulars_toml(tmp_path):
    text = (
        '[[targets]]\nkey = "net_sales"\nperiod = "2026-Q4"\nvalue = 1_000_000\n'
        '[[targets]]\nkey = "churn"\nperiod = "2026"\nvalue = 0.2\nscope = {region = "North"}\n'
    )
    (tmp_path / "regulars.toml").write_text(text, "utf-8")
    found = targets_of(load(tmp_path).targets)
    assert [(t.key, t.period, t.value, t.scope) for t in found] == [
        ("net_sales", "2026-Q4", 1_000_000, {}), ("churn", "2026", 0.2, {"region": "North"}),
    ]  # fmt: skip


def test_targets_are_no_part_of_the_definition_version():
    with_targets = Configuration(targets=(raw(),))
    assert with_targets.definitions.version() == Configuration().definitions.version()


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
     ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
     ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
     ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
     ("2026", date(2026, 1, 1), date(2026, 12, 31))],
)  # fmt: skip
def test_a_period_is_a_month_a_quarter_or_a_year_of_the_calendar(period, first, last):
    assert days_of(period) == (first, last)


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "2026-1", "26-11", "2026-11-08", "0000"])
def test_another_period_is_refused(period):
    assert "targets.1.period" in refused(raw(period=period))


def test_an_unknown_figure_scope_or_tier_is_refused_with_the_number_of_the_target():
    assert "target 2" in refused(raw(), raw("net_salse"))
    assert "planet" in refused(raw(planet="Earth"))
    assert "middle" in refused(raw(tier="golden"))
    assert of(raw(tier="middle"), raw(region="North"), raw("repurchase_within_45"))


def test_a_target_without_a_value_or_with_something_else_is_refused():
    assert "targets.1.value" in refused({"key": "churn", "period": YEAR})
    assert "targets.1.value" in refused(raw(value=float("inf")))
    assert "targets.1.remark" in refused(raw() | {"remark": "?"})


def test_the_same_target_twice_is_refused_and_another_scope_is_another_target():
    assert "targets 1 and 3" in refused(raw(), raw(region="North"), raw(value=7))
    assert len(of(raw(), raw(region="North"), raw(region="South"), raw(period=YEAR))) == 4


def test_a_figure_of_a_month_has_targets_of_months_alone():
    assert of(raw("net_to_date"))
    assert "net_sales" in refused(raw("net_to_date", QUARTER))


@pytest.mark.parametrize(
    ("on", "period"),
    [(date(2026, 11, 1), NOVEMBER), (date(2026, 11, 30), NOVEMBER),
     (date(2026, 12, 1), QUARTER), (date(2026, 9, 30), YEAR)],
)  # fmt: skip
def test_the_target_of_the_shortest_period_holds(on, period):
    targets = of(raw(period=YEAR), raw(), raw(period=QUARTER))
    found = targets_for(targets, "net_sales", on)
    assert found is not None
    assert found.period == period


def test_there_is_no_target_outside_its_period_for_another_figure_or_scope():
    targets = of(raw(), raw("churn", region="North"))
    on = date(2026, 11, 8)
    assert targets_for(targets, "net_sales", date(2026, 12, 1)) is None
    assert targets_for(targets, "nrr", on) is None
    assert targets_for(targets, "net_sales", on, {"region": "North"}) is None
    assert targets_for(targets, "churn", on) is None
    assert targets_for(targets, "churn", on, {"region": "North"}) == targets[1]
    assert targets_for((), "churn", on) is None


@pytest.mark.parametrize(
    ("key", "flows"),
    [("net_sales", True), ("new", True), ("lost", True), ("net_to_date", True),
     ("contracts_ended", True), ("spend_acquisition", True),
     ("active_customers", False), ("churn", False), ("value", False), ("kept", False),
     ("bridge_closing", False), ("refill_cost", False), ("pace_net", False), ("gap_median", False)],
)  # fmt: skip
def test_what_adds_up_over_the_period_flows(key, flows):
    assert is_flow(definition_of(key)) is flows


def test_a_flow_is_expected_in_proportion_to_business_days():
    found = pace(60, 200, better="up", share_elapsed=0.25)
    assert (found.share, found.expected, found.ahead, found.status) == (0.3, 50, 10, "ahead")


def test_stocks_and_rates_are_held_against_the_target_itself():
    found = pace(0.75, 0.5, better="up")
    assert (found.share, found.expected, found.ahead) == (1.5, 0.5, 0.25)


def test_where_lower_is_better_less_is_ahead():
    assert (pace(40, 50, better="down").ahead, pace(60, 50, better="down").ahead) == (10, -10)
    assert pace(60, 50, better="down").status == "behind"


def test_exactly_on_target_is_neither():
    assert pace(50, 100, better="up", share_elapsed=0.5).status == "on_target"


@pytest.mark.parametrize("target", [0, -5])
def test_of_a_target_not_above_0_no_share_is_reached(target):
    assert pace(3, target, better="down").share is None
