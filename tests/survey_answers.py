"""Questions asked of customers, for tests: one row per question, answered or not."""

from datetime import date

import ibis.expr.types as ir

from core.metrics.surveys import asked_in
from tests.care_shop import facts

AS_OF = date(2026, 6, 30)
SINCE = date(2025, 7, 1)
DAY = date(2026, 3, 1)
SCALES = {"nps": (0, 10), "ces": (1, 7), "wallet": (0, 100)}


def answer(number: int, score: float | None, instrument: str = "nps", **others) -> dict:
    """Return question ``number``, asked of the customer of that number on ``DAY``."""
    lowest, highest = SCALES.get(instrument, (1, 5))
    return {
        "survey_id": f"{number:03d}", "customer_key": number, "instrument": instrument,
        "scale_min": lowest, "scale_max": highest, "asked_at": DAY,
        "answered_at": None if score is None else DAY, "score": score, **others,
    }  # fmt: skip


def asked(*answers: dict, as_of: date = AS_OF, since: date = SINCE) -> ir.Table:
    """Return the questions as they stood at the end of ``as_of``."""
    return asked_in(facts("surveys", *answers), since=since, as_of=as_of)
