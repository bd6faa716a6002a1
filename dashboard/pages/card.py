"""Customer card: one customer, or the search for one."""

import streamlit as st

from dashboard import address, data, data_card, dossier, finder
from dashboard.session import look, plain, say

chosen = look()
names = data.company(*chosen.at[:3]).tiers
typed = finder.box(chosen)
asked = address.held("customer")
card = None
if asked:
    with st.skeleton(height=600):
        key = finder.number(asked)
        card = None if key is None else data_card.card(*chosen.at, key, chosen.as_of)
    if card is None:
        st.warning(plain(say("card.unknown", asked=asked[:40])), icon=":material/person_off:")
if card is not None:
    dossier.show(chosen, card, names)
elif typed:
    finder.results(chosen, typed, names)
else:
    finder.start(chosen)
