"""Sentences and events over whole books: the demo company, the ten customers, orders alone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.batch import staging
from core.definitions import BooksSettings, Configuration, Definitions
from core.facts import Books
from core.figures import compute
from core.imports import publish
from core.ledger.refresh import refresh
from core.reading import open_ledger
from core.sentences.happened import events
from core.sentences.registry import what_changed
from core.sentences.sentence import Sentence
from core.view import View
from data.demo import stage, truths
from data.demo.truths import Truths
from tests import shop

pytestmark = pytest.mark.slow

CUSTOMERS = 10_000  # so many that the slow branch has 30 complaints a year
LAST, YEAR_BEFORE = date(2026, 10, 31), date(2025, 10, 31)


@pytest.fixture(scope="module")
def truth() -> Truths:
    return truths(customers=CUSTOMERS)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, truth: Truths) -> Iterator[View]:
    books = Books(tmp_path_factory.mktemp("demo"))
    with staging() as con:
        publish(books, stage(con, customers=CUSTOMERS), currency=truth.currency)
    settings = BooksSettings(currency=truth.currency)
    refresh(books, Configuration(books=settings, definitions=Definitions(lapse_after_days=330)))
    with open_ledger(books) as ledger:
        yield View(ledger)


@pytest.fixture(scope="module")
def found(demo: View) -> dict[str, Sentence]:
    return {each.theme: each for each in what_changed(demo, LAST, YEAR_BEFORE)}


def value(sentence: Sentence, name: str) -> Any:
    return sentence.values[name].value


def test_the_employee_whose_customers_went_is_named(found, truth):
    sentence = found["employee"]
    assert value(sentence, "day") == truth.resignation.left_on
    assert value(sentence, "rate") > 0.5 > value(sentence, "others")


def test_the_product_of_the_accident_is_named(found, truth):
    sentence = found["quality"]
    assert "2510" in value(sentence, "product")
    assert value(sentence, "month") == truth.accident.first_on


def test_the_slow_branch_is_named(found, truth):
    sentence = found["complaints"]
    assert value(sentence, "branch") == truth.slow_branch.branch
    assert value(sentence, "hours") > 3 * value(sentence, "others")


def test_the_promotion_of_one_off_customers_is_named(found, truth):
    sentence = found["promotion"]
    assert "99" in value(sentence, "name")
    assert value(sentence, "rate") < truth.promotion.repurchase_below


def test_the_quarter_of_broken_promises_is_named(found, truth):
    assert value(found["promises"], "quarter") == truth.promises.first_on


def test_the_employee_on_whom_a_branch_hangs_is_named(found, truth):
    assert value(found["dependency"], "branch") == truth.dependence.branch
    assert value(found["dependency"], "share") > truth.dependence.share_at_least


def test_a_sentence_says_what_its_figure_says(demo, found):
    (churn,) = compute(demo, ["churn"], LAST, YEAR_BEFORE)
    if "churn" in found:
        assert value(found["churn"], "rate") == churn.value
        assert value(found["churn"], "was") == churn.was
    change, basket = compute(demo, ["change_net_sales", "change_basket"], LAST)
    sales = found["sales"]
    assert value(sales, "change") == pytest.approx(change.value)
    assert sales.key == "sales_rose_basket"
    assert value(sales, "part") == pytest.approx(basket.value)


def test_sentences_are_the_same_each_time_and_fall_in_weight(demo, found):
    again = what_changed(demo, LAST, YEAR_BEFORE)
    assert [each.key for each in again] == [each.key for each in found.values()]
    for first, second in zip(found.values(), again, strict=True):
        assert second.weight == pytest.approx(first.weight)  # floats add up in any order
        assert second.asks == first.asks
    weights = [each.weight for each in again]
    assert weights == sorted(weights, reverse=True)


def test_the_accident_the_campaign_and_the_exit_are_marked(demo, truth):
    marked = events(demo, date(2024, 10, 31), LAST)
    kinds = {event.kind: event for event in marked if event.kind != "campaign"}
    assert kinds["exit"].happened_on == truth.resignation.left_on
    assert kinds["complaints"].happened_on == truth.accident.first_on
    assert any("99" in event.name for event in marked if event.kind == "campaign")
    assert len(marked) <= 6


def test_what_happens_after_the_day_is_not_known_yet(demo, truth):
    day = date(2025, 5, 31)
    told = {each.theme for each in what_changed(demo, day, date(2024, 11, 30))}
    assert not told & {"employee", "quality"}
    assert all(event.happened_on <= day for event in events(demo, date(2024, 10, 31), day))


def test_in_a_scope_only_its_customers_count(demo, truth):
    branch = truth.dependence.branch
    view = View(demo.ledger, {"branch": (branch,)})
    told = {each.theme: each for each in what_changed(view, LAST, YEAR_BEFORE)}
    assert "place" not in told
    assert "complaints" not in told  # there is no other branch to hold it against
    assert value(told["dependency"], "branch") == branch
    exits = [e for e in events(view, date(2024, 10, 31), LAST) if e.kind == "exit"]
    assert not exits  # she worked elsewhere


def test_of_ten_customers_nothing_is_told(tmp_path):
    with open_ledger(shop.ten_customers(tmp_path)) as ledger:
        view = View(ledger)
        assert what_changed(view, shop.CLOSING, shop.OPENING) == []
        assert events(view, shop.OPENING, shop.CLOSING) == []


def test_orders_alone_tell_of_customers_lost(tmp_path):
    # 40 bought in every month up to May 2024, and 20 of them never again: of those active in May
    # half were lost by November, of those active in November before nobody by May.
    months = [(2023, m) for m in range(1, 13)] + [(2024, m) for m in range(1, 13)]
    bought = [
        (f"c{number}", f"{year}-{month:02}-28", 10)
        for year, month in months
        for number in range(40)
        if (year, month) <= (2024, 5) or number < 20
    ]
    books = shop.build(tmp_path, bought)
    with open_ledger(books) as ledger:
        (sentence,) = what_changed(View(ledger), date(2024, 11, 30), date(2024, 5, 31))
    assert sentence.key == "churn_rose"
    assert (value(sentence, "rate"), value(sentence, "was")) == (0.5, 0)


def test_churn_of_an_open_month_is_held_against_no_whole_one(demo):
    told = {each.theme for each in what_changed(demo, demo.days[-1], date(2026, 8, 31))}
    assert "churn" not in told


def test_changed_definitions_are_an_event(tmp_path):
    books = shop.ten_customers(tmp_path)
    refresh(books, Configuration(definitions=Definitions(lapse_after_days=90)))
    with open_ledger(books) as ledger:
        made = ledger.refresh.refreshed_at.date()
        marked = events(View(ledger), shop.OPENING, made)
    assert [(event.kind, event.happened_on, event.customers) for event in marked] == [
        ("definitions", made, None)
    ]
