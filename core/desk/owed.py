"""What is owed to customers on a day: answers to complaints, promises, key dates."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from core import engine
from core.desk.cards import LEAD_DAYS
from core.figures.evidence import brought
from core.metrics import due_dates
from core.metrics.complaints import open_complaints
from core.periods import window_start
from core.store.joined import OURS
from core.view import View

MONTHS = 12  # a promise broken longer ago is history
_LONGEST_LEAD = max(LEAD_DAYS.values())


def owed(view: View, day: date, today: date, until: date, reached: ir.Table) -> list[ir.Table]:
    """Return what is due by ``until``: complaints, promises and key dates that the books know.

    Parameters
    ----------
    day
        The newest ledger day.
    reached
        ``follow_up.last_reached`` of the active customers.

    Returns
    -------
    Tables with one row per card: ``source``, ``kind``, ``customer_key``, ``employee_id`` (who
    promised, if still there), ``due_on``, ``until_on``, ``answered_from`` (dates), ``detail``,
    ``item``.
    """
    found = []
    if (complaints := brought(view, "complaints")) is not None:
        found.append(_complaints(view, complaints, day, until))
    if (promises := brought(view, "promises")) is not None:
        found.append(_promises(view, promises, today, until))
    if (dates := brought(view, "key_dates")) is not None:
        found.append(_key_dates(view, dates, day, today, until, reached))
    if (birthdays := _birthdays(view, today, until, reached)) is not None:
        found.append(birthdays)
    return found


def _complaints(view: View, complaints: ir.Table, day: date, until: date) -> ir.Table:
    """Return the complaints that are or will be open for too long."""
    rows = open_complaints(complaints, as_of=day)
    within = ibis.interval(days=view.definitions.complaint_within_days)
    rows = rows.mutate(_due=(rows.waiting_since + within).cast("date"))
    rows = rows.filter((rows["_due"] <= until) & rows.customer_key.notnull())
    return rows.select(
        "customer_key",
        source=ibis.literal("complaint:") + rows.complaint_id,
        kind=ibis.literal("complaint"),
        employee_id=ibis.null("string"),
        due_on="_due",
        until_on=ibis.null("date"),
        answered_from=ibis.null("date"),
        detail="category",
        item="complaint_id",
    )


def _promises(view: View, promises: ir.Table, today: date, until: date) -> ir.Table:
    """Return the promises that the company brought and that nobody has kept yet.

    Those made here are read from the store with each run.
    """
    is_open = promises.kept_on.isnull() | (promises.kept_on > today)
    in_time = (promises.due_on >= window_start(today, MONTHS)) & (promises.due_on <= until)
    rows = promises.filter(is_open & in_time & (promises.promised_on <= today))
    rows = rows.filter(~rows.promise_id.startswith(OURS) & rows.customer_key.notnull())
    return rows.select(
        "customer_key",
        source=ibis.literal("promise:") + rows.promise_id,
        kind=ibis.literal("promise"),
        employee_id="employee_id",
        due_on="due_on",
        until_on="promised_on",
        answered_from=ibis.null("date"),
        detail=rows.kind,
        item="promise_id",
    )


def _key_dates(
    view: View, dates: ir.Table, day: date, today: date, until: date, reached: ir.Table
) -> ir.Table:
    """Return the key dates of active customers about which somebody has to get in touch.

    Left out are those that business with the same category has answered already, and those before
    which somebody reached the customer in time.
    """
    last = until + timedelta(days=_LONGEST_LEAD)
    is_known = dates.known_on.isnull() | (dates.known_on <= day)
    products = brought(view, "products")
    due = due_dates.due_dates(
        dates.filter(is_known), products, since=today, as_of=last, within_days=0
    )
    due = due.mutate(_first=_call_on(due)).filter(lambda t: t["_first"] <= until)
    due = due.semi_join(reached, "customer_key")  # the active
    due = engine.kept(view.ledger.con, due)
    lines = view.ledger.has("order_lines")
    since = today - timedelta(days=due_dates.DAYS_BEFORE)
    bought = (view.purchase_lines if lines else view.purchases)(day, since)
    contracts = brought(view, "contracts")
    done = due_dates.business_of(bought, contracts, products, as_of=day)
    # Business of which it is not known what it was answers no reminder.
    done = done.filter(done.matches.notnull())
    kept = due_dates.kept_dates(due, done, as_of=day)
    kept = kept.mutate(is_kept=kept.is_kept & kept.matches.notnull())
    rows = kept.filter(~kept.is_kept)
    return _unanswered(rows, reached, ibis.literal("key_date:") + rows.key_date_id, "kind")


def _birthdays(view: View, today: date, until: date, reached: ir.Table) -> ir.Table | None:
    """Return the birthdays of active customers; 29 February is kept on 28 in other years."""
    days = [today + timedelta(days=n) for n in range((until - today).days + 1)]
    places = {each.month * 100 + each.day: each for each in days}
    for each in days:
        is_last = (each + timedelta(days=1)).month == 3
        if each.month == 2 and each.day == 28 and is_last:
            places[229] = each
    persons = view.ledger.persons("customers")
    born = persons.select(
        "customer_key", _place=persons.birthday.month() * 100 + persons.birthday.day()
    )
    if (dates := brought(view, "key_dates")) is not None:
        named = dates.filter(dates.kind == "birthday")
        place = named.due_on.month() * 100 + named.due_on.day()
        born = born.union(named.select("customer_key", _place=place))
    born = born.filter(born["_place"].isin(list(places))).distinct()
    born = born.semi_join(reached, "customer_key")
    due_on = born["_place"].cases(*places.items(), else_=ibis.null("date"))
    # One who has two birthdays in these days, by two sources, has one.
    rows = born.mutate(due_on=due_on, kind=ibis.literal("birthday"), _first=due_on)
    rows = rows.group_by("customer_key", "kind").agg(
        due_on=rows.due_on.min(), _first=rows["_first"].min()
    )
    rows = rows.mutate(key_date_id=ibis.null("string"))
    year = rows.due_on.year().cast("string")
    source = ibis.literal("birthday:") + rows.customer_key.cast("string") + ":" + year
    return _unanswered(rows, reached, source, "kind")


def _call_on(rows: ir.Table) -> ir.DateValue:
    lead = rows.kind.cases(*LEAD_DAYS.items(), else_=0)
    return (rows.due_on - lead.as_interval("D")).cast("date")


def _unanswered(rows: ir.Table, reached: ir.Table, source: ir.StringValue, detail: str) -> ir.Table:
    rows = rows.mutate(source=source)
    last = reached.select(_who="customer_key", _last="last_reached_on")
    rows = rows.left_join(last, rows.customer_key == last["_who"])
    rows = rows.filter(~(rows["_last"] >= rows["_first"]).fill_null(False))
    return rows.select(
        "source",
        "customer_key",
        kind=ibis.literal("key_date"),
        employee_id=ibis.null("string"),
        until_on="due_on",
        due_on="_first",
        answered_from="_first",
        detail=detail,
        item="key_date_id",
    )
