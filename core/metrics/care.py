"""Care for customers: contacts that reached somebody, visits without content, gaps."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir


def contacts_made(
    contacts: ir.Table,
    contents: ir.Table | None = None,
    employees: ir.Table | None = None,
    *,
    since: date,
    as_of: date,
) -> ir.Table:
    """What came of each contact that took place from ``since`` to ``as_of``?

    A contact is *without content* if it reached the customer, yet nothing was written down, nothing
    was learned and no opportunity found. Where it is not known what was written (texts were not
    brought, or were erased with the person) and not known either whether anything was learned,
    nothing is said of it.

    Parameters
    ----------
    contacts, employees
        The company's contacts, and its employees if brought.
    contents
        ``contact_id`` and ``content`` of the contacts, kept apart from the facts; null if none.

    Returns
    -------
    One row per contact: ``contact_id``, ``customer_key``, ``employee_id``, ``team`` (branch of the
    employee; null: unknown), ``channel``, ``purpose``, ``contacted_on``, ``is_reached``,
    ``has_learned``, ``has_opportunity`` (null: not recorded), ``is_empty`` (null: not reached, or
    nothing known of it).
    """
    day = contacts.contacted_at.cast("date")
    rows = contacts.mutate(contacted_on=day).filter((day >= since) & (day <= as_of))
    if contents is None:
        rows = rows.mutate(_written=ibis.null("boolean"))
    else:
        has_text = (contents.content.strip().length() > 0).fill_null(False)
        texts = contents.select(_contact="contact_id", _written=has_text)
        rows = rows.left_join(texts, rows.contact_id == texts["_contact"]).drop("_contact")
    if employees is None:
        rows = rows.mutate(team=ibis.null("string"))
    else:
        staff = employees.select(_staff="employee_id", team="branch")
        rows = rows.left_join(staff, rows.employee_id == staff["_staff"]).drop("_staff")
    signs = (rows["_written"], rows.has_learned, rows.has_opportunity)
    any_sign = signs[0].fill_null(False) | signs[1].fill_null(False) | signs[2].fill_null(False)
    is_known = signs[0].notnull() | signs[1].notnull()
    judged = rows.is_reached.fill_null(False) & (is_known | any_sign)
    return rows.select(
        "contact_id", "customer_key", "employee_id", "team", "channel", "purpose", "contacted_on",
        "is_reached", "has_learned", "has_opportunity",
        is_empty=judged.ifelse(~any_sign, ibis.null("boolean")),
    )  # fmt: skip


def contact_quality(made: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many contacts reached somebody, and how many were for form's sake?

    Parameters
    ----------
    made
        ``contacts_made``.
    by
        Columns to tell apart: ``employee_id``, ``team``, ``channel``.

    Returns
    -------
    One row per ``by``: ``contacts``, ``reached``, ``learned``, ``opportunities``, ``judged``,
    ``empty`` (int64), ``reached_rate`` (of those where it was recorded), ``empty_rate`` (of the
    judged); 0 to 1, null where there are none.

    References
    ----------
    Definitions: contact_gap (visits without content apart).
    """

    def count(is_so: ir.BooleanValue) -> ir.IntegerScalar:
        return is_so.fill_null(False).sum().cast("int64").fill_null(0)

    sums = made.aggregate(
        by=list(by),
        contacts=made.count().cast("int64"),
        reached=count(made.is_reached),
        learned=count(made.has_learned),
        opportunities=count(made.has_opportunity),
        judged=made.is_empty.count().cast("int64"),
        empty=count(made.is_empty),
        _recorded=made.is_reached.count().cast("float64"),
    )
    return sums.mutate(
        reached_rate=sums.reached / sums["_recorded"].nullif(0),
        empty_rate=sums.empty.cast("float64") / sums.judged.cast("float64").nullif(0),
    ).drop("_recorded")


def contact_gap(
    lines: ir.Table, made: ir.Table, *, as_of: date, cadence_days: Mapping[str, int]
) -> ir.Table:
    """How many customers were due for a contact, and how many were really met?

    Every active customer of a tier with a cadence is due once within so many days. A contact that
    did not reach the customer is done, not a meeting.

    Parameters
    ----------
    lines
        Ledger lines at ``as_of``, with ``tier_name``.
    made
        ``contacts_made`` up to ``as_of``, of at least the longest cadence.
    cadence_days
        Tier name -> days within which one contact is due; tiers without one are not due.

    Returns
    -------
    One row per tier: ``tier_name``, ``due``, ``done``, ``reached``, ``learned``, ``opportunities``,
    ``gap`` (int64, customers; due less reached), ``reached_rate`` (of the due).

    References
    ----------
    Definitions: contact_gap.
    """
    cadence = lines.tier_name.cases(*cadence_days.items(), else_=ibis.null("int64"))
    due = lines.mutate(_days=cadence).filter(lines.is_active)
    due = due.filter(due["_days"].notnull()).select("customer_key", "tier_name", "_days")
    met = made.select(
        "contacted_on", _key="customer_key", _reached=made.is_reached.fill_null(False),
        _learned=made.has_learned.fill_null(False), _chance=made.has_opportunity.fill_null(False),
    )  # fmt: skip
    rows = due.left_join(met, due.customer_key == met["_key"])
    age = ibis.literal(as_of).delta(rows.contacted_on, unit="day")
    is_done = ((age >= 0) & (age < rows["_days"])).fill_null(False)
    each = rows.group_by("customer_key", "tier_name").agg(
        done=is_done.any(),
        **{
            name: (is_done & rows[column].fill_null(False)).any()
            for name, column in (
                ("reached", "_reached"), ("learned", "_learned"), ("opportunities", "_chance"),
            )
        },
    )  # fmt: skip
    names = ("done", "reached", "learned", "opportunities")
    sums = each.group_by("tier_name").agg(
        due=each.count().cast("int64"), **{n: each[n].sum().cast("int64") for n in names}
    )
    rate = sums.reached.cast("float64") / sums.due.cast("float64").nullif(0)
    return sums.mutate(gap=sums.due - sums.reached, reached_rate=rate)


def lost_without_contact(lost: ir.Table, contacts: ir.Table, *, within_days: int = 90) -> ir.Table:
    """What share of the lost had nobody talk to them in the days before they were lost?

    Parameters
    ----------
    lost
        ``winback.lost_customers`` (``customer_key``, ``lost_on``).
    contacts
        The company's contacts; those that did not reach the customer do not count.

    Returns
    -------
    One row: ``lost``, ``without_contact`` (int64), ``share`` (0 to 1; null where nobody was lost).

    References
    ----------
    Definitions: contact_gap (share of the lost who had no contact in the 90 days before).
    """
    met = contacts.filter(contacts.contacted_at.notnull() & contacts.is_reached.fill_null(True))
    met = met.select(_key="customer_key", _on=met.contacted_at.cast("date"))
    rows = lost.mutate(_from=(lost.lost_on - ibis.interval(days=within_days)).cast("date"))
    alone = rows.anti_join(
        met,
        [rows.customer_key == met["_key"], met["_on"] >= rows["_from"], met["_on"] < rows.lost_on],
    )
    both = lost.agg(lost=lost.count().cast("int64")).cross_join(
        alone.agg(without_contact=alone.count().cast("int64"))
    )
    share = both.without_contact.cast("float64") / both.lost.cast("float64").nullif(0)
    return both.mutate(share=share)
