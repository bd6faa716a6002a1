"""Waves in the store: drafted, drawn, closed or dropped; what each arm holds, and who is taken."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pyarrow as pa
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.store import StoreError, auditing, changing
from core.store.record import new_id
from core.store.records import Case, Contact, Member, Refusal, Wave
from core.waves.assignment import Assignment, assign

STATES = ("draft", "open", "closed", "dropped")
ARMS = ("treated", "control", "exempt")
# Nothing more is done about a case in these.
ENDED = ("won", "declined", "let_go", "dropped")
_AT_ONCE = 2_000  # rows of one statement


@dataclass(frozen=True)
class Standing:
    """A wave, how many stand in each arm, and on which day it can be read."""

    wave: Wave
    arms: Mapping[str, int]
    closes_on: date | None  # last day of the window; null before it is drawn


def waves(session: Session, *states: str) -> list[Standing]:
    """Return the waves, the newest first; all where no states are named."""
    chosen = select(Wave).order_by(Wave.created_at.desc(), Wave.id)
    if states:
        chosen = chosen.where(Wave.state.in_(states))
    counted = select(Member.wave_id, Member.arm, func.count()).group_by(Member.wave_id, Member.arm)
    arms: dict[str, dict[str, int]] = {}
    for wave_id, arm, n in session.execute(counted):
        arms.setdefault(wave_id, {})[arm] = n
    return [
        Standing(wave, arms.get(wave.id, {}), closes_on(wave)) for wave in session.scalars(chosen)
    ]


def closes_on(wave: Wave) -> date | None:
    """Return the last day of a wave's window; null before it is drawn."""
    if wave.assigned_on is None:
        return None
    return wave.assigned_on + timedelta(days=wave.horizon_days)


def not_to_draw(session: Session) -> dict[str, set[int]]:
    """Return who can be in no new wave, each under the first reason that holds.

    ``in_waves``: treated or control in an open one, because nobody is in two at once; ``in_cases``:
    with an open case, because a control must not be worked on; ``refused``: who said here that they
    do not want to be contacted.
    """
    drawn = select(Member.customer_key).join(Wave, Wave.id == Member.wave_id)
    found: dict[str, set[int]] = {}
    known: set[int] = set()
    for reason, chosen in (
        ("in_waves", drawn.where(Wave.state == "open", Member.arm != "exempt")),
        ("in_cases", select(Case.customer_key).where(Case.stage.notin_(ENDED))),
    ):
        found[reason] = set(session.scalars(chosen)) - known
        known |= found[reason]
    found["refused"] = refused(session) - known
    return found


def refused(session: Session) -> set[int]:
    """Return who said here that they do not want to be contacted."""
    chosen = select(Refusal.customer_key).where(Refusal.state == "stands")
    return set(session.scalars(chosen))


def control_of(session: Session, customer_key: int) -> Standing | None:
    """Return the open wave of which a customer is a control; null: none."""
    chosen = (
        select(Wave)
        .join(Member, Member.wave_id == Wave.id)
        .where(
            Member.customer_key == customer_key, Member.arm == "control", Wave.state == "open"
        )
    )  # fmt: skip
    wave = session.scalars(chosen).first()
    return None if wave is None else Standing(wave, {}, closes_on(wave))


def draw(
    session: Session,
    id: str,
    version: int,
    people: pa.Table,
    *,
    control_share: float,
    today: date,
    as_of: date,
    data_version: int,
    verdicts: Sequence[str] = (),
    salt: str | None = None,
    staff: Collection[str] = (),
) -> dict[str, int]:
    """Freeze the list of a draft and draw who is held out, before anybody is contacted.

    Left out is whom ``not_to_draw`` names. The exempt of ``audience`` are kept as such, in neither
    arm. Each treated customer gets a case: with their manager if still there, else with the owner
    of the wave.

    Parameters
    ----------
    people
        Whom the wave takes: ``customer_key``, ``tier``, ``silence_band``, ``cause``, ``value``,
        ``worth``, ``verdict``, ``manager``; none of them refused to be contacted.
    control_share
        Share that is held out, above 0 and below 1.
    today
        Day of the assignment.
    as_of, data_version
        Ledger day and version that the list was made of.
    verdicts
        Those that were taken, for the record.
    salt
        Of the draw; a new one where null.
    staff
        Employees who are still there.

    Returns
    -------
    How many are ``treated``, ``control``, ``exempt``; how many were left out, by reason.

    Raises
    ------
    StoreError
        If the wave is no draft any more, or nobody would be treated.
    Conflict
        If it was changed since it was read.
    """
    wave = changing.get(session, Wave, id)
    if wave.state != "draft":
        raise StoreError("wave_not_draft", theme=wave.theme)
    rows = {row["customer_key"]: row for row in people.to_pylist()}
    left_out = {reason: keys & rows.keys() for reason, keys in not_to_draw(session).items()}
    gone = set().union(*left_out.values())
    exempt = {int(key): why for key, why in wave.audience.get("exempt", {}).items()}
    tiers = {key: row["tier"] for key, row in rows.items() if key not in gone}
    salt = salt or new_id()
    drawn = assign(tiers, salt=salt, control_share=control_share,
                   exempt={key: why for key, why in exempt.items() if key in tiers})  # fmt: skip
    counts = {arm: sum(each.arm == arm for each in drawn) for arm in ARMS}
    if not counts["treated"]:
        raise StoreError("wave_nobody", theme=wave.theme)
    wave = changing.change(
        session, Wave, id, version, state="open", salt=salt, assigned_on=today, as_of=as_of,
        data_version=data_version, control_share=control_share,
        audience={**wave.audience, "verdicts": list(verdicts)},
        list_hash=list_hash((each.customer_key, each.tier, each.arm) for each in drawn),
    )  # fmt: skip
    _insert(session, Member, [_member(id, each, rows[each.customer_key]) for each in drawn])
    treated = [rows[each.customer_key] for each in drawn if each.arm == "treated"]
    _open_cases(session, wave, treated, today, staff)
    counts |= {name: len(keys) for name, keys in left_out.items()}
    auditing.note_many(session, wave, "drawn", counts)
    return counts


