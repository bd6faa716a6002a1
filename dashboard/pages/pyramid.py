"""Pyramid: who stands where, who moves, what the few carry, and what sales are made of."""

from functools import partial

import streamlit as st

from dashboard import blocks, charts, data, tables
from dashboard.findings import channels, composition, concentration, kinds, moves, words
from dashboard.findings import negative_value as negative
from dashboard.findings import pyramid as shape
from dashboard.findings.cells import choice
from dashboard.session import is_dark, look, say

PARTS = {
    "shape": shape, "moves": moves, "concentration": concentration, "composition": composition,
    "kinds": kinds, "negative": negative, "channels": channels,
}  # fmt: skip
chosen, colours = look(), charts.palette(is_dark())
names = data.tier_names(*chosen.at)
days = {"as_of": chosen.as_of, "compare": chosen.compare}
told = partial(data.breakdown, *chosen.at, language=chosen.language, **days)

section = choice("section", tuple(PARTS))
keys = tuple(dict.fromkeys(("customers", "prospects", *PARTS[section].KEYS)))
with st.skeleton(height=600):
    found = words.by_key(data.figures(*chosen.at, keys, **days))
if not found["customers"].value and not found["prospects"].value:
    blocks.nothing(say("page.nobody.title"), say("page.nobody.text"))
    st.stop()
if PARTS[section].CARDS:
    blocks.cards(shape.cards(chosen, found, PARTS[section].CARDS))
if section == "shape":
    left = shape.levels(chosen, found, names, colours)
    right = shape.then_and_now(chosen, found, names, colours)
    blocks.beside((left, "levels"), (right, "then"))
    blocks.table(say("pyramid.table"), *shape.table(chosen, found, names), key="tiers")
elif section == "moves":
    reading, moved = choice("reading", moves.READINGS), told("tier-migration")
    moves.link_to_expected(chosen, moved, data.expected_since(*chosen.at, chosen.as_of))
    left = moves.matrix(chosen, found, moved, names, reading, colours)
    right = moves.news(chosen, moved, names, colours)
    blocks.beside((left, "matrix"), (right, "news"), widths=(3, 2))
elif section == "concentration":
    line = told("whale")
    line = line if concentration.is_whale(line) else told("lorenz")
    left = concentration.curve(chosen, found, line, colours)
    right = concentration.windows(chosen, told("top-share-windows"), colours)
    blocks.beside((left, "curve"), (right, "windows"))
elif section == "composition":
    by = choice("by", composition.BY)
    is_compared = composition.is_compared(chosen, found, by, data.state(chosen.home).days[0])
    key = f"composition-{by}"
    then = told(key, as_of=chosen.compare, compare=None) if is_compared else None
    left = composition.sold(chosen, told(key), then, by, names, colours)
    right = composition.drivers(chosen, found, colours)
    blocks.beside((left, "sold"), (right, "drivers"), widths=(3, 2))
    place = choice("place", composition.PLACES)
    placed = composition.places(chosen, told(f"sales-by-order-{place}"), place, colours)
    blocks.beside((placed, "places"))
    if rows := composition.changes(chosen, told("composition-change"), by, names):
        blocks.table(*rows, key="changes")
elif section == "kinds":
    left = kinds.value(chosen, found, told("kinds"), colours)
    blocks.beside((left, "kinds"), (kinds.advice(chosen, found), "advice"))
elif section == "negative":
    parts = told("negative-value-parts")
    left = negative.parts(chosen, found, parts, colours)
    blocks.beside((left, "parts"), (negative.by_tier(chosen, parts, names, colours), "by_tier"))
    listed = data.listing(*chosen.at, "negative-value", chosen.as_of, chosen.language)
    if listed.rows.num_rows:
        tables.told(listed, "negative")
else:
    mix, levels = told("channel-mix"), told("membership")
    blocks.beside(*((channels.mix(chosen, mix, each, colours), each) for each in channels.WAYS))
    moved = channels.moves(chosen, told("membership-moves"), levels, colours)
    blocks.beside((channels.levels(chosen, found, levels, colours), "level"), (moved, "moved"))
    blocks.beside((channels.like(chosen, told("members-like"), colours), "like"))
