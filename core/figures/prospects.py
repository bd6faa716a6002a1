"""Figures of leads: how many come in, try and buy, and how many nobody touches."""

from datetime import timedelta

from core.figures import evidence as seen
from core.figures.asked import MONTHS, Asked, Cells
from core.figures.definition import FigureDefinition
from core.figures.figure import Cell, Note, unknown
from core.metrics.intervals import wilson
from core.metrics.leads import lead_flow, lead_rates, lead_states
from core.periods import window_start


def coming(asked: Asked) -> Cells:
    """Leads of 12 months, and how many of those old enough tried and bought in time."""
    if not asked.is_whole:
        return _whole_only("leads_opened", "lead_conversion", "trial_rate")
    within = asked.view.definitions.lead_within_days
    since = window_start(asked.as_of, MONTHS)
    states = lead_states(asked.view.ledger.table("leads"), as_of=asked.as_of)
    rates = lead_rates(states, as_of=asked.as_of, within_days=within, since=since)
    [(_, row)] = asked.rows(rates)
    n = row["matured"]
    days = (Note("lead_days", {"days": within}),)
    young = unknown("no_lead_old_enough", 0, days=within)

    def rate(key: str, successes: int) -> Cell:
        return Cell(row[key], n, *wilson(successes, n), note=days) if n else young

    return {
        (): {
            "leads_opened": Cell(row["leads"], row["leads"]),
            "lead_conversion": rate("conversion_rate", row["converted"]),
            "trial_rate": rate("trial_rate", row["tried"]),
        }
    }


def waiting(asked: Asked) -> Cells:
    """Leads that are open, and those of them that nobody touched for long."""
    if not asked.is_whole:
        return _whole_only("leads_open", "leads_dormant")
    definitions = asked.view.definitions
    states = seen.open_leads(asked.view, asked.as_of)
    sums = lead_rates(
        states,
        as_of=asked.as_of,
        within_days=definitions.lead_within_days,
        untouched_days=definitions.lead_untouched_days,
    )
    [(_, row)] = asked.rows(sums)
    days = (Note("untouched_days", {"days": definitions.lead_untouched_days}),)
    return {
        (): {
            "leads_open": Cell(row["open"], row["open"]),
            "leads_dormant": Cell(row["dormant"], row["open"], note=days),
        }
    }


def flow(asked: Asked) -> Cells:
    """Leads that came in, tried and bought since the opening, whenever they had come in."""
    if not asked.is_whole:
        return _whole_only("leads_new", "leads_tried", "leads_won")
    since = asked.opened_on + timedelta(days=1)
    found = lead_flow(asked.view.ledger.table("leads"), since=since, as_of=asked.as_of)
    [(_, row)] = asked.rows(found)
    names = {"leads_new": "came_in", "leads_tried": "tried", "leads_won": "won"}
    return {(): {key: Cell(row[name], row[name]) for key, name in names.items()}}


def _whole_only(*keys: str) -> Cells:
    """Who has not bought yet is in no scope: what is left of the leads there are the buyers."""
    return {(): dict.fromkeys(keys, unknown("leads_whole_only"))}


_LEADS = ("leads",)
FIGURES = (
    FigureDefinition("leads_opened", coming, "count", "up", needs="any date", tables=_LEADS),
    FigureDefinition("lead_conversion", coming, "rate", "up", needs="any date", tables=_LEADS),
    FigureDefinition("trial_rate", coming, "rate", "up", needs="any date", tables=_LEADS),
    FigureDefinition(
        "leads_open", waiting, "count", "none", window="day", needs="any date", tables=_LEADS
    ),
    FigureDefinition(
        "leads_dormant", waiting, "count", "down", window="day", needs="any date", tables=_LEADS
    ),
    *(
        FigureDefinition(key, flow, "count", "up", "period", tables=_LEADS, is_movement=True)
        for key in ("leads_new", "leads_tried", "leads_won")
    ),
)
