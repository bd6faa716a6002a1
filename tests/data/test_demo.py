"""The demo company's rows are valid, and what was planted can be found in them by hand."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.batch import Batch, staging
from core.schema import TABLES
from data.demo import stage, truths
from data.demo.plan import CHUNK
from data.demo.truths import Truths

pytestmark = pytest.mark.slow

CUSTOMERS = 3_000
README = Path(__file__).parents[2] / "data" / "README.md"
MAY_LIE_AHEAD = {("key_dates", "due_on"), ("promises", "due_on"), ("contracts", "ended_on")}


@dataclass(frozen=True)
class Demo:
    """Staged rows as frames (money as floats), and the ground truth."""

    tables: dict[str, Any]
    truth: Truths

    def __getitem__(self, name: str) -> Any:
        return self.tables[name]

    @property
    def as_of(self) -> Any:
        """First moment after the last whole month."""
        return pd.Timestamp(self.truth.data_date).replace(day=1)


def staged(batch: Batch) -> dict[str, pa.Table]:
    """Return all staged rows."""
    return {
        name: batch.con.con.sql(f'select * from "{table}"').to_arrow_table()
        for name, table in batch.tables.items()
    }


def frame(rows: pa.Table) -> pd.DataFrame:
    columns = {}
    for field, column in zip(rows.schema, rows.columns, strict=True):
        if pa.types.is_decimal(field.type):
            column = column.cast(pa.float64())
        elif pa.types.is_date32(field.type):
            column = column.cast(pa.timestamp("us"))
        columns[field.name] = column
    return pa.table(columns).to_pandas()


@pytest.fixture(scope="module")
def rows() -> dict[str, pa.Table]:
    with staging() as con:
        return staged(stage(con, customers=CUSTOMERS))


@pytest.fixture(scope="module")
def demo(rows: dict[str, pa.Table]) -> Demo:
    return Demo({name: frame(table) for name, table in rows.items()}, truths(CUSTOMERS))


def purchases(demo: Demo) -> Any:
    """Orders of known customers that were charged for and not cancelled."""
    orders = demo["orders"]
    return orders[orders.customer_id.notna() & orders.cancelled_at.isna() & (orders.amount > 0)]


def margins(demo: Demo) -> Any:
    """Margin of each customer in the last 12 months."""
    since = demo.as_of - pd.DateOffset(months=12)

    def within(table: str, day: str) -> Any:
        found = demo[table]
        return found[(found[day] >= since) & (found[day] < demo.as_of)]

    orders = within("orders", "ordered_at")
    orders = orders[orders.cancelled_at.isna()]
    parts = [
        orders.amount.groupby(orders.customer_id).sum(),
        -orders.cost.groupby(orders.customer_id).sum(),
        -within("refunds", "refunded_at").groupby("customer_id").amount.sum(),
        -within("service_costs", "incurred_on").groupby("customer_id").amount.sum(),
    ]
    return pd.concat(parts).groupby(level=0).sum()


def attribute(demo: Demo, name: str, day: Any) -> Any:
    """Value of an attribute of each customer on a day."""
    found = demo["customer_attributes"]
    holds = (found.valid_from <= day) & (found.valid_to.isna() | (found.valid_to > day))
    return found[holds & (found.attribute == name)].set_index("customer_id").value


# --- the rows -------------------------------------------------------------------------------------


def test_equal_arguments_give_equal_rows_and_another_seed_others() -> None:
    found = []
    for seed in (7, 7, 8):
        with staging() as con:
            found.append(staged(stage(con, customers=600, months=12, seed=seed)))
    assert all(found[0][name].equals(found[1][name]) for name in TABLES)
    assert not found[0]["orders"].equals(found[2]["orders"])


def test_every_canonical_table_is_filled_with_its_columns_and_types(rows) -> None:
    assert set(rows) == set(TABLES)
    for name, table in TABLES.items():
        assert rows[name].num_rows > 0, name
        assert rows[name].schema.names == list(table.names)
        assert rows[name].schema.types == [column.arrow_type for column in table.columns], name
        empty = [c for c in table.names if rows[name][c].null_count == rows[name].num_rows]
        assert not empty, name


def test_required_columns_are_never_null(rows) -> None:
    for name, table in TABLES.items():
        for column in table.required:
            assert rows[name][column].null_count == 0, (name, column)


def test_keys_are_unique_also_where_chunks_of_customers_meet(demo) -> None:
    for name, table in TABLES.items():
        assert not demo[name].duplicated(list(table.key)).any(), name
    with staging() as con:
        done = []
        batch = stage(
            con, customers=CHUNK + 600, months=12, progress=lambda *step: done.append(step)
        )
        for name, table in TABLES.items():
            key = ", ".join(table.key)
            count = f"select count(*), count(distinct ({key})) from {batch.tables[name]}"
            [(every, different)] = con.con.sql(count).fetchall()
            assert every == different, name
    assert done == [("customers", CHUNK / (CHUNK + 600)), ("customers", 1.0)]


def test_ids_that_point_elsewhere_exist_there(demo) -> None:
    for name, table in TABLES.items():
        for column in table.columns:
            if column.type == "customer":
                target = demo["customers"].customer_id
            elif column.name in {"order_id", "product_id", "employee_id", "lead_id"}:
                owner = column.name.removesuffix("_id") + "s"
                target = demo[owner][column.name]
            elif column.name == "promotion_id":
                target = demo["promotions"].promotion_id
            else:
                continue
            assert demo[name][column.name].dropna().isin(target).all(), (name, column.name)
    managers = demo["customer_attributes"].query("attribute == 'manager'").value
    assert managers.isin(demo["employees"].employee_id).all()


def test_columns_with_choices_hold_nothing_else(demo) -> None:
    for name, table in TABLES.items():
        for column in table.columns:
            if column.choices:
                found = set(demo[name][column.name].dropna())
                assert found <= set(column.choices), (name, column.name)
    assert set(demo["surveys"].instrument) == {
        "nps", "csat", "ces", "brand", "competitor", "price", "quality", "wallet",
    }  # fmt: skip


def test_no_fact_lies_after_the_data_date(demo) -> None:
    assert demo.truth.data_date == date(2026, 11, 8)
    end = pd.Timestamp(demo.truth.data_date) + pd.Timedelta(days=1)
    for name, table in TABLES.items():
        for column in table.columns:
            if column.type in ("date", "timestamp") and (name, column.name) not in MAY_LIE_AHEAD:
                assert not (demo[name][column.name] >= end).any(), (name, column.name)
    assert demo["orders"].ordered_at.max() >= end - pd.Timedelta(days=1)
    assert demo["orders"].ordered_at.min() < pd.Timestamp(2023, 11, 4)


def test_orders_are_the_sums_of_their_lines(demo) -> None:
    lines = demo["order_lines"].groupby("order_id")[["amount", "discount", "cost"]].sum(min_count=1)
    orders = demo["orders"].set_index("order_id")[["amount", "discount", "cost"]]
    pd.testing.assert_frame_equal(orders, lines.loc[orders.index], check_names=False)
    assert (orders.amount >= 0).all()


def test_things_happen_in_their_order(demo) -> None:
    orders = demo["orders"].set_index("order_id")
    complaints, leads = demo["complaints"], demo["leads"]
    refunds = demo["refunds"].dropna(subset="order_id")
    assert not (orders.cancelled_at < orders.ordered_at).any()
    assert (refunds.refunded_at > orders.ordered_at[refunds.order_id].to_numpy()).all()
    assert (refunds.amount <= orders.amount[refunds.order_id].to_numpy() + 1e-9).all()
    assert not (complaints.first_response_at < complaints.opened_at).any()
    assert not (complaints.resolved_at < complaints.first_response_at).any()
    assert not (leads.converted_at < leads.created_at).any()
    surveys = demo["surveys"]
    assert not (surveys.answered_at < surveys.asked_at).any()
    assert surveys.score.between(surveys.scale_min, surveys.scale_max)[surveys.score.notna()].all()
    contracts = demo["contracts"]
    assert not (contracts.ended_on < contracts.started_on).any()
    joined = demo["customers"].set_index("customer_id").joined_on.dropna()
    bought = purchases(demo)
    bought = bought[bought.customer_id.isin(joined.index)]
    assert (bought.ordered_at >= joined[bought.customer_id].to_numpy()).all()


def test_employees_serve_only_while_they_are_there(demo) -> None:
    crew = demo["employees"].set_index("employee_id")
    for name, when in (("orders", "ordered_at"), ("contacts", "contacted_at")):
        found = demo[name].dropna(subset=["employee_id", when])
        joined = crew.joined_on[found.employee_id].to_numpy()
        left = crew.left_on[found.employee_id].to_numpy()
        assert not (found[when] < joined).any(), name
        assert not (found[when] >= left + np.timedelta64(1, "D")).any(), name


def test_attributes_hold_one_value_at_a_time_and_a_few_are_undated(demo) -> None:
    found = demo["customer_attributes"].sort_values(["customer_id", "attribute", "valid_from"])
    following = found.groupby(["customer_id", "attribute"]).valid_from.shift(-1)
    assert (found.valid_to.isna() == following.isna()).all()
    moved = found.valid_to.notna()
    assert (found.valid_to[moved] == following[moved]).all()
    assert 0 < (~found.is_dated).mean() < 0.05
    assert set(found.attribute[moved]) == {"region", "branch", "manager", "membership"}


def test_a_manager_looks_after_at_most_about_400_customers(demo) -> None:
    today = attribute(demo, "manager", pd.Timestamp(demo.truth.data_date))
    assert today.value_counts().max() <= 420


def test_duplicates_are_merged_into_customers_that_stay(demo) -> None:
    merges = demo["customer_merges"]
    assert not merges.into_customer_id.isin(merges.customer_id).any()
    who = demo["customers"].set_index("customer_id").name
    assert (who[merges.customer_id].to_numpy() == who[merges.into_customer_id].to_numpy()).all()


def test_values_are_as_skewed_as_in_real_books_and_costs_are_known(demo) -> None:
    value = margins(demo).sort_values(ascending=False)
    top = value.head(int(np.ceil(0.2 * len(value)))).sum() / value.sum()
    assert 0.55 <= top <= 0.75
    orders = demo["orders"]
    assert orders.amount[orders.cost.notna()].sum() > 0.95 * orders.amount.sum()


def test_refunds_are_of_orders_of_products_and_of_amounts(demo) -> None:
    refunds = demo["refunds"]
    order, product = refunds.order_id.notna(), refunds.product_id.notna()
    for kind in (order & ~product, order & product, ~order & product, ~order & ~product):
        assert kind.any()


def test_too_small_or_too_young_a_company_is_refused() -> None:
    for customers, months in ((499, 36), (20_000, 11)):
        with staging() as con, pytest.raises(ValueError, match="The demo needs"):
            stage(con, customers=customers, months=months)


# --- the ground truth -----------------------------------------------------------------------------


def test_the_adviser_who_resigned_took_three_of_five_customers_along(demo) -> None:
    truth = demo.truth.resignation
    left, stopped = pd.Timestamp(truth.left_on), pd.Timestamp(truth.stopped_on)
    bought = purchases(demo)
    before = attribute(demo, "manager", left)
    hers = before[before == truth.employee_id].index
    assert set(hers) == set(truth.customers)
    assert len(truth.taken) == round(0.6 * len(hers))
    year = pd.Timedelta(days=365)
    active = bought[bought.ordered_at.between(left - pd.Timedelta(days=180), left)].customer_id
    later = bought[bought.ordered_at.between(stopped, stopped + year)].customer_id
    assert set(hers) <= set(active)
    assert not set(later) & set(truth.taken)
    others = set(active) & set(before[before != truth.employee_id].index)
    kept, kept_by_others = np.mean(hers.isin(later)), len(others & set(later)) / len(others)
    assert kept < 0.42
    assert kept_by_others > 0.70
    told = demo["departures"].query("cause == 'employee_left'").customer_id
    assert set(told) <= set(truth.taken)
    assert 0.3 <= len(told) / len(truth.taken) <= 0.6


def test_before_she_left_almost_all_went_through_her(demo) -> None:
    truth = demo.truth.resignation
    year = pd.Timestamp(truth.left_on) - pd.Timedelta(days=365)
    orders, contacts = demo["orders"], demo["contacts"]
    served = pd.concat(
        [
            orders[orders.ordered_at.between(year, pd.Timestamp(truth.left_on))],
            contacts[contacts.contacted_at.between(year, pd.Timestamp(truth.left_on))],
        ]
    )
    served = served[served.customer_id.isin(truth.customers)]
    assert (served.employee_id == truth.employee_id).mean() > 0.88


def test_nobody_was_lost_by_a_proper_handover(demo) -> None:
    truth, bought = demo.truth.handover, purchases(demo)
    left = pd.Timestamp(truth.left_on)
    later = bought[bought.ordered_at.between(left, left + pd.Timedelta(days=365))]
    assert np.mean(pd.Index(truth.customers).isin(later.customer_id)) > 0.75


def test_a_bad_batch_raises_quality_complaints_and_fast_replacement_brings_customers_back(
    demo,
) -> None:
    truth = demo.truth.accident
    quality = demo["complaints"].query("category == 'quality'")
    batch = quality[quality.product_id == truth.product_id]
    sold = demo["order_lines"].query("product_id == @truth.product_id")
    months = demo["orders"].set_index("order_id").ordered_at[sold.order_id]
    assert months.between(pd.Timestamp(truth.first_on), pd.Timestamp(truth.last_on)
                          + pd.Timedelta(days=1)).all()  # fmt: skip
    assert 0.25 < len(batch) / len(sold) < 0.55
    monthly = quality.groupby(quality.opened_at.dt.to_period("M")).size()
    accident: Any = pd.Period(truth.first_on, "M")
    assert monthly[accident : accident + 1].max() > 4 * monthly.median()
    bought = purchases(demo)
    fast = (batch.resolved_at - batch.opened_at) <= pd.Timedelta(days=3)
    back = []
    for one in batch.itertuples():
        mine = bought[bought.customer_id == one.customer_id].ordered_at
        until = one.resolved_at + pd.Timedelta(days=90)
        back.append(((mine > one.resolved_at) & (mine <= until)).any())
    back = pd.Series(back, index=batch.index)
    assert back[fast].mean() > 0.8
    assert back[~fast].mean() < 0.35


def test_the_promotion_brought_customers_who_did_not_come_again_at_full_price(demo) -> None:
    truth = demo.truth.promotion
    bought = purchases(demo).sort_values("ordered_at")
    joined = demo["customers"].set_index("customer_id").joined_on
    first = bought.drop_duplicates("customer_id").set_index("customer_id")
    around = pd.Timedelta(days=60)
    start, stop = pd.Timestamp(truth.first_on) - around, pd.Timestamp(truth.last_on) + around
    first = first[first.ordered_at.between(start, stop) & (joined[first.index] >= start)]
    on_it = first.promotion_id == truth.promotion_id
    assert on_it.sum() == truth.customers
    full = bought[bought.promotion_id.isna()]
    later = full.join(first.ordered_at.rename("first_at"), on="customer_id", how="inner")
    gap = later.ordered_at.dt.normalize() - later.first_at.dt.normalize()
    again = later[(gap > pd.Timedelta(0)) & (gap <= pd.Timedelta(days=180))].customer_id
    came = first.index.isin(again)
    assert came[on_it].mean() < truth.repurchase_below
    assert came[~on_it].mean() > truth.others_above


def test_one_branch_answers_complaints_several_times_later(demo) -> None:
    truth, found = demo.truth.slow_branch, demo["complaints"]
    hours = (found.first_response_at - found.opened_at).dt.total_seconds() / 3600
    slow = found.branch == truth.branch
    assert hours[slow].median() > truth.factor_at_least * hours[~slow].median()


def test_promises_of_one_quarter_are_broken(demo) -> None:
    truth = demo.truth.promises
    due = demo["promises"]
    due = due[due.due_on <= pd.Timestamp(demo.truth.data_date)]
    kept = due.kept_on <= due.due_on
    rate = kept.groupby(due.due_on.dt.to_period("Q")).mean()
    broken: Any = pd.Period(truth.first_on, "Q")
    assert broken.end_time.date() == truth.last_on
    assert abs(rate[broken] - truth.kept_share) < 0.12
    assert rate.drop(broken).min() > 0.70


def test_negative_value_customers_are_as_many_as_planted(demo) -> None:
    value = margins(demo)
    planted = list(demo.truth.negative.customers)
    assert len(planted) == 24  # 8 of 1,000
    assert (value[planted] < 0).all()
    assert (value < 0).sum() < 2.5 * len(planted)


def test_leads_of_the_car_show_are_dormant(demo) -> None:
    truth = demo.truth.leads
    leads, stages = demo["leads"], demo["lead_stages"]
    show = leads[leads.source == truth.source]
    assert len(show) == truth.leads == 30
    assert show[["customer_id", "trial_at", "converted_at", "lost_at"]].isna().all(axis=None)
    assert set(stages[stages.lead_id.isin(show.lead_id)].stage) == {"new"}
    others = leads[(leads.source != truth.source) & (leads.created_at < show.created_at.max())]
    touched = stages[stages.stage != "new"].lead_id
    assert others.lead_id.isin(touched).mean() > 0.85


def test_the_unhappy_and_the_lower_levels_answer_less(demo) -> None:
    asked = demo["surveys"]
    level = attribute(demo, "membership", pd.Timestamp(demo.truth.data_date))
    answers = asked.score.notna().groupby(asked.customer_id.map(level)).mean()
    assert answers["none"] < answers["silver"] < answers["gold"]
    opened = demo["complaints"].groupby("customer_id").opened_at.max()
    since = asked.asked_at - asked.customer_id.map(opened)
    upset = since.between(pd.Timedelta(0), pd.Timedelta(days=180))
    assert asked.score.notna()[upset].mean() < 0.8 * asked.score.notna()[~upset].mean()


def test_a_large_share_of_one_branch_hangs_on_one_employee(demo) -> None:
    truth, value = demo.truth.dependence, margins(demo)
    crew = demo["employees"].set_index("employee_id")
    assert truth.employee_id in crew.index[crew.left_on.isna()]
    branch = attribute(demo, "branch", demo.as_of)
    here = value[value.index.isin(branch[branch == truth.branch].index)]
    his = here[here.index.isin(truth.customers)]
    assert len(his) == len(truth.customers)
    assert his.sum() > truth.share_at_least * here.sum()
    events: Any = pd.concat(
        [
            demo["orders"].rename(columns={"ordered_at": "at"}),
            demo["contacts"].rename(columns={"contacted_at": "at"}),
        ]
    )
    since = demo.as_of - pd.DateOffset(months=12)
    events = events[events.customer_id.isin(truth.customers) & (events["at"] >= since)]
    assert set(events.employee_id) == {truth.employee_id}
    assert events.groupby("customer_id").size().min() >= 3


def test_the_contacts_of_one_team_are_visits_without_content(demo) -> None:
    truth, contacts = demo.truth.mechanical, demo["contacts"]
    branch = demo["employees"].set_index("employee_id").branch
    done = contacts[contacts.contacted_at.notna()]
    theirs = done.employee_id.map(branch) == truth.branch
    assert theirs.sum() > 50
    assert done.content[theirs].isna().all()
    assert not done.has_learned[theirs].astype(bool).any()
    assert not done.has_opportunity[theirs].astype(bool).any()
    assert (done.channel[theirs] == truth.channel).all()
    assert done.content[~theirs].notna().mean() > 0.6


def test_the_readme_says_what_is_planted_in_the_default_company() -> None:
    text, truth = README.read_text("utf-8"), truths()
    told = [
        *truth.company.values(), truth.data_date, truth.resignation.employee,
        truth.resignation.employee_id, truth.resignation.successor_id, truth.resignation.branch,
        truth.resignation.left_on, truth.resignation.handed_over_on, truth.resignation.stopped_on,
        f"**{len(truth.resignation.customers)}**", f"**{len(truth.resignation.taken)}**",
        truth.handover.employee, truth.handover.employee_id, truth.handover.successor_id,
        truth.handover.branch, truth.handover.left_on, truth.handover.handed_over_on,
        f"{len(truth.handover.customers)} customers", truth.accident.product,
        truth.accident.product_id, f"**{truth.accident.first_on:%Y-%m}**",
        truth.promotion.promotion, truth.promotion.promotion_id, truth.promotion.first_on,
        truth.promotion.last_on, f"**{truth.promotion.customers}**", truth.slow_branch.branch,
        truth.promises.first_on, truth.promises.last_on, f"**{len(truth.negative.customers)}**",
        truth.leads.source, truth.leads.first_on, truth.leads.last_on, f"**{truth.leads.leads}**",
        ", ".join(f"{rate:.2f}" for rate in truth.non_response.answers_by_level.values()),
        f"times {truth.non_response.unhappy_factor:.2f}", truth.dependence.employee,
        truth.dependence.employee_id, truth.dependence.branch,
        f"**{len(truth.dependence.customers)}**", truth.mechanical.branch,
    ]  # fmt: skip
    assert [each for each in told if str(each) not in text] == []
