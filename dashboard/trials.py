"""Trying other definitions: the form, the progress, and what they would make of the same data.

The ledger is built beside the published one, on a thread of its own: the reader may turn elsewhere
and come back.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from core import definitions
from core.definitions import Definitions
from core.errors import CoreError
from core.trial import Compared, compared
from dashboard import session
from dashboard.session import Look, say

_TRIAL = "_trial"
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="regulars-trial")


@dataclass
class Trial:
    """A comparison that runs, or has ended, of one reader."""

    look: Look
    wanted: Definitions
    phase: str = ""
    share: float | None = None
    future: Future = field(default_factory=Future)

    def heard(self, phase: str, share: float | None) -> None:
        """Take note of the progress."""
        self.phase, self.share = phase, share


def form(home: str) -> Definitions | None:
    """Let the reader choose other settings; return them when they are to be tried."""
    now = definitions.load(Path(home)).definitions
    with st.form("trial"):
        row = st.columns(3)
        tau = row[0].number_input(
            say("board_definitions.form.tau"), 1, 3650, now.lapse_after_days, key="trial.tau"
        )
        names = row[1].selectbox(
            say("board_definitions.form.names"), ("curry", "zeithaml"), key="trial.names",
            index=("curry", "zeithaml").index(now.tiers.names),
            format_func=lambda code: say(f"board_definitions.form.{code}"),
        )  # fmt: skip
        kind_change = row[2].number_input(
            say("board_definitions.form.kind_change"), 1, 100, round(now.kind_change * 100),
            key="trial.kind_change",
        )  # fmt: skip
        row = st.columns(3)
        shares = []
        for place, share in enumerate(now.tiers.shares):
            label = say(f"board_definitions.form.share_{place + 1}")
            key, percent = f"trial.share_{place}", share * 100
            shares.append(row[place].number_input(label, 0.1, 90.0, percent, 0.5, key=key))
        other = st.text_area(
            say("board_definitions.form.other"), key="trial.other",
            placeholder="dependency_share = 0.7\ncost_coverage = 0.9",
            help=say("board_definitions.form.other_help"),
        )  # fmt: skip
        if not st.form_submit_button(say("board_definitions.form.compare"), type="primary"):
            return None
    changes = {
        "lapse_after_days": tau, "kind_change": kind_change / 100,
        "tiers": now.tiers.model_dump() | {
            "names": names, "shares": tuple(share / 100 for share in shares),
        },
    }  # fmt: skip
    return _valid(now, changes, other)


def _valid(now: Definitions, changes: dict, other: str) -> Definitions | None:
    try:
        return definitions.changed(now, changes, other)
    except CoreError as error:
        session.tell(error)
        return None


def start(look: Look, wanted: Definitions, keys: tuple[str, ...]) -> None:
    """Begin to build the ledger under other definitions."""
    home = Path(look.home)
    configuration = definitions.load(home).model_copy(update={"definitions": wanted})
    trial = Trial(look, wanted)

    def work() -> Compared:
        return compared(
            home, configuration, keys, dict(look.scope), look.as_of, look.compare, trial.heard
        )

    trial.future = _pool.submit(work)
    st.session_state[_TRIAL] = trial


def found() -> tuple[Trial, Compared] | None:
    """Show how far the trial is, or what it ended in; return its outcome, if there is one."""
    trial: Trial | None = st.session_state.get(_TRIAL)
    if trial is None:
        return None
    if not trial.future.done():
        _progress()
        return None
    error = trial.future.exception()
    if error is None:
        return trial, trial.future.result()
    del st.session_state[_TRIAL]
    if isinstance(error, CoreError):
        session.tell(error)
    elif isinstance(error, Exception):
        session.tell_unexpected(error)
    return None


@st.fragment(run_every=0.7)
def _progress() -> None:
    trial: Trial = st.session_state[_TRIAL]
    if trial.future.done():
        st.rerun()
    text = say("board_definitions.trying", phase=trial.phase)
    st.progress(min(max(trial.share or 0.0, 0.0), 1.0), text=session.plain(text))
