"""Which work lists there are, what stands in each, and how to get one.

Metrics give customer keys; the company's own ids and names are joined here, at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.errors import UnknownFigure
from core.i18n import translate
from core.lists import care, sources
from core.metrics.at_risk import REASONS
from core.view import View

PERSON = ("customer_id", "name")


@dataclass(frozen=True)
class WorkList:
    """One list: its columns in order, the tables without which it is empty, how it is sorted.

    ``build`` gives the rows of a view at a ledger day. Lists of people to call leave out those
    who do not want to be contacted.
    """

    key: str
    build: Callable[[View, date], ir.Table]
    columns: tuple[str, ...]
    order: tuple[str, ...]  # the greatest first; ties by ``ids``
    ids: tuple[str, ...] = ("customer_id",)
    tables: tuple[str, ...] = ()
    is_call_list: bool = False

    def title(self, language: str, is_on_margin: bool = True) -> str:
        """Return the name of the list; without margins some lists are called otherwise."""
        return _text(self.key, "title", language, is_on_margin)

    def about(self, language: str, is_on_margin: bool = True) -> str:
        """Return what stands in the list."""
        return _text(self.key, "about", language, is_on_margin)

    def headings(self, language: str) -> dict[str, str]:
        """Return the heading of each column."""
        return {name: translate(f"list.column.{name}", language) for name in self.columns}


_LISTS = (
    WorkList(
        "at-risk", sources.customers_at_risk,
        (*PERSON, "tier_name", "branch", "manager", "value", "value_at_risk", "reasons",
         "evidence_on", "last_on"),
        ("value",), is_call_list=True,
    ),
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
)  # fmt: skip
LISTS: dict[str, WorkList] = {each.key: each for each in _LISTS}


def rows(view: View, key: str, *, as_of: date | None = None, top: int | None = None) -> pa.Table:
    """Return the rows of a list, the most valuable first.

    Parameters
    ----------
    key
        One of ``LISTS``.
    as_of
        A ledger day; null for the last closed month-end.
    top
        Number of rows; null for all.

    Returns
    -------
    The columns of the list; money as decimals. In ``at-risk``, ``reasons`` (codes of
    ``at_risk.REASONS``) and ``evidence_on`` (dates) are lists of equal length. Equal values are in
    the order of the company's own ids. Empty where a table that it needs was not brought.

    Raises
    ------
    UnknownFigure
        If there is no such list, or no ledger at that day.
    """
    chosen = _chosen(key)
    day = view.ledger_day(as_of)
    found = _named(view, _callable_rows(view, chosen, day))
    descending = [_descending(found, name) for name in chosen.order]
    ordered = found.order_by([*descending, *(found[i].asc() for i in chosen.ids)])
    if missing(view, key):
        ordered = ordered.limit(0)
    elif top is not None:
        ordered = ordered.limit(top)
    table = ordered.to_pyarrow()
    if "reasons" in chosen.columns:
        table = _with_reasons(table)
    return table.select(chosen.columns)


def counts(view: View, key: str, as_of: date | None = None) -> int:
    """Return how many rows a list has."""
    chosen = _chosen(key)
    if missing(view, key):
        return 0
    return engine.count(_callable_rows(view, chosen, view.ledger_day(as_of)))


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
        left_out = engine.count(chosen.build(view, day)) - counts(view, key, day)
        if left_out:
            found.append(translate("list.note.not_to_contact", language, n=left_out))
    if key == "at-risk" and (unseen := set(REASONS) - set(sources.evidence(view, day))):
        names = [translate(f"list.reason.{r}", language) for r in REASONS if r in unseen]
        comma = "、" if language == "zh" else ", "
        reasons = comma.join(names)
        found.append(translate("list.note.left_out_reasons", language, reasons=reasons))
    if key == "leads-dormant" and view.scope:
        found.append(translate("list.note.in_scope_only", language))
    return found


def _chosen(key: str) -> WorkList:
    if key not in LISTS:
        raise UnknownFigure("list", found=key, known=", ".join(LISTS))
    return LISTS[key]


def _text(key: str, part: str, language: str, is_on_margin: bool) -> str:
    if key == "negative-value" and not is_on_margin:
        part += "_net"
    return translate(f"list.{key}.{part}", language)


def _callable_rows(view: View, chosen: WorkList, day: date) -> ir.Table:
    """Return the rows of a list; without those whom it would have called against their wish."""
    found = chosen.build(view, day)
    if not chosen.is_call_list or not view.ledger.has("customers"):
        return found
    customers = view.ledger.table("customers")
    refused = customers.filter(~customers.may_contact.fill_null(True))
    return found.anti_join(refused, "customer_key")


def _named(view: View, found: ir.Table) -> ir.Table:
    """Add the company's own ids and the names of customers and employees."""
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


def _with_reasons(table: pa.Table) -> pa.Table:
    """Gather the dates of the single reasons into a list of codes and a list of dates."""
    days = [table[f"{reason}_on"].to_pylist() for reason in REASONS]
    codes, dates = [], []
    for of_customer in zip(*days, strict=True):
        known = [(r, d) for r, d in zip(REASONS, of_customer, strict=True) if d is not None]
        codes.append([reason for reason, _ in known])
        dates.append([day for _, day in known])
    table = table.drop_columns(["reasons"])
    table = table.append_column("reasons", pa.array(codes, pa.list_(pa.string())))
    return table.append_column("evidence_on", pa.array(dates, pa.list_(pa.date32())))
