"""What the win-back page finds: the lost who were worth most, and how many return unasked."""

import pyarrow as pa

from dashboard import numbers, tables
from dashboard.session import Look, say

CARDS = ("lost_customers", "lost", "churn_value", "reactivation")
COLUMNS = (
    "customer_id", "name", "tier_name", "value_lost", "last_on", "lost_on", "silence_days",
    "return_rate", "return_n", "manager", "branch",
)  # fmt: skip


def title(look: Look, rows: pa.Table) -> str:
    """Say how many were lost and what they had brought."""
    return say(
        "winback.title", n=numbers.whole(rows.num_rows, look.language),
        value=numbers.short_money(
            tables.total(rows, "value_lost"), look.currency, look.language
        ),
    )  # fmt: skip
