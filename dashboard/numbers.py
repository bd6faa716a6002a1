"""Numbers, money and dates as a reader of either language writes them (Babel)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent, get_currency_symbol

LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
UNKNOWN = "–"
_SPACE = "\u00a0"
_UNITS = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "K")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}
# Below this a short number is the number itself.
_WHOLE_BELOW = 1e5

Number = int | float | Decimal


def whole(value: Number | None, language: str) -> str:
    """Return ``value`` in full, without decimals; a dash if it is unknown."""
    if value is None:
        return UNKNOWN
    return format_decimal(value, "#,##0;−#,##0", locale=LOCALES[language])


def signed(value: Number, language: str) -> str:
    """Return ``value`` in full with its sign."""
    return format_decimal(value, "+#,##0;−#,##0", locale=LOCALES[language])


def short(value: Number | None, language: str) -> str:
    """Return ``value`` in three figures and a unit: 1.28 M, 128 万; small ones in full."""
    if value is None:
        return UNKNOWN
    if abs(value) < _WHOLE_BELOW:
        return whole(value, language)
    size, unit = next(
        ((size, unit) for size, unit in _UNITS[language] if abs(value) >= size * 0.9995),
    )
    scaled = float(value) / size
    decimals = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    figures = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(scaled, f"{figures};−{figures}", locale=LOCALES[language]) + _SPACE + unit


def money(value: Number | None, currency: str, language: str) -> str:
    """Return an amount in full, without decimals, with the sign of its currency."""
    return _with_symbol(value, whole, currency, language)


def short_money(value: Number | None, currency: str, language: str) -> str:
    """Return an amount in short form, with the sign of its currency."""
    return _with_symbol(value, short, currency, language)


def percent(value: Number | None, language: str, decimals: int = 1) -> str:
    """Return a rate of 0 to 1 in per cent; a dash if it is unknown."""
    if value is None:
        return UNKNOWN
    pattern = "0." + "0" * decimals + "%" if decimals else "0%"
    return format_percent(value, pattern, locale=LOCALES[language])


def signed_percent(value: Number, language: str) -> str:
    """Return a relative change in per cent, with its sign."""
    return format_percent(value, "+0.0%;−0.0%", locale=LOCALES[language])


def decimal(value: Number | None, language: str) -> str:
    """Return a number with one decimal; a dash if it is unknown."""
    if value is None:
        return UNKNOWN
    return format_decimal(value, "#,##0.0;−#,##0.0", locale=LOCALES[language])


def ratio(value: Number | None, language: str) -> str:
    """Return a ratio with two decimals; a dash if it is unknown."""
    if value is None:
        return UNKNOWN
    return format_decimal(value, "#,##0.00;−#,##0.00", locale=LOCALES[language])


def signed_ratio(value: Number, language: str) -> str:
    """Return a difference of two ratios, with its sign."""
    return format_decimal(value, "+#,##0.00;−#,##0.00", locale=LOCALES[language])


def tenth(value: Number | None, language: str) -> str:
    """Return ``value`` with one decimal; a dash if it is unknown."""
    if value is None:
        return UNKNOWN
    return format_decimal(value, "#,##0.0;−#,##0.0", locale=LOCALES[language])


def signed_tenth(value: Number, language: str) -> str:
    """Return a difference with one decimal and its sign."""
    return format_decimal(value, "+#,##0.0;−#,##0.0", locale=LOCALES[language])


def points(value: Number, language: str) -> str:
    """Return a difference of two rates in percentage points, with its sign."""
    rounded = round(float(value) * 100, 1)
    pattern = "+0.0;−0.0" if rounded else "0.0"
    figure = format_decimal(rounded or 0, pattern, locale=LOCALES[language])
    return f"{figure}{_SPACE}pp"


def points_told(value: Number, language: str) -> str:
    """Return the size of a difference of two rates, for a sentence that says its direction."""
    figure = format_decimal(abs(float(value)) * 100, "0.0", locale=LOCALES[language])
    return f"{figure}{_SPACE}{_POINTS[language]}"


_POINTS = {"en": "pp", "zh": "个百分点"}


def day(value: date | None, language: str) -> str:
    """Return a day: 30 Nov 2011, 2011年11月30日."""
    if value is None:
        return UNKNOWN
    pattern = {"en": "d MMM y", "zh": "y年M月d日"}[language]
    return format_date(value, pattern, locale=LOCALES[language])


def short_day(value: date, language: str) -> str:
    """Return a day within a year that is known: 7 Nov, 11月7日."""
    return format_date(value, {"en": "d MMM", "zh": "M月d日"}[language], locale=LOCALES[language])


def month(value: date, language: str) -> str:
    """Return a month: Nov 2011, 2011年11月."""
    return format_date(value, {"en": "MMM y", "zh": "y年M月"}[language], locale=LOCALES[language])


def symbol(currency: str, language: str) -> str:
    """Return the sign of a currency."""
    return get_currency_symbol(currency, locale=LOCALES[language])


def _with_symbol(
    value: Number | None, form: Callable[[Number, str], str], currency: str, language: str
) -> str:
    if value is None:
        return UNKNOWN
    sign = "−" if value < 0 else ""
    return sign + symbol(currency, language) + form(abs(value), language)
