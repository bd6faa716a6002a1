"""What waves brought, worked out by hand from a shop of eight who were lost."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from core.desk import cases, naming, outcomes, waves
from core.desk.candidates import candidates
from core.desk.judging import Experience, Terms, judged
from core.desk.keeping import to_keep
from core.facts import Books
from core.reading import open_ledger
from core.store import Store, store_at
from core.store.record import new_id
from core.store.records import Case, Contact, Member, Refusal, Wave
from core.view import View
from tests import shop

pytestmark = pytest.mark.slow
DRAWN, LAST = date(2024, 1, 10), date(2024, 4, 15)
TREATED, CONTROLS = ("T1", "T2", "T3", "T4"), ("C1", "C2", "C3", "C4")
# Everybody bought for 100 on 1 October and was lost on 1 December. The window of 90 days ends on
# 9 April; that of T4 in it is given back.
BOUGHT = (
    *((name, "2023-10-01", 100) for name in (*TREATED, *CONTROLS)),
    ("T1", "2024-01-10", 7),  # the day of the draw itself
    ("T2", "2024-01-11", 40), ("T2", "2024-04-09", 10), ("T2", "2024-04-10", 1_000),
    ("T4", "2024-02-01", 90), ("C1", "2024-03-01", 30), ("T3", "2024-04-15", 5),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    refund = {
        "refund_id": "r1", "refunded_at": datetime(2024, 2, 20), "amount": Decimal(90),
        "order_id": "o13", "customer_id": "T4",
    }  # fmt: skip
    books = shop.build(tmp_path_factory.mktemp("eight"), BOUGHT, refunds=[refund])
    with open_ledger(books) as ledger:
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    keys = {row["customer_id"]: row["customer_key"] for row in ids}

    def record(session) -> str:
        session.add(Wave(id="w", theme="Winter", programme="win_back", offer="voucher",
                         state="open", assigned_on=DRAWN, horizon_days=90,
                         cost_per_contact=Decimal(2), incentive=Decimal(5)))  # fmt: skip
        session.flush()
        for names, arm in ((TREATED, "treated"), (CONTROLS, "control")):
            for name in names:
                cause = "new_demand" if name in ("T2", "C1") else None
                session.add(
                    Member(wave_id="w", customer_key=keys[name], arm=arm, tier=4, cause=cause)
                )
        # T2 and T3 were called; so was C2, against the draw. C3 was called about a complaint.
        for name, purpose in (("T2", "win_back"), ("T2", "care"), ("T3", "win_back"),
                              ("C2", "care"), ("C3", "complaint")):  # fmt: skip
            session.add(Contact(customer_key=keys[name], contacted_at=datetime(2024, 1, 20, 9),
                                channel="phone", purpose=purpose, is_reached=True))  # fmt: skip
        # T3's owner says that T3 is won: an order in the window would have to show it.
        session.add(Case(id="c3", customer_key=keys["T3"], wave_id="w", stage="won",
                         stage_since=DRAWN))  # fmt: skip
        session.add(Case(id="c1", customer_key=keys["T1"], wave_id="w", stage="declined",
                         stage_since=DRAWN))  # fmt: skip
        return ""

    store_at(books.home).write("E1", new_id(), record)
    return books.home


def members(home: Path) -> pa.Table:
    with store_at(home).reading() as session:
        return waves.members(session, "w")


def read_at(home: Path, day: date) -> dict:

    with open_ledger(Books(home)) as ledger:
        return outcomes.reading(View(ledger), members(home), day)


def closed(home: Path) -> Wave:
    wave = Wave(id="w", theme="Winter", programme="win_back", offer="voucher",
                cost_per_contact=Decimal(2), incentive=Decimal(5))  # fmt: skip
    wave.reading = read_at(home, LAST)
    return wave


def test_a_return_is_an_order_in_the_window_that_stands_and_nothing_else(home):
    # Of the treated T2 alone: T1 bought on the day of the draw, T3 after the window (though the
    # owner says won), T4's purchase was given back. Of the controls C1.
    rows = {row["arm"]: row for row in read_at(home, LAST)["strata"]}
    assert (rows["treated"]["customers"], rows["treated"]["bought"]) == (4, 1)
    assert (rows["control"]["customers"], rows["control"]["bought"]) == (4, 1)
    # Money: T2's 40 + 10, over 4; T4's 90 and its refund cancel out. C1's 30, over 4.
    assert (rows["treated"]["mean"], rows["control"]["mean"]) == (12.5, 7.5)
    # A service call to a control is none.
    assert (rows["treated"]["contacted"], rows["treated"]["contacts"]) == (2, 3)
    assert (rows["control"]["contacted"], rows["control"]["contacts"]) == (1, 1)


def test_nothing_is_read_while_the_window_is_open(home):
    assert read_at(home, date(2024, 3, 31))["strata"] == []


def test_the_reading_says_what_the_lift_and_its_money_are(home):
    found = outcomes.read(closed(home))
    assert (found.lift.treated_rate, found.lift.control_rate, found.lift.lift) == (0.25, 0.25, 0)
    assert found.lift.verdict == "cannot_tell_yet"
    # (12.5 - 7.5) x 4 treated; 3 contacts of 2 and one incentive of 5.
    assert (found.money.incremental, found.money.cost) == (pytest.approx(20), 11)
    mixed = found.contamination
    assert (mixed.treated_never_contacted, mixed.control_contacted) == (2, 1)


def test_apart_by_tier_cause_and_offer(home):
    wave = closed(home)
    assert [(each.name, each.lift.treated) for each in outcomes.by_tier([wave])] == [("4", 4)]
    assert [each.name for each in outcomes.by_offer([wave])] == ["voucher"]
    causes = {each.name: each.lift for each in outcomes.by_cause([wave])}
    # T2 and C1 alone have a cause, and both bought; of the other 3 and 3 nobody did.
    assert (causes["new_demand"].treated_rate, causes["new_demand"].control_rate) == (1, 1)
    assert (causes["unknown"].treated, causes["unknown"].treated_rate) == (3, 0)


def test_closed_waves_tell_the_next_who_comes_back_unasked(home):
    found = outcomes.experience([closed(home)])
    assert found.controls == {4: (1, 4)}
    assert found.of_all is not None
    assert found.of_all.lift == 0
    assert outcomes.experience([]).of_all is None


def test_a_case_is_shown_what_was_bought_since_and_not_on_its_own_day(home):

    with open_ledger(Books(home)) as ledger, store_at(home).reading() as session:
        view = View(ledger)
        rows = cases.cases(session, "won", "declined")
        named = outcomes.with_bought(view, naming.with_names(view, rows, LAST), LAST)
    found = {row["customer_id"]: row for row in named.to_pylist()}
    assert (found["T1"]["bought_on"], found["T1"]["net"]) == (None, None)
    assert (found["T3"]["bought_on"], found["T3"]["net"]) == (LAST, 5)


def test_second_lives_are_followed_from_the_return(home):

    with open_ledger(Books(home)) as ledger:
        rows = outcomes.second_lives(View(ledger), members(home), LAST)
    # T2 returned on 11 January: 90 days later is 10 April, a day on which T2 bought again.
    assert (rows[0]["days"], rows[0]["matured"], rows[0]["again"]) == (90, 1, 1)
    assert [row["matured"] for row in rows[1:]] == [0, 0]


def test_who_ended_without_a_return_is_kept_in_touch_with(home):

    def refuse(session) -> str:
        session.add(Refusal(customer_key=by_id["T4"], refused_on=LAST))
        return ""

    with open_ledger(Books(home)) as ledger:
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
        by_id = {row["customer_id"]: row["customer_key"] for row in ids}
    store: Store = store_at(home)
    store.write("E1", "refuse", refuse)
    with open_ledger(Books(home)) as ledger, store.reading() as session:
        view = View(ledger)
        rows = judged(candidates(view, "win_back", LAST, horizon_days=90), Terms(), Experience())
        found = to_keep(view, rows.rows, cases.last_stages(session), LAST, every_days=30)
    names = {key: name for name, key in by_id.items()}
    kept = {names[row["customer_key"]]: row for row in found.to_pylist()}
    # Lost at the end: T1 (10 January + 60), T4, and the controls; C1 to C4 are held back, T4 does
    # not want to be contacted. T2 and T3 bought lately.
    assert set(kept) == {"T1"}
    assert (kept["T1"]["why"], kept["T1"]["greeted_on"]) == ("declined", None)
    assert kept["T1"]["greet_on"] == LAST  # never contacted: due at once
