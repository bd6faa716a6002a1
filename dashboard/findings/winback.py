"""What the win-back page finds: the lost who were worth most, and how many return unasked."""

import pandas as pd

from dashboard import numbers
from dashboard.blocks import Column
from dashboard.data import WorkRows
from dashboard.findings import words
from dashboard.session import Look, say

CARDS = ("lost_customers", "lost", "churn_value", "reactivation")


def table(look: Look, found: WorkRows, names: str) -> tuple[str, pd.DataFrame, dict[str, Column]]:
    """Return the lost by what they were worth."""
    rows = words.listed(found.rows, names)
    columns = words.columns(
        found,
        {
            "customer_id": "text", "name": "text", "tier_name": "text", "value_lost": "number",
            "last_on": "date", "lost_on": "date", "silence_days": "number",
            "return_rate": "percent", "return_n": "number", "branch": "text", "manager": "text",
        },
        look.currency,
    )  # fmt: skip
    title = say(
        "winback.title", shown=numbers.whole(len(rows), look.language),
        n=numbers.whole(found.total, look.language),
        value=numbers.short_money(float(rows.value_lost.sum()), look.currency, look.language),
    )  # fmt: skip
    return title, rows, words.present(rows, columns)
