"""What changed, in generated sentences, each a link to the page that proves it."""

from collections.abc import Sequence
from datetime import date

from core.exports.spoken import coded
from core.sentences.sentence import Sentence, Value
from dashboard import numbers
from dashboard.blocks import Link
from dashboard.findings import words
from dashboard.session import Look, say

MOST = 5
ICONS = {
    "sales": "payments",
    "place_sales": "map",
    "category_sales": "category",
    "churn": "logout",
    "place": "location_on",
    "tiers": "landscape",
    "newcomers": "replay",
    "employee": "person_off",
    "dependency": "person_alert",
    "promotion": "sell",
    "quality": "report",
    "promises": "handshake",
    "complaints": "timer",
    "satisfaction": "sentiment_satisfied",
}


def links(look: Look, found: Sequence[Sentence]) -> list[Link]:
    """Return the sentences as links."""
    return [Link(text(each, look), ICONS[each.theme], each.page, each.asks) for each in found]


def choices(found: Sequence[Sentence]) -> dict[str, str]:
    """Return what a reader may choose, where there are more sentences than a page should tell."""
    return {
        "most": say("overview.changed.most", n=MOST),
        "all": say("overview.changed.all", n=len(found)),
    }


def text(sentence: Sentence, look: Look) -> str:
    """Return a sentence in the reader's language."""
    values = {name: shown(value, look) for name, value in sentence.values.items()}
    return say(f"sentence.{sentence.key}", **values)


def shown(value: Value, look: Look) -> str:
    """Return one value of a sentence as it is written."""
    kind, found = value
    if isinstance(found, date):
        if kind == "quarter":
            quarter = (found.month + 2) // 3
            return say("overview.changed.quarter", quarter=quarter, year=found.year)
        write = numbers.month if kind == "month" else numbers.day
        return write(found, look.language)
    if isinstance(found, str):
        return coded("channel", found, "", look.language) if kind == "channel" else found
    number = float(str(found))
    if kind == "points":
        return numbers.decimal(number, look.language)
    if kind == "hours":
        return say("overview.changed.hours", hours=numbers.decimal(number, look.language))
    if kind == "change":
        return numbers.signed_percent(number, look.language)
    return words.amount(number, kind, look)
