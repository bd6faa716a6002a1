"""The terms of a wave: theme, who qualifies, offer, what it costs, how long it runs."""

from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from core.definitions import TIERS
from core.desk.candidates import BANDS, PROGRAMMES
from core.desk.cases import CHANNELS
from core.store.records import Wave
from dashboard import data
from dashboard.desk import Sheet
from dashboard.session import Look, say
from dashboard.winback import fields

NARROWS = ("tiers", "bands", "causes", "branches")
FIELDS = (
    "theme", "programme", "offer", "contact_mode", "cost_per_contact", "incentive",
    "horizon_days", "owner", "note",
)  # fmt: skip


def draw(look: Look, form: Sheet, wave: Wave) -> dict[str, Any]:
    """Draw the fields within a form, and return what they hold as fields of a wave."""
    label = fields.labels
    audience = wave.audience or {}
    left, right = st.columns(2, gap="medium")
    with left:
        theme = st.text_input(
            label("theme"), key=fields.field(form, "theme", wave.theme), max_chars=200
        )
        programme = st.segmented_control(
            label("programme"), tuple(PROGRAMMES), required=True,
            key=fields.field(form, "programme", wave.programme),
            format_func=lambda code: say(f"winback.programme.{code}"),
            help=say("winback.about.programme"),
        )  # fmt: skip
        narrowed = _audience(look, form, audience)
    with right:
        offer = st.text_input(
            label("offer"), key=fields.field(form, "offer", wave.offer or ""), max_chars=500
        )
        mode = st.segmented_control(
            label("contact_mode"), CHANNELS, format_func=fields.channel, required=True,
            key=fields.field(form, "contact_mode", wave.contact_mode or CHANNELS[0]),
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            cost = _money(form, "cost_per_contact", wave.cost_per_contact)
            incentive = _money(form, "incentive", wave.incentive)
            horizon = st.number_input(
                label("horizon_days"), min_value=7, max_value=730, step=1, width=150,
                key=fields.field(form, "horizon_days", wave.horizon_days or 90),
                help=say("winback.about.horizon_days"),
            )  # fmt: skip
        options, staff = fields.owners(look, wave.owner or "")
        owner = st.selectbox(
            label("owner"), options, key=fields.field(form, "owner", wave.owner or ""),
            format_func=partial(fields.owner, staff),
        )  # fmt: skip
        note = st.text_area(
            label("note"), key=fields.field(form, "note", wave.note or ""), max_chars=10_000,
            height=80,
        )  # fmt: skip
    return {
        "theme": theme.strip(), "programme": programme, "offer": offer.strip(),
        "contact_mode": mode, "cost_per_contact": cost, "incentive": incentive,
        "horizon_days": horizon, "owner": owner, "note": note.strip(),
        "audience": {**audience, **narrowed},
    }  # fmt: skip


def _audience(look: Look, form: Sheet, audience: dict[str, Any]) -> dict[str, Any]:
    """Draw what narrows the list; nothing chosen takes everybody."""
    branches = sorted({row["branch"] for row in data.scopes(*look.at[:3]) if row["branch"]})
    offered = {"tiers": TIERS, "bands": BANDS, "causes": fields.CAUSES, "branches": branches}
    said = {
        "tiers": partial(fields.tier, look), "bands": fields.band, "causes": fields.cause,
        "branches": str,
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name in NARROWS:
        options = list(offered[name])
        known = [each for each in audience.get(name, ()) if each in options]
        found[name] = st.multiselect(
            fields.labels(name), options, key=fields.field(form, name, known),
            format_func=said[name], placeholder=say("filter.all"),
        )  # fmt: skip
    found["least_value"] = st.number_input(
        fields.labels("least_value"), min_value=0.0, step=100.0, width=200,
        key=fields.field(form, "least_value", audience.get("least_value")),
        placeholder=say("filter.all"),
    )  # fmt: skip
    return found


def _money(form: Sheet, name: str, value: Decimal | None) -> Decimal:
    typed = st.number_input(
        fields.labels(name), min_value=0.0, step=1.0, width=150,
        key=fields.field(form, name, float(value or 0)), help=say(f"winback.about.{name}"),
    )  # fmt: skip
    return Decimal(str(round(typed, 4)))
