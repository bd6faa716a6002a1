"""Customers: those behind a figure."""

from dashboard import address, blocks, data
from dashboard.session import look, say

chosen = look()
figure = address.held("figure") or "active_customers"
values = tuple(value for value in (address.held("values") or "").split(",") if value)
scope = chosen.scope
if tier := address.held("tier"):
    scope = (*scope, ("tier", (tier,)))
found = data.behind(
    chosen.home, chosen.version, chosen.refresh, scope, figure, values, chosen.as_of,
    chosen.compare, chosen.language,
)  # fmt: skip
rows = found.rows.slice(0, 300).to_pandas()
columns = {name: blocks.Column(label) for name, label in found.headings.items()}
blocks.table(say("page.customers.title"), rows, columns, key="customers")
