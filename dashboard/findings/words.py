"""Figures in words: a headline figure as a card, with its change, its n and its definition."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.figures import Figure, definition_of
from core.figures.figure import ESTIMATES
from core.i18n import translate
from dashboard import numbers
from dashboard.blocks import Card, Column
from dashboard.drill import Drill, is_known
from dashboard.session import Look, plain, say


def by_key(found: Sequence[Figure]) -> dict[str, Figure]:
    """Return the figures of the whole scope by their key."""
    return {figure.key: figure for figure in found}


def shown(figure: Figure, look: Look) -> str:
    """Return the value of a figure as a card shows it."""
    return amount(figure.value, unit_of(figure), look)


def amount(value: float | None, unit: str, look: Look) -> str:
    """Return a value of a unit as a card shows it."""
    spoken = look.language
    if unit == "money":
        return numbers.short_money(value, look.currency, spoken)
    if unit in ("rate", "share"):
        return numbers.percent(value, spoken)
    if unit == "ratio":
        return numbers.ratio(value, spoken)
    if unit == "days" and value is not None:
        return say("card.days", days=numbers.whole(value, spoken))
    if unit in ("hours", "minutes") and value is not None:
        return say(f"card.{unit}", n=numbers.tenth(value, spoken))
    if unit == "score":
        return numbers.ratio(value, spoken)
    return numbers.whole(value, spoken)


def measure(figure: Figure, language: str) -> str:
    """Say whether the value of a figure is margin or net."""
    is_margin = any(note.key == "on_margin" for note in figure.note)
    return translate("measure.margin" if is_margin else "measure.net", language)


def card(
    figure: Figure, look: Look, history: Sequence[float] | None = None, label: str | None = None
) -> Card:
    """Return a headline figure as a card: orange and blue say worse and better, never up and down.

    A figure of few customers shows its interval and no colour; an unknown one its reason.
    """
    meaning = definition_of(figure.key)
    spoken = look.language
    known = [meaning.definition(spoken), meaning.edges(spoken), figure.note_text(spoken)]
    if figure.value is None:
        known.insert(0, known.pop())
    about = "\n\n".join(plain(text) for text in known if text)
    change = is_rise = is_good = None
    if figure.value is not None and figure.was is not None:
        difference = figure.value - figure.was
        change = changed_by(figure, difference, look)
        is_rise = None if not difference else difference > 0
        if is_rise is not None and meaning.better != "none" and not figure.is_small_n:
            is_good = is_rise == (meaning.better == "up")
    return Card(
        label or meaning.name(spoken), shown(figure, look), about, change, is_rise, is_good,
        history, _note(figure, look), behind(figure),
    )  # fmt: skip


def behind(figure: Figure, label: str | None = None) -> Drill | None:
    """Return the way to the customers behind a figure; null where there are none to show."""
    # Those of whom it is not known where they belong cannot be asked for in an address.
    if not figure.value or not is_known(figure.key) or None in figure.scope.values():
        return None
    scope = tuple((name, value) for name, value in figure.scope.items() if value)
    return Drill(label or say("drill.label"), figure.key, scope=scope)


def unit_of(figure: Figure) -> str:
    """Return the unit as it is read: revenue retention in per cent, though it may exceed 100 %."""
    return "share" if figure.key == "nrr" else figure.unit


def changed_by(figure: Figure, difference: float, look: Look) -> str:
    """Return by how much a figure has changed, as a card shows it."""
    spoken = look.language
    if unit_of(figure) in ("rate", "share"):
        return numbers.points(difference, spoken)
    if figure.unit in ("ratio", "score"):
        return numbers.signed_ratio(difference, spoken)
    if figure.unit in ("hours", "minutes"):
        return numbers.signed_tenth(difference, spoken)
    if figure.unit == "money" and figure.was and figure.was > 0:
        return numbers.signed_percent(difference / figure.was, spoken)
    return numbers.signed(difference, spoken)


def _note(figure: Figure, look: Look) -> str | None:
    spoken = look.language
    if figure.value is None:
        return figure.note_text(spoken)
    if figure.is_small_n and figure.low is not None and figure.high is not None:
        return say(
            "card.interval", low=amount(figure.low, figure.unit, look),
            high=amount(figure.high, figure.unit, look), n=numbers.whole(figure.n, spoken),
        )  # fmt: skip
    if unit_of(figure) in (*ESTIMATES, "share") and figure.unit != "ratio" and figure.n is not None:
        return say("card.n", n=numbers.whole(figure.n, spoken))
    return None


def rounded(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return rows with a column of amounts in whole units; other columns as they are."""
    return rows.assign(**{name: rows[name].round()}) if rows[name].dtype == "float64" else rows


def present(rows: pd.DataFrame, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns in which anything stands."""
    return {name: column for name, column in columns.items() if len(rows[name].dropna())}
