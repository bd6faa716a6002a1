"""How far the books can be trusted: what the checks found, and what each table lights up."""

from datetime import date

import pandas as pd
import streamlit as st

from core import breakdowns
from core.figures import FIGURES
from core.schema import TABLES
from dashboard import blocks, data_books, numbers, tables
from dashboard.session import language, plain, say
from dashboard.tables import Column, Kind

EXAMPLES = 3  # figures named of those that a table lights up


def checks(home: str, version: int) -> None:
    """Show what the checks found: how much, which figures it touches, what to do."""
    with st.skeleton(height=400):
        found = data_books.quality_issues(home, version)
    if not found:
        blocks.nothing(say("trust.none"), say("trust.none_text"))
        return
    spoken = language()
    st.markdown(f"##### {plain(say('trust.found', n=numbers.whole(len(found), spoken)))}")
    for issue in found:
        values = {
            name: numbers.day(value, spoken) if isinstance(value, date) else value
            for name, value in issue.values.items()
        }
        values |= {
            "n": numbers.whole(issue.n, spoken), "of": numbers.whole(issue.of, spoken),
            "share": numbers.percent(issue.share, spoken), "table": _name(issue.table),
        }  # fmt: skip
        if "other" in values:
            values["other"] = _name(str(values["other"]))
        title, what, touches, advice = (
            say(f"quality.{issue.key}.{part}", **values)
            for part in ("title", "what", "touches", "advice")
        )
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{plain(title)}**")
            st.markdown(plain(what))
            blocks.caption(touches, advice)
    blocks.caption(say("trust.about"))


def brought(home: str, version: int) -> None:
    """Show every table: whether it was brought, until when, and which figures need it."""
    with st.skeleton(height=400):
        held = data_books.tables_held(home, version)
    spoken = language()
    rows = []
    for name in TABLES:
        needing = [figure.name(spoken) for figure in FIGURES if name in figure.tables]
        needing += [b.title(spoken) for b in breakdowns.BREAKDOWNS.values() if name in b.tables]
        count, last = held.get(name, (None, None))
        rows.append(
            {
                "table": _name(name), "code": name, "is_brought": count is not None,
                "rows": count or 0, "last": last, "figures": len(needing),
                "examples": say("table.join").join(needing[:EXAMPLES]),
            }
        )  # fmt: skip
    kinds: dict[str, Kind] = {
        "is_brought": "flag", "rows": "number", "last": "date", "figures": "number",
    }  # fmt: skip
    frame = pd.DataFrame(rows).sort_values(
        ["is_brought", "figures"], ascending=[True, False], kind="stable"
    )
    columns = {n: Column(say(f"trust.{n}"), kinds.get(n, "text")) for n in frame.columns}
    missing = int((~frame.is_brought).sum())
    title = say("trust.missing", n=missing) if missing else say("trust.all_brought")
    tables.show(title, frame, columns, key="brought", height=720)
    blocks.caption(say("trust.tables_about"))


def _name(table: str) -> str:
    return TABLES[table].zh if language() == "zh" else TABLES[table].en
