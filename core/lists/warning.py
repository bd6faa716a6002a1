"""Who is about to leave, which key accounts begin to slip, and why the lost were lost."""

from datetime import date

import ibis.expr.types as ir

from core.figures import evidence as seen
from core.figures import losses
from core.i18n import translate
from core.lists.work_list import PERSON, WorkList
from core.metrics.at_risk import REASONS
from core.metrics.early_warning import SIGNS
from core.view import View


def customers_at_risk(view: View, day: date) -> ir.Table:
    """Return ``at_risk`` of the view."""
    return seen.customers_at_risk(view, day, view.is_on_margin(day))


def key_accounts_slipping(view: View, day: date) -> ir.Table:
    """Return the key accounts that give a warning."""
    found = seen.key_accounts(view, day, view.is_on_margin(day))
    return found.filter(found.is_warned)


def lost_causes(view: View, day: date) -> ir.Table:
    """Return who was active 12 months before and is lost, with the cause."""
    opening = lost_from(view, day)
    is_on_margin = view.is_on_margin(opening, day)
    lost = losses.lost_since(view, opening, day, is_on_margin)
    found = losses.lost_with_causes(view, lost, opening, day)
    lines = view.all_lines(day).select("customer_key", "tier_name", "branch", "manager")
    found = found.drop("last_business_on").rename(noted_on="evidence_on")
    return found.left_join(lines, "customer_key").drop("customer_key_right")


def lost_from(view: View, day: date) -> date:
    """Return the ledger day since which the lost are listed: 12 months before, or the first."""
    return seen.about_a_year_before(view, day) or view.days[0]


def _since(view: View, day: date, language: str) -> list[str]:
    notes = [translate("list.note.lost_since", language, day=lost_from(view, day))]
    absent = [table for table in losses.CAUSE_TABLES if not view.ledger.has(table)]
    if absent:
        tables = ", ".join(absent)
        notes.append(translate("list.note.causes_unseen", language, tables=tables))
    return notes


def _unseen_reasons(view: View, day: date, language: str) -> list[str]:
    return _left_out(seen.unseen(view, day, REASONS), language)


def _unseen_signs(view: View, day: date, language: str) -> list[str]:
    return _left_out(seen.unseen(view, day, SIGNS), language)


def _left_out(codes: list[str], language: str) -> list[str]:
    if not codes:
        return []
    comma = "、" if language == "zh" else ", "
    reasons = comma.join(translate(f"list.reason.{code}", language) for code in codes)
    return [translate("list.note.left_out_reasons", language, reasons=reasons)]


LISTS = (
    WorkList(
        "at-risk", customers_at_risk,
        (*PERSON, "tier_name", "branch", "manager", "value", "value_at_risk", "reasons",
         "evidence_on", "last_on"),
        ("value",), is_call_list=True, reasons=REASONS, notes=_unseen_reasons,
    ),
    WorkList(
        "early-warning", key_accounts_slipping,
        (*PERSON, "tier_name", "tier_year_ago", "branch", "manager", "value", "value_year_ago",
         "first_sign_on", "reasons", "evidence_on", "last_on"),
        ("value",), is_call_list=True, reasons=SIGNS, notes=_unseen_signs,
    ),
    WorkList(
        "lost-causes", lost_causes,
        (*PERSON, "tier_name", "branch", "manager", "value_lost", "lost_on", "last_on", "side",
         "cause", "evidence", "noted_on", "is_controllable", "may_contact"),
        ("value_lost",), notes=_since,
    ),
)  # fmt: skip
