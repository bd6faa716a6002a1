"""What winning back is worth: the four verdicts, and every input with its source, to be changed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.desk.judging import INPUTS, Kind, Sum, Terms
from core.metrics.churn_causes import TREE
from core.store.records import Wave
from dashboard import blocks, desk, numbers
from dashboard.blocks import Card
from dashboard.session import Look, plain, say
from dashboard.winback import fields

_STEPS = {
    "uplift": (0.0, 1.0, 0.005), "second_life_share": (0.0, 5.0, 0.05),
    "margin_share": (0.0, 1.0, 0.05), "least_occasions": (0, 50, 1),
    "least_history_days": (0, 3_650, 30),
}  # fmt: skip
OURS = tuple(cause for cause, side in TREE.items() if side == "company")


def verdicts(look: Look, found: Sequence[Sum]) -> None:
    """Show how many there are of each verdict, what they had brought and are worth."""

    def money(value: float | None) -> str:
        return numbers.short_money(value, look.currency, look.language)

    blocks.cards([
        Card(
            say(f"winback.verdict.{each.verdict}"), numbers.whole(each.customers, look.language),
            say(f"winback.about.{each.verdict}"),
            remark=say("winback.worth.sum", worth=money(each.worth), value=money(each.value))
            if each.customers else None,
        )
        for each in found
    ])  # fmt: skip


def inputs(look: Look, wave: Wave, kinds: Sequence[Kind]) -> None:
    """Draw every input by tier and silence with its source; what is written by hand goes first."""
    st.caption(plain(say("winback.worth.formula")))
    known = Terms.of(wave.assumptions or {}, 0, 0)
    form = desk.sheet(f"winback.worth.{wave.id}", wave.version)
    with st.form(form.key(), border=False):
        typed = _assumptions(form, known)
        frame = pd.DataFrame([_row(look, kind) for kind in kinds])
        edited = frame if frame.empty else _editor(look, frame, form.key("kinds"))
        is_done = fields.submit(say("winback.worth.save"))
    if is_done:
        typed["entered"] = _entered(known, frame, edited)
        form.change(Wave, wave.id, {"assumptions": typed}, say("winback.worth.saved"))
    form.merge(Wave, say("winback.worth.saved"), fields.labels, fields.spoken)


def _assumptions(form: desk.Sheet, known: Terms) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with st.container(horizontal=True, gap="small"):
        for name, (least, most, step) in _STEPS.items():
            found[name] = st.number_input(
                say(f"winback.assume.{name}"), least, most, step=step, width=178,
                key=fields.field(form, name, getattr(known.assumptions, name)),
                help=say(f"winback.assume.{name}_about"),
                format="%d" if isinstance(step, int) else "%.3f",
            )  # fmt: skip
    found["fixed_causes"] = st.multiselect(
        say("winback.assume.fixed"), OURS, format_func=fields.cause,
        key=fields.field(form, "fixed_causes", list(known.fixed_causes)),
        help=say("winback.assume.fixed_about"), placeholder=say("winback.assume.none_fixed"),
    )  # fmt: skip
    return found


def _row(look: Look, kind: Kind) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": kind.code, "tier": fields.tier(look, kind.tier_name),
        "band": fields.band(kind.silence_band) if kind.silence_band else numbers.UNKNOWN,
        "customers": kind.customers,
    }  # fmt: skip
    for name in INPUTS:
        found = getattr(kind, name)
        row[name] = found.value
        row[f"{name}_from"] = _source(look, found.source, found.n)
    return {**row, "worth": kind.worth}


def _source(look: Look, source: str, n: int | None) -> str:
    text = say(f"winback.source.{source}")
    return text if n is None else f"{text} (n = {numbers.whole(n, look.language)})"


def _editor(look: Look, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    make = st.column_config
    label = {name: say(f"winback.worth.{name}") for name in frame.columns if name != "code"}
    money = {name: say("table.money", heading=label[name], currency=look.currency)
             for name in ("second_life", "worth")}  # fmt: skip
    config: Mapping[str, Any] = {
        **{name: make.TextColumn(text, disabled=True) for name, text in label.items()},
        "code": None,
        "customers": make.NumberColumn(label["customers"], format="localized", disabled=True),
        "p_control": make.NumberColumn(label["p_control"], format="percent", min_value=0.0,
                                       max_value=1.0),
        "uplift": make.NumberColumn(label["uplift"], format="percent", min_value=-1.0,
                                    max_value=1.0),
        "second_life": make.NumberColumn(money["second_life"], format="%,.0f"),
        "worth": make.NumberColumn(money["worth"], format="%,.0f", disabled=True),
    }  # fmt: skip
    return st.data_editor(
        frame, key=key, hide_index=True, column_config=dict(config), height=260,
        placeholder=numbers.UNKNOWN, alt=say("winback.worth.inputs"),
    )  # fmt: skip


def _entered(
    known: Terms, before: pd.DataFrame, after: pd.DataFrame
) -> dict[str, dict[str, float]]:
    """Return what was written by hand, by kind; a cell that was emptied is asked of the books."""
    found = {kind: dict(of) for kind, of in known.entered.items()}
    if before.empty:
        return found
    rows = zip(before.to_dict("records"), after.to_dict("records"), strict=True)
    for was, now in rows:
        for name in INPUTS:
            if pd.isna(now[name]) and not pd.isna(was[name]):
                found.get(was["code"], {}).pop(name, None)
            elif not pd.isna(now[name]) and now[name] != was[name]:
                found.setdefault(was["code"], {})[name] = float(now[name])
    return {kind: of for kind, of in found.items() if of}
