"""What was planted in the demo company is found by the metrics, each by its own."""

from datetime import date, timedelta

import ibis
import pytest

from core import lists
from core.batch import staging
from core.definitions import Configuration
from core.facts import Books
from core.figures import evidence
from core.figures.promotions import newcomers_by_promotion
from core.imports import publish
from core.ledger.refresh import refresh
from core.lists import sources
from core.metrics.care import contact_quality, contacts_made
from core.metrics.complaints import complaint_figures, complaint_states
from core.metrics.departures import departed
from core.metrics.leads import lead_rates, lead_states
from core.metrics.promises import due_promises, kept_rate
from core.metrics.promotions import promo_repurchase
from core.metrics.recovery import complaint_recovery
from core.metrics.surveys import asked_in, response_rate
from core.periods import is_month_end, month_end, month_start
from core.reading import open_ledger
from core.view import View
from data.demo import stage, truths
from data.demo.truths import Truths
from tests.care_shop import rows

pytestmark = pytest.mark.slow

CUSTOMERS = 3_000
BEGINNING = date(1, 1, 1)


@pytest.fixture(scope="session")
def truth() -> Truths:
    return truths(customers=CUSTOMERS)


@pytest.fixture(scope="session")
def demo(tmp_path_factory, truth):
    books = Books(tmp_path_factory.mktemp("demo"))
    with staging() as con:
        publish(books, stage(con, customers=CUSTOMERS), currency=truth.currency)
    refresh(books, Configuration())
    view = View(open_ledger(books))
    yield view
    view.ledger.con.disconnect()


@pytest.fixture(scope="session")
def as_of(demo) -> date:
    return demo.ledger_day(None)


@pytest.fixture(scope="session")
def complaints(demo, as_of):
    return complaint_states(demo.ledger.table("complaints"), since=BEGINNING, as_of=as_of)


def ids(demo: View, table) -> set[str]:
    known = demo.ledger.persons("customer_ids")
    return set(table.inner_join(known, "customer_key").to_pyarrow()["customer_id"].to_pylist())


def test_the_adviser_who_left_is_the_one_whose_customers_were_lost(demo, truth, as_of):
    story = truth.resignation
    gone = departed(
        evidence.dealings(demo), demo.ledger.table("employees"), since=BEGINNING, as_of=as_of
    )
    left_behind = gone.group_by("employee_id").agg(n=gone.count())
    assert [row["employee_id"] for row in rows(left_behind)] == [story.employee_id]
    hers = ids(demo, gone)
    assert hers <= set(story.customers)
    assert len(hers) > 0.6 * len(story.customers)
    [loss] = rows(sources.loss_after_departure(demo, story.employee_id, story.left_on))
    assert loss["lost_rate"] == pytest.approx(story.taken_share, abs=0.15)
    assert loss["excess"] > 0.2


def test_the_customers_who_were_handed_over_did_not_depend_on_the_one_who_left(demo, truth):
    story = truth.handover
    [loss] = rows(sources.loss_after_departure(demo, story.employee_id, story.left_on))
    assert loss["customers"] < 0.1 * len(story.customers)


def test_customers_of_the_adviser_are_at_risk_from_the_month_in_which_she_left(demo, truth):
    story = truth.resignation
    day = month_end(story.left_on)
    before = month_start(story.left_on) - timedelta(days=1)
    for at, is_known in ((day, True), (before, False)):
        found = lists.rows(demo, "at-risk", as_of=at).to_pylist()
        named = {r["customer_id"] for r in found if "handler_left" in r["reasons"]}
        assert bool(named) is is_known
        assert named <= set(story.customers)


def test_the_product_of_the_accident_is_the_one_complained_of(complaints, truth):
    story = truth.accident
    about = complaints.filter(complaints.product_id.notnull())
    first, second = sorted(
        rows(complaint_figures(about, by=("product_id",))), key=lambda row: -row["opened"]
    )[:2]
    assert first["product_id"] == story.product_id
    assert first["opened"] > 2 * second["opened"]
    months = rows(
        complaint_figures(about.filter(about.product_id == story.product_id), by=("month",)),
        "month",
    )
    assert months[0]["month"] == month_start(story.first_on)


def test_those_whose_complaint_was_resolved_fast_came_back_and_the_others_left(
    demo, complaints, truth, as_of
):
    days = [day for day in demo.days if is_month_end(day)][-30:]
    shop = ibis.union(
        *[
            demo.all_lines(day).select("customer_key", "month_end", "tier", "is_active", "last_on")
            for day in days
        ]
    )
    batch = complaints.mutate(
        is_batch=(complaints.product_id == truth.accident.product_id).fill_null(False),
        is_fast=complaints.resolution_days <= 3,
    )
    found = complaint_recovery(
        batch, demo.occasions(as_of), shop, as_of=as_of, days=days, by=("is_batch", "is_fast")
    )
    by = {(row["is_batch"], row["is_fast"]): row for row in rows(found)}
    assert by[True, True]["return_rate"] > truth.accident.fast_return_share - 0.15
    assert by[True, True]["excess"] > 0.2
    assert by[True, False]["return_rate"] < 1 - truth.accident.slow_leave_share + 0.15
    assert by[True, False]["excess"] < -0.2


