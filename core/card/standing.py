"""Where a customer stands: state, tier, kind, value and rhythm, now, a year ago and over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import pyarrow as pa

from core.card.one import OneCustomer
from core.definitions import TIERS
from core.figures.evidence import (
    about_a_year_before,
    customers_at_risk,
    has_tiers_a_year_ago,
    has_values_a_year_ago,
)
from core.figures.figure import Note
from core.figures.pyramid import customers_by_kind, why_no_kinds
from core.ledger.lines import LINES
from core.metrics.at_risk import REASONS
from core.metrics.overdue import LEAST_GAPS
from core.schema import SCOPES
from core.view import View

MONTHS_SHOWN = 37  # ledger days: three years, and the one before
_OF_MONTHS = ("month_end", "tier", "is_active", "since_on", "net_12m", "margin_12m")


@dataclass(frozen=True)
class Month:
    """A customer at one ledger day."""

    day: date
    tier: str | None
    is_active: bool
    is_customer: bool  # bought, or had a contract, by then
    value: Decimal  # of 12 months, by the measure of the whole card


@dataclass(frozen=True)
class Standing:
    """A customer at the day of the card; null is unknown.

    ``reasons`` are the reasons of risk with their days, ``stake`` the value at risk.
    """

    state: str  # active, lost, prospect
    lost_on: date | None
    since_on: date | None
    last_on: date | None
    tier: str | None  # the lost keep the one they had
    is_upper: bool
    tier_year_ago: str | None
    are_tiers_comparable: bool
    kind: str | None
    why_no_kind: Note | None
    value: Decimal
    value_year_ago: Decimal | None
    is_on_margin: bool
    net_total: Decimal
    contract_value: Decimal
    occasions: int
    occasions_12m: int
    silence_days: int | None
    gaps: int
    median_gap_days: float | None  # with 3 gaps or more
    expected_on: date | None  # by the own rhythm
    overdue_on: date | None
    reasons: Mapping[str, date]
    stake: Decimal
    scopes: Mapping[str, str | None]
    is_backfilled: bool
    months: tuple[Month, ...]  # up to the day, the oldest first


def standing(one: OneCustomer, view: View, day: date) -> Standing | None:
    """Return where the customer stood at the end of ``day``; null: nowhere yet.

    Parameters
    ----------
    view
        ``one`` as a view, with each day it is asked for told whether value is margin.
    """
    is_on_margin = view.costed[day]
    year_ago = about_a_year_before(view, day)
    days = [day, year_ago] if year_ago else [day]
    rows = view.all_lines_of(days, is_on_margin).to_pyarrow().to_pylist()
    lines = {row["month_end"]: row for row in rows}
    if (now := lines.get(day)) is None:
        return None
    then = lines.get(year_ago)
    gaps = _gaps(view, day)
    rhythm = float(median(gaps)) if len(gaps) >= LEAST_GAPS else None
    risk = _risk(view, day, is_on_margin) if now["is_active"] else ({}, Decimal(0))
    was_active = then is not None and then["is_active"]
    is_comparable = has_tiers_a_year_ago(view, day)
    known_then = has_values_a_year_ago(view, day) and then is not None
    return Standing(
        state=_state(now),
        lost_on=_lost_on(now),
        since_on=now["since_on"],
        last_on=now["last_on"],
        tier=now["tier_name"],
        is_upper=now["tier"] is not None and now["tier"] <= 3,
        tier_year_ago=then["tier_name"] if is_comparable and then and was_active else None,
        are_tiers_comparable=is_comparable,
        kind=_kind(view, day, is_on_margin),
        why_no_kind=why_no_kinds(view, day),
        value=now["value"],
        value_year_ago=then["value"] if known_then and then else None,
        is_on_margin=is_on_margin,
        net_total=now["net_total"],
        contract_value=now["contract_12m"],
        occasions=now["occasions"],
        occasions_12m=now["occasions_12m"],
        silence_days=(day - now["last_on"]).days if now["last_on"] else None,
        gaps=len(gaps),
        median_gap_days=rhythm,
        expected_on=_expected_on(now, rhythm),
        overdue_on=risk[0].get("overdue"),
        reasons=risk[0],
        stake=risk[1],
        scopes={name: now[name] for name in SCOPES},
        is_backfilled=now["is_backfilled"],
        months=_months(one, view, day, is_on_margin),
    )


def _months(one: OneCustomer, view: View, day: date, is_on_margin: bool) -> tuple[Month, ...]:
    """Return the customer at the last ledger days: of lines of three years, what a strip shows."""
    days = [each for each in view.days if each <= day][-MONTHS_SHOWN:]
    partitions = tuple(f"month_end={each.isoformat()}" for each in days)
    columns = pa.schema([LINES.field(name) for name in _OF_MONTHS])
    found = one.derived_rows("ledger", columns, partitions).sort_by("month_end").to_pylist()
    value = "margin_12m" if is_on_margin else "net_12m"
    return tuple(
        Month(
            row["month_end"], TIERS[row["tier"] - 1] if row["tier"] else None, row["is_active"],
            row["since_on"] is not None, row[value],
        )
        for row in found
    )  # fmt: skip


def _state(line: dict) -> str:
    if line["is_active"]:
        return "active"
    return "lost" if line["since_on"] else "prospect"


def _lost_on(line: dict) -> date | None:
    if _state(line) != "lost" or line["active_until"] is None:
        return None
    return line["active_until"] + timedelta(days=1)


def _gaps(view: View, day: date) -> list[int]:
    found = view.gaps(day).to_pyarrow().to_pylist()
    return list(found[0]["gap_days"]) if found else []


def _expected_on(line: dict, rhythm: float | None) -> date | None:
    """Return the day that the own rhythm leads to expect, half days rounded up."""
    if rhythm is None or not line["is_active"]:
        return None
    return line["last_on"] + timedelta(days=-int(-rhythm // 1))


def _kind(view: View, day: date, is_on_margin: bool) -> str | None:
    year_ago = view.year_before(day)
    if year_ago is None or why_no_kinds(view, day) is not None:
        return None
    is_on_margin = is_on_margin and view.costed[year_ago]
    found = customers_by_kind(view, day, year_ago, is_on_margin).to_pyarrow().to_pylist()
    return found[0]["kind"] if found else None


def _risk(view: View, day: date, is_on_margin: bool) -> tuple[dict[str, date], Decimal]:
    found = customers_at_risk(view, day, is_on_margin).to_pyarrow().to_pylist()
    if not found:
        return {}, Decimal(0)
    (row,) = found
    days = {reason: row[f"{reason}_on"] for reason in REASONS if row[f"{reason}_on"]}
    return days, row["value_at_risk"]