def list_hash(members: Iterable[tuple[int, int | None, str]]) -> str:
    """Return the hash of a frozen list: of customer, tier and arm."""
    lines = sorted(f"{key}:{tier}:{arm}" for key, tier, arm in members)
    return sha256("\n".join(lines).encode()).hexdigest()


def is_as_drawn(session: Session, wave: Wave) -> bool:
    """Whether the list of a wave is still the one that was frozen."""
    rows = select(Member.customer_key, Member.tier, Member.arm).where(Member.wave_id == wave.id)
    return list_hash((key, tier, arm) for key, tier, arm in session.execute(rows)) == wave.list_hash


def drop(session: Session, id: str, version: int, *, today: date) -> str:
    """Give a draft up, or a wave of whom nobody was contacted yet.

    Raises
    ------
    StoreError
        If somebody was contacted: from then on a wave is read, whatever it shows.
    """
    wave = changing.get(session, Wave, id)
    if wave.state not in ("draft", "open"):
        raise StoreError("wave_over", theme=wave.theme)
    is_begun = (
        Contact.wave_id == id, Contact.state == "stands"
    ), (Case.wave_id == id, Case.stage != "to_contact")  # fmt: skip
    for kind, begun in zip((Contact, Case), is_begun, strict=True):
        if session.scalar(select(func.count()).select_from(kind).where(*begun)):
            raise StoreError("wave_begun", theme=wave.theme)
    wave = changing.change(session, Wave, id, version, state="dropped", closed_on=today)
    for case in session.scalars(select(Case).where(Case.wave_id == id)):
        case.stage, case.stage_since = "dropped", today
    session.flush()
    return id


def close(
    session: Session, id: str, version: int, reading: Mapping[str, Any], *, today: date
) -> str:
    """Keep what a wave brought, read once; from now on its controls may be called.

    Raises
    ------
    StoreError
        If the wave is not open.
    """
    wave = changing.get(session, Wave, id)
    if wave.state != "open":
        raise StoreError("wave_not_open", theme=wave.theme)
    changing.change(
        session, Wave, id, version, state="closed", closed_on=today, reading=dict(reading)
    )
    return id


def members(session: Session, *ids: str) -> pa.Table:
    """Return who was drawn in waves, as ``wave_outcomes`` takes them."""
    rows = select(
        Member.wave_id, Member.customer_key, Member.arm, Member.tier, Member.cause,
        Wave.offer, Wave.assigned_on, Wave.horizon_days,
    ).join(Wave, Wave.id == Member.wave_id).where(Wave.id.in_(ids))  # fmt: skip
    found = [tuple(row) for row in session.execute(rows)]
    columns = zip(*found, strict=True) if found else ([] for _ in _MEMBERS)
    return pa.table([pa.array(list(c), f.type) for c, f in zip(columns, _MEMBERS, strict=True)],
                    schema=_MEMBERS)  # fmt: skip


_MEMBERS = pa.schema([
    ("wave_id", pa.string()), ("customer_key", pa.int64()), ("arm", pa.string()),
    ("tier", pa.int64()), ("cause", pa.string()), ("offer", pa.string()),
    ("assigned_on", pa.date32()), ("horizon_days", pa.int64()),
])  # fmt: skip


def _member(wave_id: str, drawn: Assignment, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "wave_id": wave_id, "customer_key": drawn.customer_key, "arm": drawn.arm,
        "exempt_reason": drawn.reason, "tier": drawn.tier, "silence_band": row["silence_band"],
        "cause": row["cause"], "value": _money(row["value"]), "worth": _money(row["worth"]),
        "verdict": row["verdict"],
    }  # fmt: skip


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 4)))


def _open_cases(
    session: Session, wave: Wave, treated: Sequence[Mapping[str, Any]], today: date,
    staff: Collection[str],
) -> None:  # fmt: skip
    common = {
        "wave_id": wave.id, "programme": wave.programme, "stage": "to_contact",
        "stage_since": today, "next_step": "", "notes": "",
    }  # fmt: skip
    auditing.add_many(session, Case, [
        {
            **common, "customer_key": row["customer_key"],
            "owner": row["manager"] if row["manager"] in staff else wave.owner,
        }
        for row in treated
    ])  # fmt: skip


def _insert(session: Session, kind: type, rows: Sequence[dict[str, Any]]) -> None:
    session.flush()
    for begin in range(0, len(rows), _AT_ONCE):
        session.execute(insert(kind), rows[begin : begin + _AT_ONCE])
