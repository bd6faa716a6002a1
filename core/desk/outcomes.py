"""What waves brought, read from later orders: when a wave closes, once; and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute

from core import engine
from core.desk.cases import SERVICE
from core.desk.judging import Experience
from core.desk.naming import of_now
from core.metrics.intervals import Z, z_of
from core.metrics.second_life import second_life_survival
from core.metrics.wave_outcomes import wave_outcomes, wave_strata, won
from core.store.records import Wave
from core.view import View
from core.waves.lift import (
    Contamination,
    Lift,
    Stratum,
    contamination,
    pooled_lift,
    strata_of,
    wave_lift,
)
from core.waves.money import Money, Terms, incremental_money

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
# What the company's own contacts call service, beside ours.
SERVICE_PURPOSES = (
    *SERVICE, "reminder", "service", "投诉", "到期", "年检", "召回", "预约", "提醒", "售后",
)  # fmt: skip


def outcomes(view: View, assigned: pa.Table, day: date) -> ir.Table:
    """Return ``wave_outcomes`` of the members of waves at a ledger day."""
    ledger = view.ledger
    rows = of_now(view, assigned)
    first = min((each for each in assigned["assigned_on"].to_pylist() if each), default=day)
    whole = View(ledger)
    contacts = ledger.table("contacts") if ledger.has("contacts") else None
    return wave_outcomes(
        rows, whole.occasions(day), whole.entries(day, first), as_of=day, contacts=contacts,
        service_purposes=SERVICE_PURPOSES,
    )  # fmt: skip


def reading(view: View, assigned: pa.Table, day: date) -> dict[str, Any]:
    """Return what is kept of a wave when it closes: its strata, counted at a ledger day."""
    is_on_margin = view.is_on_margin(day)
    found = engine.kept(view.ledger.con, outcomes(view, assigned, day))
    strata = wave_strata(found, is_on_margin=is_on_margin).to_pyarrow().to_pylist()
    by_cause = wave_strata(found, is_on_margin=is_on_margin, by=("cause",)).to_pyarrow()
    return {
        "as_of": day.isoformat(),
        "data_version": view.ledger.version.version,
        "is_on_margin": is_on_margin,
        "strata": _ordered(strata),
        "by_cause": _ordered(by_cause.to_pylist()),
    }


def _ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["tier"] or 9, str(row.get("cause")), row["arm"]))


@dataclass(frozen=True)
class Read:
    """One closed wave, as it was read, or several pooled."""

    name: str
    lift: Lift
    money: Money
    contamination: Contamination
    wave: Wave | None = None


def read(wave: Wave) -> Read:
    """Return what a closed wave brought."""
    strata = _strata([wave])
    return Read(
        wave.theme, wave_lift(strata), incremental_money(strata, _terms([wave])),
        contamination(strata), wave,
    )  # fmt: skip


def pooled(waves: Sequence[Wave], name: str = "") -> Read:
    """Return what closed waves brought together, compared within wave and tier only."""
    return _pooled(name, waves, _strata(waves), Z)


def by_tier(waves: Sequence[Wave]) -> list[Read]:
    """Return the pooled lift of each tier; intervals widened for as many as are compared."""
    return _apart(waves, _strata(waves), lambda stratum: stratum.tier)


def by_offer(waves: Sequence[Wave]) -> list[Read]:
    """Return the pooled lift of each offer."""
    offers = {wave.id: wave.offer.strip() for wave in waves}
    return _apart(waves, _strata(waves), lambda stratum: offers[stratum.wave_id])


def by_cause(waves: Sequence[Wave]) -> list[Read]:
    """Return the pooled lift of each cause of loss, as known when the waves were drawn."""
    rows = [row for wave in waves for row in (wave.reading or {}).get("by_cause", ())]
    causes = {row["cause"] or "unknown" for row in rows}
    found = {
        cause: strata_of(row for row in rows if (row["cause"] or "unknown") == cause)
        for cause in sorted(causes)
    }
    return _each(waves, found)


def experience(waves: Sequence[Wave]) -> Experience:
    """Return what closed waves say of the next: who bought unasked, and the lift, by tier."""
    strata = _strata(waves)
    controls: dict[int | None, tuple[int, int]] = {}
    for each in strata:
        bought, n = controls.get(each.tier, (0, 0))
        controls[each.tier] = bought + each.control.bought, n + each.control.customers
    of_tier = {
        tier: pooled_lift([each for each in strata if each.tier == tier]) for tier in controls
    }
    return Experience(controls, of_tier, pooled_lift(strata) if strata else None)


def second_lives(view: View, assigned: pa.Table, day: date) -> list[dict[str, Any]]:
    """Return how many of the treated who came back in closed windows stayed."""
    definitions = view.definitions
    found = outcomes(view, assigned, day)
    if definitions.lapse_by_segment:
        lines = view.all_lines(day).select("customer_key", "segment")
        found = found.left_join(lines, "customer_key").drop("customer_key_right")
    treated = found.filter((found.arm == "treated") & found.is_closed)
    lives = won(
        treated, lapse_after_days=definitions.lapse_after_days,
        lapse_by_segment=definitions.lapse_by_segment,
    )  # fmt: skip
    lives = engine.kept(view.ledger.con, lives)
    rows = second_life_survival(lives, View(view.ledger).occasions(day), as_of=day)
    return sorted(rows.to_pyarrow().to_pylist(), key=lambda row: row["days"])


def bought_since(view: View, opened: pa.Table, day: date) -> ir.Table:
    """Return who bought after a day of their own: first day and net since, by ``case_id``.

    The day itself does not count: what was bought on it was bought before the case was worked on.

    Parameters
    ----------
    opened
        ``case_id``, ``customer_key``, ``opened_on``.
    """
    rows = of_now(view, opened)
    first = min(opened["opened_on"].to_pylist(), default=day)
    entries = View(view.ledger).entries(day, first)
    stands = entries.voided_on.isnull() | (entries.voided_on > day)
    booked = entries.select(
        _key="customer_key", _on="entered_on", _net=entries.gross - entries.returned,
        _is_purchase=(entries.orders > 0) & stands,
    )  # fmt: skip
    pairs = rows.inner_join(booked, rows.customer_key == booked["_key"])
    pairs = pairs.filter(pairs["_on"] > pairs.opened_on)
    sums = pairs.group_by("case_id").agg(
        bought_on=pairs["_on"].min(where=pairs["_is_purchase"]), net=pairs["_net"].sum()
    )
    return sums.filter(sums.bought_on.notnull())


def with_bought(view: View, rows: pa.Table, day: date) -> pa.Table:
    """Add ``bought_on`` and ``net`` since each case was opened; null where nothing was bought."""
    opened = rows.select(["id", "customer_key", "opened_on"])
    opened = opened.rename_columns(["case_id", "customer_key", "opened_on"])
    found = bought_since(view, opened, day).to_pyarrow()
    place = pc.index_in(rows["id"], found["case_id"])
    bought = found["bought_on"].take(place)
    return rows.append_column("bought_on", bought).append_column(
        "net", found["net"].cast("float64").take(place)
    )


def _strata(waves: Sequence[Wave]) -> list[Stratum]:
    return strata_of(row for wave in waves for row in (wave.reading or {}).get("strata", ()))


def _terms(waves: Sequence[Wave]) -> Mapping[str, Terms]:
    return {w.id: Terms(float(w.cost_per_contact), float(w.incentive)) for w in waves}


def _apart(waves: Sequence[Wave], strata: Sequence[Stratum], group: Any) -> list[Read]:
    found: dict[Any, list[Stratum]] = {}
    for each in strata:
        found.setdefault(group(each), []).append(each)
    return _each(waves, found)


def _each(waves: Sequence[Wave], found: Mapping[Any, list[Stratum]]) -> list[Read]:
    z = z_of(len(found))
    return [
        _pooled("" if name is None else str(name), waves, strata, z)
        for name, strata in sorted(found.items(), key=lambda item: str(item[0]))
    ]


def _pooled(name: str, waves: Sequence[Wave], strata: Sequence[Stratum], z: float) -> Read:
    return Read(
        name, pooled_lift(strata, z=z), incremental_money(strata, _terms(waves)),
        contamination(strata),
    )  # fmt: skip