def test_the_slow_branch_answers_last(complaints, truth):
    story = truth.slow_branch
    branches = rows(complaint_figures(complaints, by=("branch",)))
    slowest = max(branches, key=lambda row: row["response_hours_median"] or 0)
    assert slowest["branch"] == story.branch
    others = complaints.filter(complaints.branch != story.branch)
    median = rows(complaint_figures(others))[0]["response_hours_median"]
    assert slowest["response_hours_median"] > story.factor_at_least * median


def test_the_promotion_brought_customers_who_did_not_come_again(demo, truth, as_of):
    story = truth.promotion
    counted = newcomers_by_promotion(demo, demo.lines(as_of), as_of)
    found = promo_repurchase(counted, each=("promotion_id",))
    many = [row for row in rows(found) if row["matured"] >= 30]
    worst = min(many, key=lambda row: row["difference"])
    assert worst["promotion_id"] == story.promotion_id
    assert worst["first_on"] >= story.first_on
    assert worst["last_on"] <= story.last_on
    assert worst["repurchase_rate"] < story.repurchase_below
    assert worst["others_rate"] > story.others_above
    assert worst["difference_high"] < 0


def test_the_quarter_of_broken_promises_is_the_worst(demo, truth, as_of):
    story = truth.promises
    due = due_promises(demo.ledger.table("promises"), since=BEGINNING, as_of=as_of)
    quarters = sorted(rows(kept_rate(due)), key=lambda row: row["kept_rate"])
    assert quarters[0]["quarter_from"] == story.first_on
    assert quarters[0]["low"] < story.kept_share < quarters[0]["high"]
    for other in quarters[1:]:
        assert other["kept_rate"] == pytest.approx(story.kept_share_otherwise, abs=0.1)


def test_negative_value_customers_are_listed(demo, truth):
    found = lists.rows(demo, "negative-value")
    planted = set(truth.negative.customers)
    listed = set(found["customer_id"].to_pylist())
    assert len(planted & listed) >= 0.9 * len(planted)
    assert lists.title(demo, "negative-value", "en") == "Negative-value customers"


def test_the_leads_of_the_show_are_the_dormant_ones(demo, truth, as_of):
    story = truth.leads
    states = lead_states(
        demo.ledger.table("leads"),
        demo.ledger.table("lead_stages"),
        demo.ledger.table("contacts"),
        as_of=as_of,
    )
    by = {
        row["source"]: row
        for row in rows(lead_rates(states, as_of=as_of, within_days=90, by=("source",)))
    }
    show = by.pop(story.source)
    assert show["leads"] == show["dormant"] == story.leads
    assert show["conversion_rate"] == show["trial_rate"] == 0
    assert all(other["dormant"] < 0.5 * other["leads"] for other in by.values())
    listed = lists.rows(demo, "leads-dormant").to_pylist()
    days = [row["created_on"] for row in listed if row["source"] == story.source]
    assert min(days) >= story.first_on
    assert max(days) <= story.last_on


def test_lower_levels_answer_less(demo, truth, as_of):
    asked = asked_in(demo.ledger.table("surveys"), since=BEGINNING, as_of=as_of)
    levels = demo.all_lines(as_of).select("customer_key", "membership")
    by = {
        row["membership"]: row["response_rate"]
        for row in rows(
            response_rate(asked.left_join(levels, "customer_key"), as_of=as_of, by=("membership",))
        )
    }
    answers = truth.non_response.answers_by_level
    assert sorted(answers, key=lambda level: by[level]) == sorted(answers, key=lambda n: answers[n])


def test_the_employee_on_whom_a_branch_hangs_stands_first(demo, truth):
    story = truth.dependence
    first, second = lists.rows(demo, "dependency", top=2).to_pylist()
    assert (first["employee_id"], first["branch"]) == (story.employee_id, story.branch)
    assert first["share_of_branch"] > story.share_at_least
    assert first["value"] > 2 * second["value"]
    found = lists.rows(demo, "dependency-customers").to_pylist()
    hers = {row["customer_id"] for row in found if row["employee_id"] == story.employee_id}
    assert hers >= set(story.customers)


def test_the_team_that_visits_for_forms_sake_is_found(demo, truth, as_of):
    made = contacts_made(
        demo.ledger.table("contacts"),
        demo.ledger.table("employees"),
        since=BEGINNING,
        as_of=as_of,
    )
    teams = rows(contact_quality(made, by=("team",)))
    worst = max(teams, key=lambda row: row["empty_rate"] or 0)
    assert worst["team"] == truth.mechanical.branch
    assert (worst["empty_rate"], worst["learned"]) == (1.0, 0)
    assert all(row["empty_rate"] < 0.2 for row in teams if row is not worst)
