"""Open periods after as many business days as others had."""

from datetime import date, timedelta

import pytest

from core.metrics.to_date import (
    Stretch,
    business_days,
    compared,
    expected_business_days,
    like_stretch,
    new_buyers,
    to_date,
    trade,
    traded,
)
from tests.care_shop import entries, occasions, rows

BOOKS = date(2023, 1, 1)


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def weekdays(first: date, last: date) -> list[date]:
    """Monday to Friday."""
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in every if day.weekday() < 5]


def test_a_business_day_is_one_on_which_anything_was_sold():
    booked = entries(
        {"customer_key": 1, "entered_on": date(2024, 1, 2), "orders": 1},
        {"customer_key": 2, "entered_on": date(2024, 1, 2), "orders": 1},
        {"customer_key": None, "entered_on": date(2024, 1, 3), "orders": 2},
        {"customer_key": 1, "entered_on": date(2024, 1, 4), "returned": 5},
        {"customer_key": 1, "entered_on": date(2024, 1, 5), "orders": 1,
         "voided_on": date(2024, 1, 6)},
    )  # fmt: skip
    found = rows(business_days(booked), "sold_on")
    assert [row["sold_on"] for row in found] == days("2024-01-02", "2024-01-03", "2024-01-05")


@pytest.mark.parametrize(
    ("unit", "from_on", "n"),
    [("month", date(2024, 5, 1), 2), ("quarter", date(2024, 4, 1), 3),
     ("year", date(2024, 1, 1), 4)],
)  # fmt: skip
def test_to_date_begins_with_the_first_day_of_the_calendar_period(unit, from_on, n):
    sold = days("2024-01-05", "2024-04-30", "2024-05-01", "2024-05-10", "2024-05-11")
    assert to_date(sold, unit, as_of=date(2024, 5, 10)) == Stretch(from_on, date(2024, 5, 10), n)


def test_another_month_ends_with_the_same_business_day():
    sold = days("2024-04-02", "2024-04-05", "2024-04-06", "2024-05-01", "2024-05-02")
    found = compared(sold, "month", as_of=date(2024, 5, 4))
    assert found["now"] == Stretch(date(2024, 5, 1), date(2024, 5, 4), 2)
    assert found["previous"] == Stretch(date(2024, 4, 1), date(2024, 4, 5), 2)


def test_the_same_period_of_last_year_is_looked_at_too():
    sold = days("2023-05-03", "2023-05-30", "2024-05-01")
    found = compared(sold, "month", as_of=date(2024, 5, 1))
    assert found["last_year"] == Stretch(date(2023, 5, 1), date(2023, 5, 3), 1)


def test_the_year_before_is_the_same_for_a_year():
    found = compared(days("2023-02-01", "2024-01-03"), "year", as_of=date(2024, 1, 9))
    assert found["previous"] == found["last_year"] == Stretch(date(2023, 1, 1), date(2023, 2, 1), 1)


def test_a_period_with_fewer_business_days_is_taken_whole():
    found = like_stretch(days("2023-02-01", "2023-02-28", "2023-03-01"), "month",
                         from_on=date(2023, 2, 1), days=3)  # fmt: skip
    assert found == Stretch(date(2023, 2, 1), date(2023, 2, 28), 2, is_short=True)


def test_before_the_first_business_day_nothing_is_compared():
    found = like_stretch(days("2023-02-03"), "month", from_on=date(2023, 2, 1), days=0)
    assert (found.to_on, found.days, found.is_short) == (date(2023, 1, 31), 0, False)


def test_a_quarter_before_the_first_of_the_year_lies_in_the_year_before():
    sold = days("2023-10-02", "2024-01-02")
    found = compared(sold, "quarter", as_of=date(2024, 1, 2))
    assert found["previous"].from_on == date(2023, 10, 1)


