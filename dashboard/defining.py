"""The sections of the page of definitions: figures, settings, the lapse, a comparison, targets."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core import definitions
from core.errors import CoreError
from core.figures import FAMILIES, definition_of
from core.i18n import translate
from dashboard import address, blocks, charts, data, drill, numbers, session, tables, trials
from dashboard.findings import definitions as told
from dashboard.findings import words
from dashboard.sections import targets
from dashboard.session import Look, is_dark, plain, say
from dashboard.tables import Column

_LONG = 560  # px, of the list of figures


def figures(look: Look) -> None:
    """Let the reader search the figures and read what one means."""
    left, right = st.columns([2, 1])
    search = left.text_input(
        say("board_definitions.search"), placeholder=say("board_definitions.search_hint"),
        key="definitions.search",
    )  # fmt: skip
    family = right.selectbox(
        say("board_definitions.family"), ("", *FAMILIES), key="definitions.family",
        format_func=lambda code: translate(
            f"definitions.family_{code}" if code else "board_definitions.all_families",
            look.language,
        ),
    )  # fmt: skip
    found = told.matching(search, family)
    if not found:
        blocks.nothing(
            say("board_definitions.none_found"), say("board_definitions.none_found_advice")
        )
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        blocks.caption(say("board_definitions.count", n=numbers.whole(len(found), look.language)))
        picked = _picked(look, found)
    with right:
        _article(look, picked or _asked() or found[0].key)


def _picked(look: Look, found: list) -> str | None:
    """Show the figures; return the one that the reader has just chosen."""
    columns = told.catalogue_columns()
    state = st.dataframe(
        told.catalogue(found, look.language), hide_index=True, height=_LONG, on_select="rerun",
        selection_mode="single-row", key=f"definitions.figures.{look.language}",
        column_config={n: tables.column_of(column) for n, column in columns.items()},
        column_order=("name", "family"),
    )  # fmt: skip
    rows = state["selection"]["rows"]
    if not rows or rows[0] >= len(found):
        return None
    address.hold("figure", found[rows[0]].key)
    address.want("figure", found[rows[0]].key)
    return found[rows[0]].key


def _asked() -> str | None:
    """Return the figure that the address asks for, if there is one."""
    key = address.held("figure")
    if key is None:
        return None
    try:
        return definition_of(key).key
    except CoreError as error:
        session.tell(error)
        return None


def _article(look: Look, key: str) -> None:
    with st.skeleton(height=_LONG):
        (figure,) = data.figures(*look.at, (key,), look.as_of, look.compare)
    with st.container(border=True):
        st.markdown(f"#### {plain(definition_of(key).name(look.language))}")
        for name, text in told.article(figure, look):
            st.markdown(f"**{plain(name)}**  \n{plain(text)}")
        blocks.caption(told.kind(key, look.language))
        if (behind := words.behind(figure)) is not None:
            drill.links([behind])
        st.code(f"regulars kpi {key}", language=None)


def settings(look: Look) -> None:
    """Show every setting, its meaning, its value, and what it is if nobody sets it."""
    current = data.in_force(*look.at[:3])
    rows = told.settings(current, look.language)
    title = say(
        "board_definitions.own", n=numbers.whole(int(rows.is_own.sum()), look.language),
        of=numbers.whole(len(rows), look.language),
    )  # fmt: skip
    if definitions.load(Path(look.home)).definitions != current:
        st.warning(say("board_definitions.settings_differ"), icon=":material/sync_problem:")
    tables.show(title, rows, told.settings_columns(), key="definitions.settings", height=720)
    version = current.version()
    blocks.caption(say("board_definitions.version", version=version, refresh=look.refresh))


def tau(look: Look) -> None:
    """Show which lapse the data propose, and how churn would read under others."""
    colours = charts.palette(is_dark())
    with st.skeleton(height=420):
        found = data.breakdown(*look.at, "lapse-proposal", look.as_of, look.compare, look.language)
    if found.rows.empty:
        blocks.nothing(found.title, " ".join(found.notes) or found.about)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        blocks.finding(told.tau(found, look, colours), key="tau")
    with right:
        blocks.finding(told.churn_by_tau(found, look, colours), key="tau_churn")
    blocks.caption(found.about, *found.notes)


def compare(look: Look) -> None:
    """Let the reader try other settings on the same data, beside those in force."""
    wanted = trials.form(look.home)
    now = definitions.load(Path(look.home)).definitions
    if wanted is not None:
        if wanted == now:
            st.info(say("board_definitions.same"))
            return
        trials.start(look, wanted, told.COMPARED)
    ended = trials.found()
    if ended is None:
        blocks.caption(say("board_definitions.compare_before"))
        return
    trial, found = ended
    of = trial.look
    blocks.caption(say("board_definitions.compare_about", day=numbers.day(of.as_of, look.language)))
    rows = told.difference(found, of)
    columns = {name: Column(say(f"board_definitions.{name}")) for name in rows.columns}
    if not rows.why.any():
        del columns["why"]
    title = say("board_definitions.section.compare")
    tables.show(title, rows, columns, key="trial.figures", height=720)
    title, moved = told.moves(found, of, trial.wanted.tiers.names)
    places = {n: Column(say(f"board_definitions.{n}")) for n in ("level_then", "level_now")}
    left, right = st.columns([2, 3], gap="medium")
    with left:
        counted = places | {"customers": Column(say("board_definitions.customers"), "number")}
        tables.show(title, moved, counted, key="trial.moves")
    with right:
        who = told.placed(found.biggest.to_pandas(), trial.wanted.tiers.names, look.language)
        heads = {n: Column(say(f"list.column.{n}")) for n in ("customer_id", "name")}
        value = {"value": Column(say("list.column.value"), "number")}
        tables.show(say("board_definitions.biggest"), who, heads | value | places, key="trial.who")
    blocks.caption(say("board_definitions.adopt"))
    st.code(told.toml(told.changed(now, trial.wanted)), language="toml")


SECTIONS: dict[str, Callable[[Look], None]] = {
    "figures": figures,
    "settings": settings,
    "tau": tau,
    "compare": compare,
    "targets": targets.show,
}
