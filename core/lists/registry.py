"""Which work lists there are, what stands in each, and how to get one.

Metrics give customer keys; the company's own ids and names are joined here, at the end.
"""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from core import engine
from core.errors import UnknownFigure
from core.i18n import translate
from core.lists import care, expected, kinds, silent, sources, warning
from core.lists.work_list import PERSON, WorkList
from core.view import View

_LISTS = (
    WorkList(
        "win-back", sources.lost_to_win_back,
        (*PERSON, "tier_name", "branch", "manager", "value_lost", "last_on", "lost_on",
         "silence_days", "silence_band", "return_rate", "return_n"),
        ("value_lost",), is_call_list=True,
    ),
    WorkList(
        "dependency", sources.dependency_by_employee,
        ("employee_id", "employee", "branch", "has_left", "customers", "uses_nobody_else",
         "value", "branch_value", "share_of_branch"),
        ("value",), ids=("employee_id",), tables=("contacts",),
    ),
    WorkList(
        "dependency-customers", sources.dependents,
        (*PERSON, "tier_name", "branch", "value", "employee_id", "employee", "events",
         "own_events", "own_share", "own_last_on", "knows_nobody_else", "may_contact"),
        ("value",), tables=("contacts",),
    ),
    WorkList(
        "negative-value", sources.negative_value_customers,
        (*PERSON, "tier_name", "branch", "is_active", "value", "gross", "discount", "returned",
         "cost", "service_cost", "contract", "may_contact"),
        ("-value",),
    ),
    WorkList(
        "overdue", care.overdue_list,
        (*PERSON, "tier_name", "branch", "manager", "value", "last_on", "silence_days",
         "median_gap_days", "threshold_days", "overdue_on"),
        ("value",), is_call_list=True,
    ),
    WorkList(
        "complaints-open", care.complaints_list,
        (*PERSON, "tier_name", "value", "complaint_id", "branch", "opened_on", "waiting_since",
         "age_days", "response_hours", "category", "cause", "severity"),
        ("value", "age_days"), ids=("customer_id", "complaint_id"), tables=("complaints",),
    ),
    WorkList(
        "promises-broken", care.promises_list,
        (*PERSON, "tier_name", "branch", "value", "promise_id", "kind", "employee_id", "employee",
         "promised_on", "due_on", "kept_on", "late_days"),
        ("value", "late_days"), ids=("customer_id", "promise_id"), tables=("promises",),
    ),
    WorkList(
        "leads-dormant", care.leads_list,
        ("lead_id", *PERSON, "source", "employee_id", "employee", "product_id", "buyer_kind",
         "stage", "created_on", "last_touch_on", "untouched_days"),
        ("untouched_days",), ids=("lead_id",), tables=("leads",), is_call_list=True,
    ),
    WorkList(
        "expected", expected.expected_list,
        (*PERSON, "tier_name", "branch", "manager", "value", "last_on", "gap_days", "gap_basis",
         "expected_on"),
        ("value",), is_call_list=True,
    ),
)  # fmt: skip
LISTS: dict[str, WorkList] = {
    each.key: each for each in (*warning.LISTS, *kinds.LISTS, *_LISTS, *silent.LISTS)
}


def rows(
    view: View, key: str, *, as_of: date | None = None, top: int | None = None,
    is_keyed: bool = False,
) -> pa.Table:  # fmt: skip
    """Return the rows of a list, the most valuable first.

    Parameters
    ----------
    key
        One of ``LISTS``.
    as_of
        A ledger day; null for the last closed month-end.
    top
        Number of rows; null for all.
    is_keyed
        Whether ``customer_key`` stands first, where rows are of customers.

    Returns
    -------
    The columns of the list; money as decimals. ``reasons`` (codes) and ``evidence_on`` (dates) are
    lists of equal length. Equal values are in the order of the company's own ids. Empty where a
    table that it needs was not brought.

    Raises
    ------
    UnknownFigure
        If there is no such list, or no ledger at that day.
    """
    chosen = _chosen(key)
    day = view.ledger_day(as_of)
    if missing(view, key):
        top = 0
    found = _worked_out(view, chosen, day)
    found = _to_show(found)
    if top is not None:
        # Only those who will stand in the list are named; equals are told apart by their ids.
        place = ibis.rank().over(order_by=[_descending(found, name) for name in chosen.order])
        found = found.mutate(_place=place).filter(ibis._["_place"] < top).drop("_place")
    found = named(view, found)
    descending = [_descending(found, name) for name in chosen.order]
    ordered = found.order_by([*descending, *(found[i].asc() for i in chosen.ids)])
    table = (ordered if top is None else ordered.limit(top)).to_pyarrow()
    if chosen.reasons:
        table = with_reasons(table, chosen.reasons)
    is_keyed = is_keyed and "customer_key" in table.column_names
    return table.select(("customer_key", *chosen.columns) if is_keyed else chosen.columns)


def counts(view: View, key: str, as_of: date | None = None) -> int:
    """Return how many rows a list has."""
    chosen = _chosen(key)
    if missing(view, key):
        return 0
    found = _worked_out(view, chosen, view.ledger_day(as_of))
    return engine.count(_to_show(found))


