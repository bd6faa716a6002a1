"""An open wave: when it can be read, and its reading, once."""

from datetime import date
from functools import partial

import streamlit as st

from core.desk import waves as kept
from core.desk.waves import Standing
from core.waves.lift import not_yet
from dashboard import data_desk_winback, desk, numbers
from dashboard.session import Look, plain, say
from dashboard.winback import fields


def show(look: Look, day: date, standing: Standing) -> None:
    """Say when the wave can be read; draw the button that reads it from then on."""
    wave = standing.wave
    if standing.closes_on is None:
        return
    closes = numbers.day(standing.closes_on, look.language)
    if not_yet(standing.closes_on, as_of=day) is not None:
        until = numbers.day(day, look.language)
        st.info(plain(say("winback.wave.not_yet", day=closes, until=until)),
                icon=":material/hourglass_top:")  # fmt: skip
        return
    st.success(plain(say("winback.wave.can_read", day=closes)), icon=":material/event_available:")
    if fields.button(say("winback.wave.read"), f"winback.read.{wave.id}", is_first=True,
                     icon=":material/insights:"):  # fmt: skip
        with st.spinner(say("winback.wave.reading")):
            found = data_desk_winback.reading(look.home, wave.id, day)
        do = partial(
            kept.close, id=wave.id, version=wave.version, reading=found, today=desk.today()
        )
        desk.once(f"winback.read.{wave.id}", do, say("winback.wave.was_read"))
