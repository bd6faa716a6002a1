"""Prospects: how far leads get, where they come from, who is left lying, and the plan."""

import streamlit as st

from dashboard import address, blocks, charts, data, filters, tables
from dashboard.findings import lead_plan, prospects, words
from dashboard.session import is_dark, look, plain, say

chosen, colours = look(), charts.palette(is_dark())
# Who has not bought yet is in no scope: leads are told of the whole company alone.
whole = (*chosen.at[:3], ())


def _choice(name: str, options: tuple[str, ...], label: str = "") -> str:
    label = label or f"prospects.{name}"
    title = say(f"prospects.{name}_choice")
    return filters.choice(name, options, lambda code: say(f"{label}.{code}"), title=title)


def _told(key: str) -> data.Told:
    return data.breakdown(*whole, key, chosen.as_of, chosen.compare, chosen.language)


section = _choice("section", prospects.SECTIONS)
with st.skeleton(height=600):
    steps = _told("lead-funnel")
    if steps.missing:
        blocks.missing(steps.missing)
        st.stop()
    keys = prospects.CARDS
    found = words.by_key(data.figures(*whole, keys, chosen.as_of, chosen.compare))
if chosen.scope:
    st.info(plain(say("note.leads_unscoped")), icon=":material/domain:")
if section == "funnel":
    blocks.cards(prospects.cards(chosen, found))
    left = prospects.funnel(chosen, steps, colours)
    blocks.beside((left, "funnel"), (prospects.now(chosen, steps, colours), "now"))
    tables.told(prospects.named(steps), "steps")
elif section == "sources":
    kind = _choice("kind", prospects.KINDS)
    leads = _told("leads-by-employee" if kind == "employee_id" else "leads")
    ways = ("conversion_rate", "trial_rate")
    shown = [(prospects.rates(chosen, leads, kind, way, colours), way) for way in ways]
    blocks.beside(*shown)
    tables.told(prospects.of_kind(leads, kind), "leads")
elif section == "stages":
    stages = _told("lead-stages")
    left = prospects.stays(chosen, stages, colours)
    blocks.beside((left, "stays"), (prospects.now(chosen, steps, colours), "now"))
    if not stages.missing:
        tables.told(stages, "stages")
elif section == "dormant":
    kind = _choice("kind", prospects.KINDS)
    leads = _told("leads-by-employee" if kind == "employee_id" else "leads")
    blocks.beside((prospects.lying(chosen, leads, kind, colours), "lying"))
    listed = data.listing(*whole, "leads-dormant", chosen.as_of, chosen.language)
    label, asked = say("prospects.to_list"), address.link(list="leads-dormant")
    st.page_link(
        "dashboard/pages/lists.py", label=label, icon=":material/checklist:", query_params=asked
    )
    if listed.rows.num_rows:
        tables.told(listed, "dormant")
else:
    flow = _choice("flow", tuple(lead_plan.FLOWS))
    targets = data.targets(chosen.home)
    made = lead_plan.months(chosen, _told("lead-months"), targets, flow, colours)
    blocks.beside((made, "months"))
    if planned := lead_plan.rows(chosen, _told("targets")):
        blocks.table(*planned, key="plan")
    else:
        blocks.nothing(say("prospects.plan.none"), say("prospects.plan.none_text"))
        st.code(lead_plan.example(chosen), language="toml")
        label = say("prospects.to_definitions")
        st.page_link("dashboard/pages/definitions.py", label=label, icon=":material/rule:",
                     query_params=address.link(section="targets"))  # fmt: skip
