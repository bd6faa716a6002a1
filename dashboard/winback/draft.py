"""A draft of a wave: who qualifies, what each is worth, who is taken, how many are held out."""

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import streamlit as st

from core.desk import judging
from core.desk import waves as kept
from core.desk.judging import VERDICTS, Judged, Terms
from core.store.records import Wave
from core.waves.power import WANTED_LIFT, proposed_share, smallest_lift
from dashboard import blocks, data, data_desk_winback, desk, filters, numbers, tables
from dashboard.blocks import Card, Column
from dashboard.session import Look, plain, say
from dashboard.winback import exempting, fields, terms, worths

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
BASE_RATE = 0.05  # taken where not known of anybody
LISTED = 500  # customers shown by name
SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)


def show(look: Look, day: date, wave: Wave) -> None:
    """Show the steps from the terms to the draw."""
    with st.skeleton(height=400):
        found = judged(look, day, wave)
    with desk.store().reading() as session:
        gone = kept.not_to_draw(session)
    may = found.rows.filter(pc.invert(found.rows["is_refused"]))
    inside = judging.narrowed(may, _narrowing(wave))
    there = np.isin(inside["customer_key"].to_numpy(), list(gone["in_waves"] | gone["in_cases"]))
    free = inside.filter(pa.array(~there))
    _step(1, say("winback.step.who"))
    _who(look, day, wave, found.rows, inside, free)
    with st.expander(say("winback.wave.terms_title")):
        _terms(look, wave)
    _step(2, say("winback.step.worth"))
    worths.verdicts(look, judging.by_verdict(free))
    with st.expander(say("winback.worth.inputs")):
        worths.inputs(look, wave, found.kinds)
    _step(3, say("winback.step.taken"))
    taken, chosen = _taken(look, wave, free)
    _step(4, say("winback.step.held_out"))
    share = _held_out(look, wave, taken)
    _step(5, say("winback.step.draw"))
    _draw(look, day, wave, taken, share, chosen)
    with st.expander(say("winback.wave.give_up")):
        st.caption(plain(say("winback.wave.give_up_about")))
        if fields.button(say("winback.wave.give_up"), f"winback.give_up.{wave.id}"):
            do = partial(kept.drop, id=wave.id, version=wave.version, today=desk.today())
            desk.once(f"winback.drop.{wave.id}", do, say("winback.wave.dropped"))


def judged(look: Look, day: date, wave: Wave) -> Judged:
    """Return the candidates of a wave as its assumptions judge them."""
    cost, incentive = float(wave.cost_per_contact), float(wave.incentive)
    known = Terms.of(wave.assumptions or {}, cost, incentive).as_plain()
    return data_desk_winback.judged(
        *look.at, wave.programme, day, wave.horizon_days, json.dumps(known, sort_keys=True), cost,
        incentive,
    )  # fmt: skip


def _narrowing(wave: Wave) -> dict:
    return {name: (wave.audience or {}).get(name) for name in (*terms.NARROWS, "least_value")}


def _step(number: int, title: str) -> None:
    st.markdown(f"#### :gray[{number}] {plain(title)}")


def _who(
    look: Look, day: date, wave: Wave, rows: pa.Table, inside: pa.Table, free: pa.Table
) -> None:
    def card(name: str, n: int, remark: str | None = None) -> Card:
        return Card(say(f"winback.who.{name}"), numbers.whole(n, look.language),
                    say(f"winback.about.who_{name}"), remark=remark)  # fmt: skip

    refused = pc.sum(rows["is_refused"]).as_py() or 0
    blocks.cards([
        card("listed", rows.num_rows), card("refused", refused),
        card("inside", inside.num_rows), card("elsewhere", inside.num_rows - free.num_rows),
        card("free", free.num_rows),
    ])  # fmt: skip
    listed = say(f"winback.programme.{wave.programme}_list")
    st.caption(plain(say("winback.who.of", list=listed, day=numbers.day(day, look.language))))


def _terms(look: Look, wave: Wave) -> None:
    form = desk.sheet(f"winback.wave.{wave.id}", wave.version)
    with st.form(form.key(), border=False):
        typed = terms.draw(look, form, wave)
        is_done = fields.submit(say("winback.wave.save"))
    if is_done:
        audience = typed.pop("audience")
        values = fields.written(form, typed)
        if audience != (wave.audience or {}):
            values["audience"] = audience
        form.change(Wave, wave.id, values, say("winback.wave.saved"))
    form.merge(Wave, say("winback.wave.saved"), fields.labels, fields.spoken)


def _taken(look: Look, wave: Wave, free: pa.Table) -> tuple[pa.Table, Sequence[str]]:
    """Draw which verdicts are taken and who is exempt; return the customers taken."""
    key = f"winback.taken.{wave.id}"
    st.session_state.setdefault(key, [VERDICTS[0]])
    filters.keep(key)
    chosen = st.multiselect(
        say("winback.taken.verdicts"), VERDICTS, key=key,
        format_func=lambda code: say(f"winback.verdict.{code}"), help=say("winback.taken.about"),
    )  # fmt: skip
    taken = judging.narrowed(free, {"verdicts": chosen or ["nobody"]})
    exempting.show(look, wave, taken)
    if taken.num_rows:
        order = [("worth", "descending"), ("value", "descending"), ("customer_key", "ascending")]
        top = taken.sort_by(order).slice(0, LISTED)
        _by_customer(look, wave, top, taken.num_rows)
    return taken, chosen


