"""Care board: whom to look after this week, the month's plan, contacts, plans, playbooks."""

from dashboard import filters
from dashboard.sections import care_contacts, care_month, care_plans, care_plays, care_week
from dashboard.session import look, say

SECTIONS = {
    "week": care_week.show,
    "month": care_month.show,
    "contacts": care_contacts.show,
    "plans": care_plans.show,
    "playbooks": care_plays.show,
}
section = filters.choice(
    "section", tuple(SECTIONS), lambda code: say(f"care.section.{code}"),
    title=say("care.sections"),
)  # fmt: skip
SECTIONS[section](look())
