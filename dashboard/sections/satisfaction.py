"""The sections of the satisfaction page: each asks for what it shows, and shows it."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import address, blocks, data, filters, tables
from dashboard.blocks import Nothing
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.findings import satisfaction as scores_of
from dashboard.findings import satisfaction_attitudes as attitudes_of
from dashboard.findings import satisfaction_complaints as complaints_of
from dashboard.findings import satisfaction_service as service_of
from dashboard.findings import voice, words
from dashboard.session import Look, say

LISTS = "dashboard/pages/lists.py"


def scores(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """What customers answer, wave by wave, and what those who do not answer leave out."""
    with st.skeleton(height=600):
        told, answers, places = told_of(
            look, "satisfaction-waves", "satisfaction-answers", "satisfaction"
        )
        found = figures(look, (*scores_of.CARDS, *scores_of.ALSO))
        names = data.tier_names(*look.at)
    if told.missing:
        blocks.missing(told.missing)
        return
    asked = scores_of.instruments(told)
    if not asked:
        blocks.nothing(say("satisfaction.nothing_asked"), told.about)
        return
    with row:
        instrument = choice("instrument", asked, lambda name: say(f"satisfaction.card.{name}"))
    figure = found.get(scores_of.FIGURE[instrument])
    main, side = st.columns([3, 2], gap="medium")
    with main:
        blocks.finding(scores_of.waves(look, told, instrument, colours), "waves")
    with side:
        if (parts := scores_of.split(look, answers, instrument, figure, colours)) is not None:
            blocks.finding(parts, "split")
        if (weights := scores_of.weighted(look, found, instrument, colours)) is not None:
            blocks.finding(weights, "weights")
    shown = [
        (scores_of.by_place(look, places, figure, instrument, place, names, colours), f"by_{place}")
        for place in scores_of.told_apart(places, instrument)
    ]
    if shown:
        blocks.beside(*shown, widths=[4 if key == "by_branch" else 3 for _, key in shown])


def attitudes(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """The six indicators: what customers say, beside what they do."""
    with st.skeleton(height=600):
        found = figures(look, (*attitudes_of.STATED, *attitudes_of.SHOWN))
    blocks.beside(
        (attitudes_of.stated(look, found, colours), "stated"),
        (attitudes_of.shown(look, found, colours), "shown"),
    )
    blocks.table(say("attitudes.six.title"), *attitudes_of.six(look, found), key="six")
    blocks.caption(say("attitudes.six.about"))


def ladder(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """How far up the ladder customers stand, and of how many nothing is known."""
    with st.skeleton(height=500):
        (told,) = told_of(look, "ladder")
    if told.missing:
        blocks.missing(told.missing)
    elif told.rows.empty:
        blocks.nothing(say("page.nobody.title"), say("page.nobody.text"))
    else:
        blocks.beside(
            (attitudes_of.ladder(look, told, colours), "ladder"),
            (attitudes_of.ladder_value(look, told, colours), "ladder_value"),
        )
        blocks.caption(told.about)


def complaints(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """Who complained of what, who waits, and who came back."""
    with st.skeleton(height=600):
        told, products, ages, back = told_of(
            look, "complaints", "complaints-by-product", "complaints-age", "complaints-recovery"
        )
        found = figures(look, complaints_of.FIGURES)
    if told.missing:
        blocks.missing(told.missing)
        return
    with row:
        known = complaints_of.told_apart(told, products)
        by = choice("by", known, lambda code: voice.coded("told_by", code))
    rows = complaints_of.complaint_rows(told, products, by)
    unnamed = Nothing(say("complaints.opened.none"), told.about)
    waiting = complaints_of.ages(look, ages, colours)
    blocks.beside(
        (complaints_of.answered(look, rows, by, colours) or unnamed, "answered"),
        (waiting or Nothing(say("complaints.ages.none"), ages.about), "ages"),
    )
    to_list("complaints-open")
    speed = complaints_of.recovery(look, back, found, "speed", colours)
    blocks.beside(
        (complaints_of.opened(look, rows, found, by, colours) or unnamed, "opened"),
        (speed or Nothing(say("complaints.recovery.none"), back.about), "recovery"),
    )
    blocks.cards(complaints_of.complaint_cards(look, found))
    if len(rows):
        blocks.table(*complaints_of.complaint_table(told, rows, by), key="complaints")
    apart = complaints_of.recovery(look, back, found, by, colours)
    if apart is not None:
        blocks.finding(apart, "recovery_by")
    blocks.caption(told.about, back.about)


def promises(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """Which promises were kept, quarter by quarter, and by whom."""
    with st.skeleton(height=600):
        quarters, told = told_of(look, "promises-by-quarter", "promises")
        found = figures(look, service_of.PROMISES)
    if told.missing:
        blocks.missing(told.missing)
    elif quarters.rows.empty:
        blocks.nothing(say("promises.nothing_due"), quarters.about)
    else:
        rate = found["promise_kept_rate"]
        blocks.beside(
            (service_of.kept(look, quarters, colours), "kept"),
            (service_of.kinds(look, told, rate, colours), "kinds"),
            widths=[3, 2],
        )
        to_list("promises-broken")
        blocks.table(*service_of.promise_table(told), key="promises", height=420)
        blocks.caption(told.about)


def service(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """How long appointments wait, and how many are missed."""
    with st.skeleton(height=600):
        (told,) = told_of(look, "waiting")
        found = figures(look, service_of.WAITING)
    if told.missing:
        blocks.missing(told.missing)
    elif told.rows.empty:
        blocks.nothing(say("waiting.nobody"), told.about)
    else:
        with row:
            by = choice(
                "by", voice.ways(told, service_of.BY), lambda code: voice.coded("told_by", code)
            )
        blocks.beside(
            (service_of.on_time(look, told, found["on_time_share"], by, colours), "on_time"),
            (service_of.missed(look, told, found["missed_rate"], by, colours), "missed"),
        )
        blocks.cards(service_of.waiting_cards(look, found))
        blocks.table(*service_of.waiting_table(told, by), key="waiting")
        blocks.caption(told.about, *told.notes)


def link(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """Whether good answers go with purchases."""
    with st.skeleton(height=500):
        (told,) = told_of(look, "satisfaction-link")
    if told.missing:
        blocks.missing(told.missing)
    elif told.rows.empty:
        blocks.nothing(say("link.nobody"), told.about)
    else:
        blocks.beside(
            *[
                (attitudes_of.link(look, told, name, colours), name)
                for name in attitudes_of.linked(told)
            ]
        )
        blocks.caption(told.about)


def silent(look: Look, colours: Palette, row: DeltaGenerator) -> None:
    """Who slows down without a word."""
    with st.skeleton(height=600):
        found = figures(look, attitudes_of.SILENT)
        keys, days = attitudes_of.SILENT, (look.as_of, look.compare)
        by_tier = data.figures(*look.at, keys, *days, by="tier")
        listed = data.listing(*look.at, "silent", look.as_of, look.language)
        names = data.tier_names(*look.at)
    if listed.missing:
        blocks.missing(listed.missing)
        return
    if found["silent"].value is None:
        blocks.nothing(say("silent.unknown"), found["silent"].note_text(look.language))
        return
    blocks.beside(
        *[
            (attitudes_of.silent(look, key, found, by_tier, names, colours), key)
            for key in attitudes_of.SILENT
        ]
    )
    to_list("silent")
    tables.told(listed, "silent_list", height=420)


def figures(look: Look, keys: Sequence[str]) -> dict:
    """Return headline figures of the whole scope by their key."""
    return words.by_key(data.figures(*look.at, tuple(keys), look.as_of, look.compare))


def told_of(look: Look, *keys: str) -> list[Told]:
    """Return some breakdowns."""
    days = (look.as_of, look.compare)
    return [data.breakdown(*look.at, key, *days, look.language) for key in keys]


def choice(name: str, options: Sequence[str], label: Callable[[str], str]) -> str:
    """Draw a choice within a section."""
    return filters.choice(name, tuple(options), label, title=say(f"satisfaction.choice.{name}"))


def to_list(key: str) -> None:
    """Draw the way to a work list."""
    label = say(f"satisfaction.to_list.{key.replace('-', '_')}")
    icon, asks = ":material/checklist:", address.link(list=key)
    st.page_link(LISTS, label=label, icon=icon, query_params=asks)


SECTIONS: dict[str, Callable[[Look, Palette, DeltaGenerator], None]] = {
    "scores": scores,
    "attitudes": attitudes,
    "ladder": ladder,
    "complaints": complaints,
    "promises": promises,
    "service": service,
    "link": link,
    "silent": silent,
}
