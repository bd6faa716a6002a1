"""What the satisfaction page finds in answers: scores, who gave them, and what they leave out."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from core.figures import Figure
from core.figures.figure import SMALL_N
from core.metrics.intervals import Z
from core.metrics.surveys import ANSWERS
from dashboard import estimates, numbers
from dashboard.blocks import Card, Finding
from dashboard.charts import Bar, Palette
from dashboard.data import Told
from dashboard.drill import Drill
from dashboard.estimates import Estimate
from dashboard.findings import voice, words
from dashboard.session import Look, say

# What the cards need: the first two scores that there are, how many answer, and what is owed.
CARDS = (
    "nps", "csat", "ces_mean", "nps_response", "csat_response", "ces_response",
    "complaints_open", "complaint_response_hours", "promise_kept_rate",
)  # fmt: skip
_SCORES = {"nps": "nps_response", "csat": "csat_response", "ces_mean": "ces_response"}
SCORED = ("nps", "csat", "ces")
PLACES = ("tier_name", "branch", "membership")
ALSO = ("nps_by_response", "nps_by_value", "csat_by_response", "csat_by_value")
WAVES = 12  # shown
_UNITS = {"nps": "points", "csat": "rate", "ces": "score"}


def cards(look: Look, found: Mapping[str, Figure]) -> list[Card]:
    """Return what customers say, how many answer, and what they are owed; none where no figure
    is known."""
    if all(found[key].value is None for key in CARDS):
        return []
    known = [key for key in _SCORES if found[key].value is not None]
    scores = [*known, *(key for key in _SCORES if key not in known)][:2]
    keys = [*sorted(scores, key=list(_SCORES).index), _SCORES[scores[0]], *CARDS[-3:]]
    made = []
    for key in keys:
        figure = found[key]
        card = words.card(figure, look, label=say(f"satisfaction.card.{key}"))
        is_known = figure.value is not None
        detail = voice.between(look, figure) if is_known else figure.note_text(look.language)
        made.append(replace(card, note=None, remark=detail))
    return made


def instruments(told: Told) -> list[str]:
    """Return the scores that were asked for."""
    return [name for name in SCORED if name in set(told.rows.instrument)]


def told_apart(told: Told, instrument: str) -> list[str]:
    """Return what the answers to a score can be told apart by."""
    rows = told.rows[(told.rows.instrument == instrument) & told.rows.group.notnull()]
    return [place for place in PLACES if (rows.told_by == place).sum() > 1]


def waves(look: Look, told: Told, instrument: str, colours: Palette) -> Finding:
    """Say how a score went, wave by wave, and whether the change is more than chance."""
    rows = told.rows[told.rows.instrument == instrument].iloc[-WAVES:]
    found = [_of_wave(look, row, instrument, colours) for _, row in rows.iterrows()]
    figure = estimates.over_time(
        found, _axis(look, instrument), colours,
        marked=[i for i, each in enumerate(found) if each.is_closed][-1:],
    )  # fmt: skip
    known = rows[rows.score.notnull()]
    drills = {
        (estimates.OVER_TIME, place): Drill(
            say("satisfaction.waves.drill", wave=wave), "survey_wave", (instrument, wave)
        )
        for place, wave in enumerate(known.wave)
    }
    caption = say(
        f"satisfaction.waves.unit_{instrument}", n=numbers.whole(rows.n.sum(), look.language),
        response=_range(look, rows[rows.is_closed.astype(bool)].response_rate),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    return Finding(_went(look, rows, instrument), figure, caption, drills, _table(look, told, rows))


def split(
    look: Look, told: Told, instrument: str, figure: Figure | None, colours: Palette
) -> Finding | None:
    """Say what the answers are made of; null where nobody answered."""
    rows = told.rows[told.rows.instrument == instrument].set_index("answer")
    if rows.empty:
        return None
    fills = (colours.good, colours.unknown, colours.bad)
    names = [name for name in ANSWERS[instrument] if name in rows.index]
    found = [
        Bar(
            say(f"list.code.answer.{name}"), float(rows.n[name]),
            numbers.percent(rows.share[name], look.language),
            fills[ANSWERS[instrument].index(name)],
        )
        for name in names
    ]  # fmt: skip
    drills = {
        (place, 0): Drill(bar.label, "survey_answers", (instrument, name))
        for place, (name, bar) in enumerate(zip(names, found, strict=True))
    }
    title = say(
        f"satisfaction.split.{instrument}", good=_share(look, rows, ANSWERS[instrument][0]),
        bad=_share(look, rows, ANSWERS[instrument][2]),
    )  # fmt: skip
    score = words.shown(figure, look) if figure else numbers.UNKNOWN
    if figure and figure.low is not None and figure.high is not None:
        low, high = (words.amount(end, figure.unit, look) for end in (figure.low, figure.high))
        score = f"{score} ({say('satisfaction.range', low=low, high=high)})"
    caption = say(
        f"satisfaction.split.unit_{instrument}", n=numbers.whole(rows.n.sum(), look.language),
        score=score,
    )  # fmt: skip
    table = pd.DataFrame([(bar.label, bar.text, bar.value) for bar in found])
    table.columns = [told.headings[name] for name in ("answer", "share", "n")]
    return Finding(title, estimates.parts(found), caption, drills, table)


def weighted(
    look: Look, found: Mapping[str, Figure], instrument: str, colours: Palette
) -> Finding | None:
    """Say what all would say, beside what those who answer say; null where it is not known."""
    keys = (instrument, f"{instrument}_by_response", f"{instrument}_by_value")
    if any(key not in found or found[key].value is None for key in keys):
        return None
    rows = [voice.of_figure(look, found[key], say(f"satisfaction.weighted.{place}"), colours)
            for place, key in zip(("plain", "response", "value"), keys, strict=True)]  # fmt: skip
    plain, by_response, by_value = (words.shown(found[key], look) for key in keys)
    title = say(
        "satisfaction.weighted.title", plain=plain, response=by_response, value=by_value
    )  # fmt: skip
    drills = voice.drills(rows, [words.behind(found[key]) for key in keys])
    response = found[f"{instrument}_response"]
    unanswered = None if response.value is None else 1 - response.value
    caption = say(
        "satisfaction.weighted.unit", silent=numbers.percent(unanswered, look.language, 0)
    )
    return Finding(title, estimates.side_by_side(rows, colours), caption, drills)


def by_place(
    look: Look, told: Told, figure: Figure | None, instrument: str, place: str, names: str,
    colours: Palette,
) -> Finding:  # fmt: skip
    """Say where the score is lowest, if it differs at all, with n and interval."""
    rows = voice.told_by(told, place, instrument=instrument)
    labels = {group: voice.place(place, group, names) for group in rows.group}
    if place == "tier_name":
        rows = rows.sort_values("group", key=lambda column: column.map(_TIER_ORDER))
    else:
        rows = rows.sort_values("score", ascending=False)
    found = [
        voice.estimate(
            look,
            labels[row.group],
            row.score,
            row.n,
            _UNITS[instrument],
            colours,
            row.low,
            row.high,
        )
        for _, row in rows.iterrows()
    ]
    whole = figure.value if figure else None
    drills = voice.drills(found, [
        Drill(labels[group], FIGURE[instrument], scope=((_SCOPE.get(place, place), group),))
        for group in rows.group
    ])  # fmt: skip
    caption = say(
        "satisfaction.place.unit", score=say(f"satisfaction.card.{instrument}"),
        whole=words.amount(whole, _UNITS[instrument], look),
    )  # fmt: skip
    title = _apart(look, rows, labels, instrument, place, whole)
    return Finding(title, estimates.side_by_side(found, colours, mark=whole), caption, drills)


FIGURE = {"nps": "nps", "csat": "csat", "ces": "ces_mean"}
_SCOPE = {"tier_name": "tier"}
_TIER_ORDER = {"top": 0, "high": 1, "middle": 2, "other": 3}


def _axis(look: Look, instrument: str) -> Callable[[float], str]:
    spoken = look.language
    if instrument == "csat":
        return lambda value: numbers.percent(value, spoken, 0)
    form = numbers.tenth if instrument == "ces" else numbers.whole
    return lambda value: form(value, spoken)


def _of_wave(look: Look, row: pd.Series, instrument: str, colours: Palette) -> Estimate:
    made = voice.estimate(
        look, row.wave, row.score, row.n, _UNITS[instrument], colours, row.low, row.high
    )
    return replace(made, is_closed=bool(row.is_closed))


def _went(look: Look, rows: pd.DataFrame, instrument: str) -> str:
    """Say whether the last closed wave differs from the one a year before."""
    closed = rows[rows.is_closed.astype(bool) & rows.low.notnull() & rows.high.notnull()]
    name = say(f"satisfaction.card.{instrument}")
    if closed.empty:
        return say("satisfaction.waves.none", score=name)
    last, first = closed.iloc[-1], closed.iloc[max(len(closed) - 5, 0)]
    now, then = (words.amount(row.score, _UNITS[instrument], look) for row in (last, first))
    if len(closed) == 1:
        return say("satisfaction.waves.one", score=name, now=now, wave=last.wave)
    error = sum(((row.high - row.low) / 2 / Z) ** 2 for row in (last, first)) ** 0.5
    change = last.score - first.score
    key = "same" if abs(change) <= Z * error else "rose" if change > 0 else "fell"
    return say(
        f"satisfaction.waves.{key}", score=name, now=now, then=then, wave=last.wave,
        before=first.wave,
    )  # fmt: skip


def _apart(
    look: Look, rows: pd.DataFrame, labels: Mapping[str, str], instrument: str, place: str,
    whole: float | None,
) -> str:  # fmt: skip
    """Say which groups stand apart from the whole: those whose interval leaves it out."""
    name, kind = say(f"satisfaction.card.{instrument}"), say(f"satisfaction.place.{place}")
    enough = rows.loc[rows.n >= SMALL_N]
    apart = [voice.is_apart(row.score, row.low, row.high, whole, len(enough))
             for _, row in enough.iterrows()]  # fmt: skip
    enough = enough.loc[apart]
    low = enough.loc[enough.score < (whole or 0)]
    high = enough.loc[enough.score > (whole or 0)]
    if low.empty and high.empty:
        return say("satisfaction.place.same", score=name, kind=kind)
    worst = low if len(low) else high
    row = worst.sort_values("score").iloc[0 if len(low) else -1]
    return say(
        f"satisfaction.place.{'low' if len(low) else 'high'}", score=name,
        group=labels[row.group], value=words.amount(row.score, _UNITS[instrument], look),
        whole=words.amount(whole, _UNITS[instrument], look),
    )  # fmt: skip


def _share(look: Look, rows: pd.DataFrame, answer: str) -> str:
    share = rows.share[answer] if answer in rows.index else 0.0
    return numbers.percent(share, look.language, 0)


def _range(look: Look, rates: pd.Series) -> str:
    known = rates.dropna()
    if known.empty:
        return numbers.UNKNOWN
    low, high = (numbers.percent(rate, look.language, 0) for rate in (known.min(), known.max()))
    return low if low == high else say("satisfaction.range", low=low, high=high)


def _table(look: Look, told: Told, rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["wave", "asked", "response_rate", "n", "score", "low", "high"]
    found = rows.loc[:, columns].copy()
    found["response_rate"] = [numbers.percent(voice.known(r), look.language)
                              for r in found.response_rate]  # fmt: skip
    return found.rename(columns=dict(told.headings))
