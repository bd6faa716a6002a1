"""Repurchase: who comes back, when, after what, and who should come next."""

import streamlit as st

from dashboard import address, blocks, charts, data, filters, tables
from dashboard.findings import bought, cohorts, gaps, newcomers, repurchase, words
from dashboard.session import is_dark, look, say

KEYS = {
    "rates": repurchase.KEYS,
    "promotions": newcomers.CARDS,
    "expected": bought.CARDS,
}
chosen, colours = look(), charts.palette(is_dark())


def _choice(name: str, options: tuple[str, ...]) -> str:
    label = f"repurchase.{name}"
    title = say(f"{label}_choice")
    return filters.choice(name, options, lambda code: say(f"{label}.{code}"), title=title)


def _told(key: str) -> data.Told:
    return data.breakdown(*chosen.at, key, chosen.as_of, chosen.compare, chosen.language)


section = _choice("section", repurchase.SECTIONS)
with st.skeleton(height=600):
    keys = ("customers", *KEYS.get(section, ()))
    found = words.by_key(data.figures(*chosen.at, keys, chosen.as_of, chosen.compare))
if not found["customers"].value:
    blocks.nothing(say("page.nobody.title"), say("page.nobody.text"))
    st.stop()
if section == "rates":
    blocks.cards(repurchase.cards(chosen, found))
    within = _told("repurchase-within")
    left = repurchase.curve(chosen, found, _told("repurchase-curve"), within, colours)
    blocks.beside((left, "curve"), (repurchase.windows(chosen, found, colours), "windows"))
    tables.told(within, "within")
elif section == "cohorts":
    measure = _choice("measure", cohorts.MEASURES)
    cells = _told("cohort-money" if measure == "money" else "cohorts")
    left = cohorts.grid(chosen, cells, measure, colours)
    right = cohorts.average(chosen, cells, measure, colours)
    blocks.beside((left, "grid"), (right, "average"), widths=(5, 3))
elif section == "gaps":
    left = gaps.curves(chosen, _told("gap-curves"), colours)
    right = gaps.medians(chosen, _told("gaps"), colours)
    blocks.beside((left, "gap_curves"), (right, "gap_medians"))
    tables.told(_told("gaps"), "gaps")
elif section == "products":
    products = _told("multi-buyers")
    left = bought.again(chosen, products, "product", colours)
    right = bought.again(chosen, _told("multi-buyers-category"), "category", colours)
    blocks.beside((left, "product"), (right, "category"))
    if not products.missing:
        tables.told(products, "products")
elif section == "promotions":
    blocks.cards(newcomers.cards(chosen, found))
    brought = _told("promotions")
    blocks.beside(*newcomers.sides(chosen, brought, colours))
    if len(brought.rows):
        tables.told(brought, "promotions")
elif section == "attributes":
    by = _choice("by", tuple(bought.ATTRIBUTES))
    valued = _told(bought.ATTRIBUTES[by][0])
    blocks.beside(*bought.sides(chosen, valued, by, colours))
    if bought.is_told(valued, by):
        tables.told(valued, "value_by")
else:
    blocks.cards(bought.cards(chosen, found), in_a_row=4)
    blocks.beside((bought.weeks(chosen, _told("expected-weeks"), colours), "weeks"))
    to_list = say("repurchase.to_list"), address.link(list="expected")
    st.page_link("dashboard/pages/lists.py", label=to_list[0], query_params=to_list[1])
    listed = data.listing(*chosen.at, "expected", chosen.as_of, chosen.language)
    if listed.rows.num_rows:
        tables.told(listed, "expected")
