"""What the page of work lists finds: which lists there are, and what each says in one line."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute
import streamlit as st

from core.lists import LISTS
from dashboard import address, data_tables, filters, numbers, tables
from dashboard.data import Listing
from dashboard.session import Look, plain, say

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
# What a manager does with them: work off today, keep an eye on, decide. Win-back has its own page.
GROUPS = {
    "watch": ("at-risk", "early-warning", "migrating", "silent"),
    "today": ("overdue", "expected", "complaints-open", "promises-broken", "leads-dormant"),
    "decide": (
        "dependency", "dependency-customers", "lost-causes", "negative-value", "indicators",
    ),
}  # fmt: skip
# The money that a list is about; those of single matters count a customer as often as it has one.
WORTH = {
    "at-risk": "value_at_risk", "lost-causes": "value_lost", "migrating": "value_then",
    "early-warning": "value", "silent": "value", "overdue": "value", "expected": "value",
    "dependency": "value", "dependency-customers": "value", "negative-value": "value",
}  # fmt: skip
# What is shown first, where the order of the command line is not that of reading.
COLUMNS = {
    "at-risk": (
        "customer_id", "name", "tier_name", "value", "value_at_risk", "manager", "reasons",
        "branch", "last_on",
    ),
    "early-warning": (
        "customer_id", "name", "tier_name", "value", "manager", "reasons", "tier_year_ago",
        "value_year_ago", "branch", "last_on",
    ),
}  # fmt: skip


def chosen_list() -> str:
    """Draw the choice of a group and of a list in it; return the list. The address names it."""
    group_of = {key: group for group, keys in GROUPS.items() for key in keys}
    at, group_at = address.choice_key("list"), address.choice_key("group")
    before = st.session_state.get(at)
    if (unknown := address.asked("list", tuple(group_of))) is not None:
        st.warning(plain(say("filter.dropped", names=f"{say('page.lists.title')} “{unknown}”")))
    if (key := st.session_state.get(at)) != before and key in group_of:
        st.session_state[group_at] = group_of[key]
    with st.container(horizontal=True, gap="medium"):
        group = filters.choice(
            "group", tuple(GROUPS), lambda code: say(f"lists.group.{code}"),
            title=say("lists.groups"), is_written=False,
        )  # fmt: skip
        chosen = filters.choice(
            "list", GROUPS[group], lambda code: say(f"lists.name.{code}"),
            title=say("page.lists.title"),
        )  # fmt: skip
    if group != next(iter(GROUPS)):
        address.want("list", chosen)  # the first of another group, too: it implies the group
    return chosen


def restrictions(key: str, found: Listing, staff: Mapping[str, str]) -> dict[str, str]:
    """Draw the choices that narrow a list, by reason and by manager; return what they chose."""
    wanted: dict[str, str] = {}
    if LISTS[key].reasons and found.rows.num_rows:
        there = set(pc.unique(found.rows["reason_codes"].combine_chunks().flatten()).to_pylist())
        reasons = [code for code in LISTS[key].reasons if code in there]
        label, title = (lambda code: say(f"list.reason.{code}")), say("list.column.reason")
        if (reason := filters.pick("reason", reasons, label, title=title)) is not None:
            wanted["reason_codes"] = reason
    if "manager" in found.headings:
        named = set(pc.unique(found.rows["manager"]).to_pylist())
        codes = sorted(code for code, name in staff.items() if name in named)
        title = say("filter.manager")
        if codes and (code := filters.pick("of", codes, staff.__getitem__, title=title)):
            wanted["manager"] = staff[code]
    return wanted


def narrowed(rows: pa.Table, wanted: Mapping[str, str]) -> pa.Table:
    """Return the rows of a list that the choices leave."""
    return data_tables.arranged(rows, only=tuple(wanted.items())).rows if wanted else rows


def title(look: Look, key: str, found: Listing, rows: pa.Table) -> str:
    """Say how many stand in a list and what they are worth."""
    n = numbers.whole(rows.num_rows, look.language)
    if key not in WORTH:
        return say(f"lists.finding.{key}", n=n)
    if found.title != LISTS[key].title(look.language):
        return f"{found.title}: {n}"  # without margins it is another list
    value = tables.total(rows, WORTH[key])
    worth = numbers.short_money(value, look.currency, look.language)
    return say(f"lists.finding.{key}", n=n, value=worth)


def columns(key: str) -> Sequence[str]:
    """Return the columns of a list in order; none: those of the list."""
    return COLUMNS.get(key, ())
