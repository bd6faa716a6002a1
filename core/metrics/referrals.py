"""Referrals: which of those who were recommended became customers."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from core.metrics.intervals import wilson


def matured_referrals(
    referrals: ir.Table, customers: ir.Table, *, since: date, as_of: date, within_days: int
) -> ir.Table:
    """What became of each referral that is old enough to be judged?

    Old enough is a referral whose ``within_days`` ended from ``since`` to ``as_of``; a young one is
    not a failure. A *success* is one whose customer first bought, or first had a contract, from the
    day of the referral to ``within_days`` later. Who was a customer before the referral is none:
    that nobody was won stands in the rate, and the number of them beside it. Nor is a person who is
    still not known. Each referral is judged by itself.

    Parameters
    ----------
    referrals
        The company's referrals. Further columns stay.
    customers
        Ledger lines at ``as_of`` in every scope: ``since_on`` (first occasion or contract) and
        ``value``.
    within_days
        Time to become a customer.

    Returns
    -------
    One row per referral: the columns of ``referrals``, ``became_on`` (null: never a customer),
    ``is_success``, ``was_customer``, ``is_named`` (the person is known) and ``value`` (money; what
    a success is worth now, else 0).

    References
    ----------
    Definitions: referral_success.
    """
    closes_on = (referrals.referred_on + ibis.interval(days=within_days)).cast("date")
    old = referrals.filter((closes_on >= since) & (closes_on <= as_of))
    came = customers.select(_who="customer_key", became_on="since_on", _value="value")
    rows = old.left_join(came, old.referred_customer_key == came["_who"]).drop("_who")
    age = rows.became_on.delta(rows.referred_on, unit="day")
    is_success = ((age >= 0) & (age <= within_days)).fill_null(False)
    rows = rows.mutate(
        is_success=is_success,
        was_customer=(age < 0).fill_null(False),
        is_named=rows.referred_customer_key.notnull(),
    )
    money = rows["_value"].fill_null(0)
    return rows.mutate(value=rows.is_success.ifelse(money, 0).cast("decimal(18, 4)")).drop("_value")


def referral_success(matured: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """What share of the referrals brought a customer?

    Parameters
    ----------
    matured
        ``matured_referrals``.
    by
        Columns to tell apart: ``employee_id``, or what is known of who recommended.

    Returns
    -------
    One row per ``by``: ``referrals``, ``successes``, ``were_customers``, ``unnamed`` (int64),
    ``value`` (money, of the successes), ``success_rate`` (0 to 1; null where there are none),
    ``low`` and ``high`` (its Wilson interval).
    """

    def count(is_so: ir.BooleanValue) -> ir.IntegerScalar:
        return is_so.sum().cast("int64").fill_null(0)

    sums = matured.aggregate(
        by=list(by),
        referrals=matured.count().cast("int64"),
        successes=count(matured.is_success),
        were_customers=count(matured.was_customer),
        unnamed=count(~matured.is_named),
        value=matured.value.sum().cast("decimal(38, 4)"),
    )
    rate = sums.successes.cast("float64") / sums.referrals.cast("float64").nullif(0)
    low, high = wilson(sums.successes, sums.referrals)
    return sums.mutate(success_rate=rate, low=low, high=high)
