"""Who is in neither arm of a wave, by name and with the reason."""

from typing import Any

import pyarrow as pa
import pyarrow.compute
import streamlit as st

from core.store.records import Wave
from dashboard import data, data_desk_winback, desk
from dashboard.session import Look, plain, say
from dashboard.winback import fields

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types


def show(look: Look, wave: Wave, taken: pa.Table) -> None:
    """Show the exempt, and the form that adds one."""
    exempt: dict[str, str] = (wave.audience or {}).get("exempt", {})
    with st.expander(say("winback.exempt.title", n=len(exempt))):
        st.caption(plain(say("winback.exempt.about")))
        _add(look, wave, exempt, taken)
        for key, (name, why) in _named(look, exempt).items():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.text(f"{name} · {why}", width="content")
                if fields.button(say("winback.exempt.back"), f"winback.exempt.{wave.id}.{key}"):
                    left = {each: text for each, text in exempt.items() if each != key}
                    _keep(wave, left)


def _add(look: Look, wave: Wave, exempt: dict[str, str], taken: pa.Table) -> None:
    form = desk.sheet(f"winback.exempt.{wave.id}", wave.version)
    with (
        st.form(form.key(), border=False),
        st.container(horizontal=True, gap="small", vertical_alignment="bottom"),
    ):
        asked = st.text_input(say("winback.exempt.customer"), width=180, max_chars=200,
                              key=fields.field(form, "customer", ""))  # fmt: skip
        why = st.text_input(say("winback.exempt.reason"), width=320, max_chars=300,
                            key=fields.field(form, "reason", ""))  # fmt: skip
        is_done = fields.submit(say("winback.exempt.add"), is_first=False)
    if not is_done:
        return
    key = data_desk_winback.customer_key(look.home, asked.strip()) if asked.strip() else None
    if key is None or key not in set(taken["customer_key"].to_pylist()):
        st.warning(plain(say("winback.exempt.unknown", asked=asked[:60])))
    elif not why.strip():
        st.warning(say("winback.exempt.no_reason"))
    else:
        _keep(wave, {**exempt, str(key): why.strip()})


def _keep(wave: Wave, exempt: dict[str, str]) -> None:
    form = desk.sheet(f"winback.exempt.{wave.id}", wave.version)
    audience = {**(wave.audience or {}), "exempt": exempt}
    form.change(Wave, wave.id, {"audience": audience}, say("winback.exempt.saved"), wave.version)
    form.merge(Wave, say("winback.exempt.saved"), fields.labels, fields.spoken)


def _named(look: Look, exempt: dict[str, str]) -> dict[str, tuple[str, str]]:
    if not exempt:
        return {}
    home, version, standing, _ = look.at
    keys = tuple(int(key) for key in exempt)
    day = data.state(look.home).days[-1]
    rows = data_desk_winback.named(home, version, (standing[0], None), (), keys, day).to_pylist()
    names = {str(row["customer_key"]): row["name"] or row["customer_id"] for row in rows}
    return {key: (str(names.get(key) or key), why) for key, why in exempt.items()}