def missing(view: View, key: str) -> list[str]:
    """Return the tables that a list needs and the company did not bring.

    Dependence can be told from orders alone where they name who served.
    """
    chosen = _chosen(key)
    absent = [table for table in chosen.tables if not view.ledger.has(table)]
    if absent == ["contacts"] and key.startswith("dependency"):
        served = view.ledger.table("orders").employee_id
        return [] if served.count().to_pyarrow().as_py() else absent
    return absent


def title(view: View, key: str, language: str, as_of: date | None = None) -> str:
    """Return the name of a list as it is to be called in this view."""
    return _chosen(key).title(language, view.is_on_margin(view.ledger_day(as_of)))


def notes(view: View, key: str, language: str, as_of: date | None = None) -> list[str]:
    """Return what a reader of a list must know: what is missing, left out, or meant by value."""
    chosen = _chosen(key)
    if absent := missing(view, key):
        return [translate("list.note.no_tables", language, tables=", ".join(absent))]
    day = view.ledger_day(as_of)
    found = []
    if any("value" in column for column in chosen.columns):
        basis = "on_margin" if view.is_on_margin(day) else "on_net"
        found.append(translate(f"list.note.{basis}", language))
    if chosen.is_call_list:
        listed = _worked_out(view, chosen, day)
        for mark, note in (("is_refused", "not_to_contact"), ("is_held_out", "held_out")):
            if left_out := engine.count(listed.filter(listed[mark])):
                found.append(translate(f"list.note.{note}", language, n=left_out))
    if chosen.notes is not None:
        found += chosen.notes(view, day, language)
    if key == "leads-dormant" and view.scope:
        found.append(translate("list.note.in_scope_only", language))
    return found


def _chosen(key: str) -> WorkList:
    if key not in LISTS:
        raise UnknownFigure("list", found=key, known=", ".join(LISTS))
    return LISTS[key]


def _worked_out(view: View, chosen: WorkList, day: date) -> ir.Table:
    """Return the rows of a list, worked out once for a view and a day.

    ``is_refused`` marks those whom the list would have called against their wish, ``is_held_out``
    others who are controls of an open wave.
    """
    place = (chosen.key, day)
    if place not in view.known:
        found = chosen.build(view, day)
        if chosen.is_call_list:
            for mark, left_out in (
                ("is_refused", view.ledger.not_to_contact()),
                ("is_held_out", view.ledger.noted("held_out")),
            ):
                left_out = left_out.select(_key="customer_key")
                found = found.left_join(left_out, found.customer_key == left_out["_key"])
                found = found.mutate(**{mark: found["_key"].notnull()}).drop("_key")
            found = found.mutate(is_held_out=found.is_held_out & ~found.is_refused)
        else:
            found = found.mutate(is_refused=ibis.literal(False), is_held_out=ibis.literal(False))
        view.known[place] = engine.kept(view.ledger.con, found)
    return view.known[place]


def _to_show(found: ir.Table) -> ir.Table:
    return found.filter(~found.is_refused & ~found.is_held_out).drop("is_refused", "is_held_out")


def named(view: View, found: ir.Table) -> ir.Table:
    """Add the company's own ids and the names of customers and employees to rows of either."""
    if "customer_key" in found.columns:
        ids = view.ledger.persons("customer_ids").select(
            _key="customer_key", customer_id="customer_id"
        )
        persons = view.ledger.persons("customers").select(_person="customer_key", name="name")
        customers = view.ledger.table("customers")
        # Customers found to be one and the same have a row each.
        customers = customers.group_by(_known="customer_key").agg(
            may_contact=customers.may_contact.all()
        )
        found = found.left_join(ids, found.customer_key == ids["_key"])
        found = found.left_join(persons, found.customer_key == persons["_person"])
        found = found.left_join(customers, found.customer_key == customers["_known"])
        found = found.drop("_key", "_person", "_known")
    if "employee_id" in found.columns and "employee" not in found.columns:
        staff = view.ledger.table("employees").select(_staff="employee_id", employee="name")
        found = found.left_join(staff, found.employee_id == staff["_staff"]).drop("_staff")
    if "uses_nobody_else" in found.columns and "customer_key" in found.columns:
        found = found.rename(knows_nobody_else="uses_nobody_else")
    return found


def _descending(found: ir.Table, name: str) -> ir.Value:
    if name.startswith("-"):
        return found[name[1:]].asc(nulls_first=False)
    return found[name].desc(nulls_first=False)


def with_reasons(table: pa.Table, reasons: tuple[str, ...]) -> pa.Table:
    """Gather the dates ``<reason>_on`` into lists of codes (``reasons``) and ``evidence_on``."""
    days = [table[f"{reason}_on"].combine_chunks() for reason in reasons]
    has_it = np.stack([day.is_valid().to_numpy(zero_copy_only=False) for day in days], axis=1)
    row, which = np.nonzero(has_it)  # by row, then in the order of the reasons
    ends = np.concatenate([[0], np.cumsum(has_it.sum(axis=1))]).astype(np.int32)
    codes = pa.array(reasons).take(pa.array(which))
    every = pa.concat_arrays(days).take(pa.array(which * table.num_rows + row))
    table = table.drop_columns(["reasons"])
    table = table.append_column("reasons", pa.ListArray.from_arrays(pa.array(ends), codes))
    return table.append_column("evidence_on", pa.ListArray.from_arrays(pa.array(ends), every))