def _by_customer(look: Look, wave: Wave, top: pa.Table, n: int) -> None:
    day = data.state(look.home).days[-1]
    keys = tuple(top["customer_key"].to_pylist())
    home, version, standing, scope = look.at
    rows = data_desk_winback.named(home, version, (standing[0], None), scope, keys, day)
    place = pc.index_in(rows["customer_key"], top["customer_key"])
    judged_rows = top.take(place)
    for name in ("value", "worth", "p_control", "second_life", "silence_band", "cause", "rule"):
        rows = rows.append_column(name, judged_rows[name])
    for name, said in (
        ("tier_name", partial(fields.tier, look)), ("cause", fields.cause),
        ("silence_band", fields.band), ("rule", lambda code: say(f"winback.rule.{code}")),
    ):  # fmt: skip
        values = [said(code) if code or name == "cause" else None
                  for code in rows[name].to_pylist()]  # fmt: skip
        at = rows.column_names.index(name)
        rows = rows.set_column(at, name, pa.array(values, pa.string()))
    kinds: dict[str, tables.Kind] = {
        "value": "money", "worth": "money", "second_life": "money", "p_control": "percent",
        "last_on": "date",
    }  # fmt: skip
    names = (
        "customer_id", "name", "tier_name", "value", "worth", "p_control", "second_life",
        "silence_band", "cause", "rule", "last_on", "branch",
    )  # fmt: skip
    columns = {
        name: Column(say(f"winback.column.{name}"), kinds.get(name, "text")) for name in names
    }
    if wave.programme != "win_back":  # they are not lost
        columns["value"] = Column(say("list.column.value"), "money")
        del columns["cause"]
    whole, shown = (numbers.whole(each, look.language) for each in (n, rows.num_rows))
    tables.show(
        say("winback.taken.title", n=whole), rows, columns, "winback.taken_rows", height=320,
        caption=say("winback.taken.first", n=whole, shown=shown) if n > rows.num_rows else "",
    )  # fmt: skip


def _held_out(look: Look, wave: Wave, taken: pa.Table) -> float:
    """Draw the share held out, with what the wave can then show."""
    exempt = {int(key) for key in (wave.audience or {}).get("exempt", {})}
    n = taken.num_rows - int(np.isin(taken["customer_key"].to_numpy(), list(exempt)).sum())
    known = taken["p_control"].drop_null().to_numpy()
    base = float(known.mean()) if len(known) else BASE_RATE
    wanted = float((wave.assumptions or {}).get("uplift", WANTED_LIFT))
    proposed = proposed_share(n, base, wanted_lift=wanted)
    spoken = look.language
    st.markdown(plain(say(
        f"winback.held_out.{proposed.reason}", n=numbers.whole(n, spoken),
        share=numbers.percent(proposed.control_share, spoken, 0),
        wanted=_points(wanted, spoken), lift=_points(proposed.smallest_lift, spoken),
    )))  # fmt: skip
    key = f"winback.share.{wave.id}.{proposed.control_share}"
    st.session_state.setdefault(key, proposed.control_share)
    filters.keep(key)
    share = st.select_slider(
        say("winback.held_out.share"), SHARES, key=key, width=480,
        format_func=lambda each: numbers.percent(each, spoken, 0),
    )  # fmt: skip
    control = round(n * share)
    lift = smallest_lift(n - control, control, base)
    source = say("winback.held_out.base" if len(known) else "winback.held_out.base_taken",
                 rate=numbers.percent(base, spoken))  # fmt: skip
    if lift is None:
        st.warning(plain(say("winback.held_out.nothing")))
    else:
        st.info(plain(say(
            "winback.held_out.shows", treated=numbers.whole(n - control, spoken),
            control=numbers.whole(control, spoken), lift=_points(lift, spoken), base=source,
        )), icon=":material/balance:")  # fmt: skip
    return share


def _points(value: float | None, spoken: str) -> str:
    return numbers.UNKNOWN if value is None else numbers.tenth(value * 100, spoken)


def _draw(
    look: Look, day: date, wave: Wave, taken: pa.Table, share: float, verdicts: Sequence[str]
) -> None:
    """Draw the button that freezes the list."""
    st.caption(plain(say("winback.draw.about")))
    if look.scope:
        st.caption(plain(say("winback.draw.scope")))
    if not taken.num_rows:
        st.warning(say("winback.draw.nobody"))
        return
    label = say("winback.draw.now", n=numbers.whole(taken.num_rows, look.language))
    if not fields.button(label, f"winback.draw.{wave.id}", icon=":material/casino:", is_first=True):
        return
    do = partial(
        kept.draw, id=wave.id, version=wave.version, people=taken, control_share=share,
        today=desk.today(), as_of=day, data_version=look.version, verdicts=verdicts,
        staff=data.staff(look.home, look.version),
    )  # fmt: skip
    desk.once(f"winback.draw.{wave.id}", do, say("winback.draw.done"))