def test_days_left_count_as_the_same_weekdays_did():
    as_of = date(2024, 5, 10)  # a Friday
    sold = weekdays(date(2023, 5, 1), as_of)
    found = expected_business_days(
        sold, from_on=date(2024, 5, 1), to_on=date(2024, 5, 31), as_of=as_of, books_from=BOOKS
    )
    # May 2024 has 23 days from Monday to Friday.
    assert found == pytest.approx(23)


def test_a_closed_period_has_the_business_days_it_had():
    sold = days("2024-04-02", "2024-04-05")
    found = expected_business_days(
        sold, from_on=date(2024, 4, 1), to_on=date(2024, 4, 30), as_of=date(2024, 4, 30),
        books_from=BOOKS,
    )  # fmt: skip
    assert found == 2


def test_in_young_books_the_days_since_they_began_make_the_pattern():
    # Two weeks, open on Monday and every other Tuesday: 1 and 1/2 of the days left.
    as_of = date(2024, 1, 14)
    sold = days("2024-01-01", "2024-01-02", "2024-01-08")
    found = expected_business_days(
        sold, from_on=date(2024, 1, 1), to_on=date(2024, 1, 16), as_of=as_of,
        books_from=date(2024, 1, 1),
    )  # fmt: skip
    assert found == 3 + 1 + 0.5


def test_a_weekday_never_seen_counts_like_the_mean_of_those_seen():
    # Books of two days, one of them with a sale; Wednesday is still to come.
    found = expected_business_days(
        days("2024-01-01"), from_on=date(2024, 1, 1), to_on=date(2024, 1, 3),
        as_of=date(2024, 1, 2), books_from=date(2024, 1, 1),
    )  # fmt: skip
    assert found == 1.5


FROM, TO = date(2024, 5, 1), date(2024, 5, 10)


def traded_between(*booked: dict) -> tuple[float, int, int]:
    (row,) = rows(trade(entries(*booked), from_on=FROM, to_on=TO))
    return row["net"], row["occasions"], row["buyers"]


def sale(key: int | None, on: date, gross: float = 10, **more) -> dict:
    return {"customer_key": key, "entered_on": on, "gross": gross, "orders": 1, **more}


def test_both_ends_of_the_stretch_are_in_it():
    booked = [sale(1, on) for on in (date(2024, 4, 30), FROM, TO, date(2024, 5, 11))]
    assert traded_between(*booked) == (20, 2, 1)


def test_sales_without_a_customer_are_money_and_no_occasion():
    assert traded_between(sale(None, FROM), sale(1, FROM)) == (20, 1, 1)


def test_refunds_lower_net_on_their_own_day():
    given_back = {"customer_key": 1, "entered_on": TO, "returned": 4}
    assert traded_between(sale(1, FROM), given_back) == (6, 1, 1)


@pytest.mark.parametrize(("voided", "n"), [(TO, 0), (date(2024, 5, 11), 1)])
def test_a_purchase_given_back_after_the_stretch_still_counts(voided, n):
    assert traded_between(sale(1, FROM, voided_on=voided))[1:] == (n, n)


def test_of_no_entries_everything_is_0():
    assert traded_between() == (0, 0, 0)


def test_several_stretches_are_told_by_name():
    booked = entries(sale(1, FROM), sale(2, TO))
    found = traded(booked, {"a": Stretch(FROM, FROM, 1), "b": Stretch(FROM, TO, 2)})
    assert [(r["stretch"], r["buyers"]) for r in rows(found, "stretch")] == [("a", 1), ("b", 2)]


def test_new_buyers_are_those_whose_first_occasion_lies_in_the_stretch():
    firsts = occasions((1, date(2024, 4, 30)), (2, FROM), (3, TO), (4, date(2024, 5, 11)))
    firsts = firsts.rename(first_on="occasion_on")
    assert rows(new_buyers(firsts, from_on=FROM, to_on=TO)) == [{"new_buyers": 2}]
    assert rows(new_buyers(firsts.limit(0), from_on=FROM, to_on=TO)) == [{"new_buyers": 0}]
