"""Cases: what is due first, by stage; choose some to hand over or move on, or open one."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import streamlit as st

from core.desk import cases as kept
from core.desk.cases import OPEN, STAGES
from dashboard import address, blocks, data_desk_winback, desk, filters, numbers, tables
from dashboard.blocks import Card
from dashboard.session import Look, plain, say
from dashboard.tables import Column, Kind
from dashboard.winback import case, fields

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
ENDED = ("won", "declined", "let_go")
SHOWN = ("due", *OPEN, "ended", "refused")
MOST = 500  # rows that are shown at once
_COLUMNS = (
    "customer_id", "name", "tier_name", "value", "stage", "days_in_stage", "next_on", "next_step",
    "owner", "bought_on", "cause", "theme", "branch",
)  # fmt: skip

_WIDE = ("next_step", "theme")
_TALLEST = 420


def show(look: Look, day: date) -> None:
    """Show the cases of customers in scope, or the one that the address names."""
    if (id := address.held("case")) is not None:
        _remember()
        case.show(look, day, id)
        return
    today = desk.today()
    with st.skeleton(height=500):
        is_open = _prepared(data_desk_winback.case_rows(*look.at, OPEN, day), today)
        ended = _prepared(data_desk_winback.case_rows(*look.at, ENDED, day), today)
    if not is_open.num_rows + ended.num_rows:
        blocks.nothing(say("winback.cases.none"), say("winback.cases.none_advice"))
        st.page_link(
            "dashboard/pages/winback.py", label=say("winback.section.waves"),
            icon=":material/waves:", query_params=address.link(section="waves"),
        )  # fmt: skip
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        is_open, ended = (_narrowed(rows) for rows in _choices(is_open, ended))
    called = is_open.filter(pc.invert(is_open["is_refused"]))
    _cards(look, called, ended)
    parts = {"due": called.filter(called["is_due"]), "ended": ended}
    parts |= {name: called.filter(pc.equal(called["stage"], name)) for name in OPEN}
    parts["refused"] = is_open.filter(is_open["is_refused"])
    shown = [name for name in SHOWN if name != "refused" or parts[name].num_rows]
    which = filters.choice(
        "show", shown,
        lambda code: f"{say(f'winback.show.{code}')} {parts[code].num_rows:,}",
        title=say("winback.cases.title"),
    )  # fmt: skip
    _listed(look, which, parts[which])


def _remember() -> None:
    """Let the choices of the list outlive a look at one case, in which they are not drawn."""
    for name in ("whose", "wave", "show"):
        key = address.choice_key(name)
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def _prepared(rows: pa.Table, today: date) -> pa.Table:
    """Add how long each case has stood in its stage, whether it is due, whether it may be."""
    since = np.array(rows["stage_since"].to_pylist(), "datetime64[D]")
    days = (np.datetime64(today) - since).astype(int) if len(since) else np.array([], int)
    due = [next_on is None or next_on <= today for next_on in rows["next_on"].to_pylist()]
    refused = pc.invert(pc.fill_null(rows["may_contact"], True))
    return (
        rows.append_column("days_in_stage", pa.array(days, pa.int64()))
        .append_column("is_due", pa.array(due, pa.bool_()))
        .append_column("is_refused", refused)
    )


def _choices(*parts: pa.Table) -> list[tuple[pa.Table, str, str | None]]:
    """Draw whose cases, and of which wave."""
    me = desk.me()
    mine = sum(pc.sum(pc.equal(rows["owner"], me)).as_py() or 0 for rows in parts)
    whose = filters.choice(
        "whose", ("mine", "all"), lambda code: say(f"winback.whose.{code}"),
        title=say("winback.whose.title"), default="mine" if me and mine else "all",
    )  # fmt: skip
    themes = {
        row["wave_id"]: row["theme"]
        for rows in parts
        for row in rows.select(["wave_id", "theme"]).group_by(["wave_id", "theme"]).aggregate([])
        .to_pylist()
        if row["wave_id"]
    }  # fmt: skip
    wave = filters.pick(
        "wave", sorted(themes, key=lambda id: themes[id]), themes.__getitem__,
        title=say("winback.of_wave"), width=260,
    )  # fmt: skip
    return [(rows, me if whose == "mine" else "", wave) for rows in parts]


def _narrowed(asked: tuple[pa.Table, str, str | None]) -> pa.Table:
    rows, owner, wave = asked
    if owner:
        rows = rows.filter(pc.equal(rows["owner"], owner))
    return rows if wave is None else rows.filter(pc.equal(rows["wave_id"], wave))


def _cards(look: Look, rows: pa.Table, ended: pa.Table) -> None:
    """Show how many stand in each stage and how long; and how many came back, by their orders."""

    def whole(n: int) -> str:
        return numbers.whole(n, look.language)

    made = []
    for name in OPEN:
        of_stage = rows.filter(pc.equal(rows["stage"], name))
        days = pc.quantile(of_stage["days_in_stage"], 0.5)[0].as_py()
        remark = say("winback.card.days", n=whole(days)) if days is not None else None
        made.append(
            Card(fields.stage(name), whole(of_stage.num_rows), say(f"winback.about.{name}"),
                 remark=remark)
        )  # fmt: skip
    due = pc.sum(rows["is_due"]).as_py() or 0
    late = pc.sum(pc.less(rows["next_on"], desk.today())).as_py() or 0
    made.insert(
        0,
        Card(say("winback.card.due"), whole(due), say("winback.about.due"),
             remark=say("winback.card.late", n=whole(late)), is_good=None),
    )  # fmt: skip
    won = ended.filter(pc.equal(ended["stage"], "won"))
    sure = won.num_rows - won["bought_on"].null_count
    made.append(
        Card(fields.stage("won"), whole(won.num_rows), say("winback.about.won"),
             remark=say("winback.card.sure", n=whole(sure)))
    )  # fmt: skip
    bought = sum(part.num_rows - part["bought_on"].null_count for part in (rows, ended))
    made.append(
        Card(say("winback.card.bought"), whole(bought), say("winback.about.bought"),
             remark=say("winback.card.of", n=whole(rows.num_rows + ended.num_rows)))
    )  # fmt: skip
    blocks.cards(made)


def _listed(look: Look, which: str, rows: pa.Table) -> None:
    """Show cases: a click on a customer opens the case; chosen ones are changed together."""
    if not rows.num_rows:
        blocks.nothing(say(f"winback.none.{which}"), say(f"winback.none.{which}_advice"))
        return
    shown = rows.slice(0, MOST)
    table = _spoken(look, shown)
    headings = _columns(look)
    # The rows stand in the key: chosen places are those of these rows, and of no others.
    key = f"winback.cases.{hash(tuple(shown['id'].to_pylist())):x}"
    config: dict[str, Any] = {name: tables.column_of(each) for name, each in headings.items()}
    config["customer_id"] = st.column_config.ButtonColumn(
        headings["customer_id"].label, help=say("winback.cases.open"), type="tertiary",
        alignment="left", key=f"{key}.open", pinned=True,
    )  # fmt: skip
    if click := st.session_state.get(f"{key}.open"):
        place = shown["customer_id"].to_pylist().index(click["label"])
        address.hold("case", shown["id"][place].as_py())
        st.rerun()
    st.caption(plain(_said(look, rows.num_rows)))
    chosen: Any = st.dataframe(
        table, key=key, hide_index=True, placeholder=numbers.UNKNOWN, column_config=config,
        column_order=list(headings), on_select="rerun", selection_mode="multi-row",
        height=min(_TALLEST, 38 + 35 * shown.num_rows), alt=say("winback.cases.title"),
    )  # fmt: skip
    places = [place for place in chosen["selection"]["rows"] if place < shown.num_rows]
    if places:
        _bulk(look, shown.take(places).to_pylist())


def _said(look: Look, n: int) -> str:
    text = say("winback.cases.how")
    if n > MOST:
        whole, most = (numbers.whole(each, look.language) for each in (n, MOST))
        text = f"{say('winback.cases.first', shown=most, n=whole)} {text}"
    return text


def _spoken(look: Look, rows: pa.Table) -> pa.Table:
    _, staff = fields.owners(look)
    found = rows.select([name for name in _COLUMNS if name != "tier_name"])
    tiers = [fields.tier(look, code) for code in rows["tier_name"].to_pylist()]
    found = found.append_column("tier_name", pa.array(tiers, pa.string()))
    for name, said in (
        ("stage", fields.stage), ("cause", fields.cause),
        ("owner", partial(fields.owner, staff)),
    ):  # fmt: skip
        values = [said(code) for code in found[name].to_pylist()]
        place = found.column_names.index(name)
        found = found.set_column(place, name, pa.array(values, pa.string()))
    return found


def _columns(look: Look) -> Mapping[str, Column]:
    kinds: dict[str, Kind] = {
        "value": "money", "days_in_stage": "number", "next_on": "date", "bought_on": "date"
    }  # fmt: skip
    made = {}
    for name in _COLUMNS:
        label = say(f"winback.column.{name}")
        if name == "value":
            label = say("table.money", heading=label, currency=look.currency)
        made[name] = Column(
            label, kinds.get(name, "text"), width="medium" if name in _WIDE else None
        )
    return made


def _bulk(look: Look, chosen: list[dict[str, Any]]) -> None:
    """Draw what is done with several cases at once; what is left empty stays as it is."""
    form = desk.sheet("winback.bulk")
    options, staff = fields.owners(look)
    with st.form(form.key(), border=True):
        st.markdown(f"**{plain(say('winback.bulk.title', n=len(chosen)))}**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            owner = st.selectbox(
                say("winback.field.owner"), [o for o in options if o], index=None, width=220,
                format_func=partial(fields.owner, staff), key=form.key("owner"),
                placeholder=say("winback.bulk.as_is"), accept_new_options=True,
            )  # fmt: skip
            stage = st.selectbox(
                say("winback.field.stage"), STAGES, index=None, width=180, key=form.key("stage"),
                format_func=fields.stage, placeholder=say("winback.bulk.as_is"),
            )  # fmt: skip
            step = st.text_input(
                say("winback.field.next_step"), key=form.key("step"), width=240,
                placeholder=say("winback.bulk.as_is"), max_chars=500,
            )  # fmt: skip
            on = st.date_input(
                say("winback.field.next_on"), value=None, key=form.key("on"), width=160,
                format="YYYY-MM-DD",
            )  # fmt: skip
            is_done = fields.submit(say("winback.bulk.change", n=len(chosen)))
    wanted = {"owner": owner, "stage": stage, "next_step": step.strip(), "next_on": on}
    values = {name: value for name, value in wanted.items() if value}
    if is_done and not values:
        st.warning(say("winback.bulk.nothing"))
    elif is_done:
        versions = {row["id"]: row["version"] for row in chosen}
        change = partial(kept.change_many, versions=versions, values=values, today=desk.today())
        form.save(change, say("winback.bulk.done", n=len(chosen)))
