"""What the demo company did on the win-back desk: two waves read, one running, one drafted.

Drawn, worked and read by the functions of the desk, from the demo's own books. Nothing of the story
of the demo knows of these waves, so what they show is what chance makes of a wave that changes
nothing: usually that it cannot be told yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.compute
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.desk import cases, judging, outcomes, waves
from core.desk.candidates import Candidates, candidates
from core.desk.judging import Experience, Terms
from core.facts import Books
from core.reading import open_ledger
from core.store import Store, changing, store_at
from core.store.records import Case, Contact, Wave
from core.view import View

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
HORIZON = 90
_LEAST = 10  # customers of a wave
COST, INCENTIVE = 20, 50


@dataclass(frozen=True)
class _Plan:
    """One wave: its words, whom it takes, when it is drawn, how many are held out."""

    key: str
    theme: str
    offer: str
    mode: str
    audience: Mapping[str, Any]
    control_share: float
    most: int  # customers


_CLOSED = (
    _Plan("demo-wave-1", "老客回访 Call-back of upper tiers", "免费检测 Free inspection", "phone",
          {"tiers": ["top", "high", "middle"]}, 0.5, 2_000),
    _Plan("demo-wave-2", "保养关怀 Maintenance reminder", "工时八折 20 % off labour", "message",
          {"tiers": ["other"], "bands": ["181-365", "366-730"], "least_value": 1_500.0}, 0.3, 900),
)  # fmt: skip
_OPEN = _Plan(
    "demo-wave-3", "秋季召回 Autumn win-back", "上门取送 Pick-up and delivery", "phone",
    {"bands": ["181-365", "366-730"], "least_value": 1_200.0}, 0.3, 400,
)  # fmt: skip
_DRAFT = _Plan(
    "demo-wave-4", "岁末唤醒 Year-end wake-up", "洗车券 Car wash", "message",
    {"tiers": ["high", "middle"]}, 0.3, 0,
)  # fmt: skip
_STEPS = ("再次致电 Call again", "寄送报价 Send the offer", "预约到店 Make an appointment")


def fill(home: Path) -> None:
    """Record the demo's waves beside its books, unless they are recorded already."""
    store = store_at(home)
    with store.reading() as session:
        if session.get(Wave, _DRAFT.key) is not None:
            return
    with open_ledger(Books(home), with_desk=False) as ledger:
        view = View(ledger)
        closed = [d for d in view.days if d <= view.days[-1] - timedelta(days=HORIZON + 20)]
        lately = [d for d in view.days if d <= view.days[-1] - timedelta(days=30)]
        if not closed or not lately:
            return
        then, now = closed[-1], lately[-1]
        before = candidates(view, "win_back", then, horizon_days=HORIZON)
        after = candidates(view, "win_back", now, horizon_days=HORIZON)
        staff = _staff(view)
        version = ledger.version.version
    begun = partial(_begin, store, staff=staff, version=version)
    done = []
    for place, plan in enumerate(_CLOSED):
        if begun(plan, before, then + timedelta(days=1 + 7 * place)):
            store.write(staff[0], f"{plan.key}-work", partial(_worked, plan=plan, until=None))
            done.append(plan)
    _read(store, home, done)
    if begun(_OPEN, after, now + timedelta(days=3)):
        last = now + timedelta(days=39)
        store.write(staff[0], f"{_OPEN.key}-work", partial(_worked, plan=_OPEN, until=last))
    store.write(staff[0], _DRAFT.key, lambda session: _draft(session, _DRAFT, "care", staff[0]))


def _staff(view: View) -> list[str]:
    people = view.ledger.table("employees")
    found = people.filter(people.left_on.isnull()).order_by("employee_id").employee_id
    return found.to_pyarrow().to_pylist() or ["demo"]


def _draft(session: Session, plan: _Plan, programme: str, owner: str) -> str:
    return changing.add(session, Wave(
        id=plan.key, programme=programme, theme=plan.theme, offer=plan.offer, owner=owner,
        contact_mode=plan.mode, cost_per_contact=Decimal(COST), incentive=Decimal(INCENTIVE),
        horizon_days=HORIZON, audience=dict(plan.audience),
    ))  # fmt: skip


def _begin(
    store: Store, plan: _Plan, found: Candidates, day: date, *, staff: Sequence[str], version: int
) -> bool:
    """Draw a wave; return whether there were enough customers for it."""
    judged = judging.judged(found, Terms(COST, INCENTIVE), Experience()).rows
    wanted = {**plan.audience, "verdicts": ["win_back_now"]}
    people = judging.narrowed(judged, wanted)
    people = people.filter(pc.invert(people["is_refused"]))
    if people.num_rows < _LEAST:
        return False
    people = people.sort_by([("worth", "descending"), ("customer_key", "ascending")])

    def draw(session: Session) -> str:
        _draft(session, plan, "win_back", staff[0])
        waves.draw(
            session, plan.key, 1, people.slice(0, plan.most), control_share=plan.control_share,
            today=day, as_of=found.day, data_version=version, salt=plan.key, staff=staff,
            verdicts=wanted["verdicts"],
        )  # fmt: skip
        return plan.key

    store.write(staff[0], plan.key, draw)
    return True


def _worked(session: Session, plan: _Plan, until: date | None) -> int:
    """Work the cases of a wave: all to their end, or as far as they came by a day."""
    wave = changing.get(session, Wave, plan.key)
    begun = wave.assigned_on or wave.as_of or date.min
    for case in session.scalars(select(Case).where(Case.wave_id == plan.key)):
        chance = Random(f"{plan.key}:{case.customer_key}")  # noqa: S311  no secret
        tried = chance.random()
        if tried > (0.9 if until is None else 0.6):
            if until is None:
                _to(case, "let_go", begun + timedelta(days=60))
            continue
        days = chance.randint(1, 30)
        reached = chance.random() < 0.55
        moment = datetime.combine(begun + timedelta(days=days), time(chance.randint(9, 17), 30))
        session.add(Contact(
            id=f"{case.id[:30]}-demo", customer_key=case.customer_key, employee_id=case.owner,
            contacted_at=moment, channel=plan.mode, purpose="win_back", is_reached=reached,
            wave_id=plan.key, case_id=case.id,
        ))  # fmt: skip
        if until is None:
            stage = chance.choice(("declined", "let_go", "won")) if reached else "let_go"
            _to(case, stage, moment.date() + timedelta(days=14))
        elif reached:
            _to(case, chance.choice(cases.OPEN[1:]), moment.date())
            case.next_step = chance.choice(_STEPS)
            case.next_on = until + timedelta(days=chance.randint(-4, 14))
    return 1


def _to(case: Case, stage: str, day: date) -> None:
    case.stage, case.stage_since = stage, day


def _read(store: Store, home: Path, plans: Sequence[_Plan]) -> None:
    """Read the waves whose horizon is over, with what was recorded on the desk."""
    with open_ledger(Books(home)) as ledger:
        view = View(ledger)
        day = view.days[-1]
        for plan in plans:
            with store.reading() as session:
                wave = changing.get(session, Wave, plan.key)
                assigned = waves.members(session, plan.key)
            found = outcomes.reading(view, assigned, day)
            close = partial(
                waves.close, id=plan.key, version=wave.version, reading=found, today=day
            )
            store.write(wave.owner, f"{plan.key}-read", close)
