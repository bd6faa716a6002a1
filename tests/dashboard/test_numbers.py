"""Numbers, money and dates in both languages."""

from datetime import date

import pytest

from dashboard import numbers

pytestmark = pytest.mark.slow

SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (None, "–", "–"),
        (0, "0", "0"),
        (15_305, "15,305", "15,305"),
        (99_999, "99,999", "99,999"),
        (128_000, f"128{SPACE}K", f"12.8{SPACE}万"),
        (1_284_567, f"1.28{SPACE}M", f"128{SPACE}万"),
        (999_960_000, f"1.00{SPACE}B", f"10.0{SPACE}亿"),
        (-1_284_567, f"−1.28{SPACE}M", f"−128{SPACE}万"),
    ],
)
def test_a_short_number_has_three_figures_and_the_unit_of_the_language(value, english, chinese):
    assert numbers.short(value, "en") == english
    assert numbers.short(value, "zh") == chinese


def test_money_stands_in_full_with_the_sign_of_its_currency():
    assert numbers.money(1_284_567.4, "GBP", "en") == "£1,284,567"
    assert numbers.money(-1_284_567.4, "CNY", "zh") == "−¥1,284,567"
    assert numbers.money(None, "CNY", "zh") == "–"


def test_a_change_bears_its_sign():
    assert numbers.signed(412, "en") == "+412"
    assert numbers.signed(-412, "zh") == "−412"
    assert numbers.signed_percent(0.052, "en") == "+5.2%"
    assert numbers.points(-0.012, "en") == f"−1.2{SPACE}pp"
    assert numbers.points_told(-0.012, "zh") == f"1.2{SPACE}个百分点"
    assert numbers.points(-0.0004, "en") == f"0.0{SPACE}pp"


def test_an_unknown_rate_is_a_dash_and_never_0():
    assert numbers.percent(None, "en") == "–"
    assert numbers.percent(0, "en") == "0.0%"


def test_days_and_months_are_written_as_the_language_writes_them():
    assert numbers.day(date(2011, 9, 3), "en") == "3 Sep 2011"
    assert numbers.day(date(2011, 9, 3), "zh") == "2011年9月3日"
    assert numbers.month(date(2011, 9, 30), "en") == "Sep 2011"
    assert numbers.month(date(2011, 9, 30), "zh") == "2011年9月"
