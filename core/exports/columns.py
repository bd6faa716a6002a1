"""What kind of value stands in a column of a table, by its type and its name."""

import re
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "number", "money", "change", "percent", "date", "moment", "flag"]

# Columns that hold rates, 0 to 1.
_RATE = re.compile(r"(^|_)(share|rate|churn|retention)(_|$)")
_RATES = frozenset((
    "against_like", "change_last_year", "change_previous", "contact_gap", "contribution",
    "days_elapsed", "dependence", "difference", "difference_high", "difference_low", "loss_excess",
    "loyalty", "multi_active", "one_time_active", "others_high", "others_low", "return_high",
    "return_low", "satisfaction", "target_reached", "value_change", "without_content",
))  # fmt: skip
# Columns that hold money where their type does not say so.
_MONEY = re.compile(r"(^|_)(value|net|worth)(_|$)")
_MONEYS = frozenset((
    "change", "change_basket", "change_customers", "change_mix", "change_occasions", "contract",
    "cost", "discount", "expected_excess", "expected_loss", "gross", "new_money", "returned",
    "service_cost",
))  # fmt: skip


def kinds_of(rows: pa.Table) -> dict[str, Kind]:
    """Return what stands in each column of ``rows``."""
    found: dict[str, Kind] = {field.name: kind_of(field.name, field.type) for field in rows.schema}
    if "score" not in found:
        # The ends of an interval are those of a rate, where there is no score.
        for name in ("low", "high"):
            if found.get(name) == "number":
                found[name] = "percent"
    return found


def kind_of(name: str, form: pa.DataType) -> Kind:
    """Return what stands in the column ``name`` of Arrow type ``form``.

    Examples
    --------
    >>> kind_of("churn_annual", pa.float64()), kind_of("value", pa.decimal128(18, 4))
    ('percent', 'money')
    """
    if pa.types.is_boolean(form):
        return "flag"
    if pa.types.is_date(form):
        return "date"
    if pa.types.is_timestamp(form):
        return "moment"
    if pa.types.is_decimal(form):
        return "money"
    if pa.types.is_floating(form):
        return _of_fraction(name)
    return "number" if pa.types.is_integer(form) else "text"


def is_rate(name: str) -> bool:
    """Whether a column of fractions holds rates, 0 to 1."""
    return name in _RATES or bool(_RATE.search(name))


def _of_fraction(name: str) -> Kind:
    if is_rate(name):
        return "percent"
    return "money" if name in _MONEYS or _MONEY.search(name) else "number"
