"""Whom to get in touch with soon, on no day of its own: for risk, for cadence, by a playbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from core import engine
from core.definitions import TIERS
from core.figures import evidence
from core.figures.pyramid import customers_by_kind, why_no_kinds
from core.metrics import at_risk as risk
from core.metrics.at_risk import UPPER
from core.metrics.follow_up import last_reached
from core.periods import is_month_end, window_start
from core.view import View

# Reasons of risk that call somebody. Complaints and promises have cards of their own; a fall of
# tier is half of it chance, and warns nobody.
CALLING = ("overdue", "low_survey", "missed_appointment", "handler_left")
REASONS = (*CALLING, "contact_gap")
NEGATIVE = "negative_value"
PLAY_DAYS = 90  # a play without a cadence of its own comes up once in so many days


@dataclass(frozen=True)
class OnBoard:
    """A play that makes cards: for whom (``tier`` null: all others of the kind), how often."""

    id: str
    kind: str
    tier: str | None
    within_days: int | None = None

    @property
    def every_days(self) -> int:
        """Days in which a customer comes up once."""
        return self.within_days or PLAY_DAYS


def reached_active(view: View, day: date, today: date, is_on_margin: bool) -> ir.Table:
    """Return ``follow_up.last_reached`` of the active customers, with tier, value and scope."""
    lines = evidence.active_lines(view, day, is_on_margin)
    contacts = view.ledger.table("contacts")
    names = ("since_on", "tier", "value", "scope_key")
    return last_reached(lines, contacts, as_of=max(day, today), by=names)


def attention(
    view: View, day: date, today: date, until: date, reached: ir.Table, plays: Sequence[OnBoard]
) -> ir.Table:
    """Return who needs to be contacted, once each, whatever the reasons.

    Parameters
    ----------
    day
        The newest ledger day.
    reached
        ``reached_active``.
    plays
        Those that make cards; of a kind, the one of the tier goes before the one of all tiers.

    Returns
    -------
    One row per customer: ``customer_key``, ``value``, ``tier``, ``scope_key``, ``at_risk_on``,
    ``contact_gap_on``, ``play_on`` (dates since when; null: not for that), ``item`` (id of the
    play), ``answered_from`` and for each of ``REASONS`` a date ``<reason>_on``.
    """
    rows = reached.mutate(contact_gap_on=_gap_on(view, until, reached))
    risks = _risks(view, day, reached).rename(_risk="customer_key")
    rows = rows.left_join(risks, rows.customer_key == risks["_risk"]).drop("_risk")
    called = [_play(view, today, reached, play, plays) for play in plays if kinds_day(view)]
    if called:
        played = ibis.union(*called) if len(called) > 1 else called[0]
        # Who went over from one kind to another may be in two: the first play counts.
        played = played.group_by(_played="customer_key").agg(
            play_on=played.play_on.max(), item=played.item.min()
        )
        rows = rows.left_join(played, rows.customer_key == played["_played"]).drop("_played")
    else:
        rows = rows.mutate(play_on=ibis.null("date"), item=ibis.null("string"))
    is_wanted = rows.at_risk_on.notnull() | rows.contact_gap_on.notnull() | rows.play_on.notnull()
    # Whoever reaches the customer after the last time answers it, for whatever reason.
    last = ibis.coalesce(rows.last_reached_on, rows.since_on, ibis.literal(day))
    rows = rows.mutate(answered_from=_plus(last, ibis.literal(1))).filter(is_wanted)
    return rows.drop("since_on", "last_reached_on", "contact_age_days")


def kinds_day(view: View) -> date | None:
    """Return the last day at which kinds can be told: month-ends alone have a year before."""
    closed = [day for day in view.days if is_month_end(day)]
    return closed[-1] if closed and why_no_kinds(view, closed[-1]) is None else None


def kinds_now(view: View, day: date) -> ir.Table:
    """Return the active customers with their ``kind`` at ``day``, one of ``kinds_day``.

    Who costs more than they bring in is of ``NEGATIVE``, whatever kind they are otherwise.
    """
    year_ago = view.year_before(day) or day
    is_on_margin = view.is_on_margin(year_ago, day)
    found = customers_by_kind(view, day, year_ago, is_on_margin, ("tier_name", "is_active"))
    found = found.filter(found.is_active)
    kind = (found.value < 0).ifelse(NEGATIVE, found.kind)
    return found.select("customer_key", "tier_name", "value", kind=kind)


def _risks(view: View, day: date, reached: ir.Table) -> ir.Table:
    """Return customers of the upper tiers with a reason that nobody has talked about since."""
    upper = evidence.active_lines(view, day, view.is_on_margin(day))
    upper = upper.filter(upper.tier <= len(UPPER))
    late = evidence.overdue_customers(view, day, upper)
    found = {"overdue": late.select("customer_key", evidence_on="overdue_on")}
    if (surveys := evidence.brought(view, "surveys")) is not None:
        asked = surveys.semi_join(upper, "customer_key")
        found["low_survey"] = risk.with_low_survey(asked, as_of=day)
    if (missed := evidence.brought(view, "appointments")) is not None:
        missed = missed.semi_join(upper, "customer_key")
        found["missed_appointment"] = risk.with_missed_appointment(missed, upper, as_of=day)
    since = window_start(day, risk.MONTHS)
    if view.ledger.has("employees") and evidence.has_departed(view, since, day):
        gone = evidence.departed(view, since, day, upper)
        found["handler_left"] = risk.with_handler_gone(gone, as_of=day)
    rows = risk.signs(found, CALLING, upper).semi_join(upper, "customer_key")
    never = ibis.literal(date(1, 1, 1))
    latest = ibis.greatest(*[rows[f"{reason}_on"].fill_null(never) for reason in CALLING])
    rows = rows.mutate(at_risk_on=latest)
    last = reached.select(_who="customer_key", _last="last_reached_on")
    rows = rows.left_join(last, rows.customer_key == last["_who"])
    rows = rows.filter(~(rows["_last"] >= rows.at_risk_on).fill_null(False))
    rows = rows.select("customer_key", "at_risk_on", *[f"{reason}_on" for reason in CALLING])
    return engine.kept(view.ledger.con, rows)


def _gap_on(view: View, until: date, reached: ir.Table) -> ir.DateValue:
    """Return the day on which the cadence of the tier asks to contact a customer.

    Counted from the last contact that reached them, or since they became customers; null where
    that is after ``until``, or where it is not known who was contacted.
    """
    cadence = {
        TIERS.index(tier) + 1: days for tier, days in view.definitions.care_every_days.items()
    }
    if not cadence or not view.ledger.has("contacts"):
        return ibis.null("date")
    every = reached.tier.cases(*cadence.items(), else_=ibis.null("int64"))
    due_on = _plus(ibis.coalesce(reached.last_reached_on, reached.since_on), every)
    return (due_on <= until).ifelse(due_on, ibis.null("date"))


def _play(
    view: View, today: date, reached: ir.Table, play: OnBoard, plays: Sequence[OnBoard]
) -> ir.Table:
    """Return the customers of a play whom nobody reached within its days."""
    found = _kinds(view)
    found = found.filter(found.kind == play.kind)
    tiers = [each.tier for each in plays if each.kind == play.kind and each.tier]
    wanted = [play.tier] if play.tier else [tier for tier in TIERS if tier not in tiers]
    found = found.filter(found.tier_name.isin(wanted))
    # Days are counted from one day for all, so that a card keeps its name while it stands.
    round_on = date.fromordinal(today.toordinal() - today.toordinal() % play.every_days)
    rows = reached.semi_join(found, "customer_key")
    is_recent = (rows.last_reached_on >= round_on).fill_null(False)
    return rows.filter(~is_recent).select(
        "customer_key", play_on=ibis.literal(round_on), item=ibis.literal(play.id)
    )


def _kinds(view: View) -> ir.Table:
    """Return ``kinds_now`` at the last day that has them, worked out once for the view."""
    place = ("kinds now",)
    if place not in view.known:
        found = kinds_now(view, kinds_day(view) or view.days[-1])
        view.known[place] = engine.kept(view.ledger.con, found)
    return view.known[place]


def _plus(day: ir.DateValue, days: ir.IntegerValue) -> ir.DateValue:
    return (day + days.as_interval("D")).cast("date")
