"""What the demo company did on the win-back desk."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import definitions
from core.batch import staging
from core.desk import waves
from core.facts import Books
from core.imports import publish
from core.ledger.refresh import refresh
from core.store import store_at
from core.store.log import Audit
from core.store.records import Case, Member
from data import demo, demo_desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    books = Books(tmp_path_factory.mktemp("demo"))
    definitions.begin(books.home, "[definitions]\nlapse_after_days = 330\n")
    with staging() as con:
        batch = demo.stage(con, customers=2_000, months=36, last_month=date(2026, 10, 31))
        publish(books, batch, currency="CNY")
    refresh(books, definitions.load(books.home))
    demo_desk.fill(books.home)
    return books.home


def test_a_wave_was_read_one_runs_and_one_is_drafted(home):
    with store_at(home).reading() as session:
        states = {each.wave.state for each in waves.waves(session)}
        assert states == {"closed", "open", "draft"}
        for each in waves.waves(session, "closed"):
            assert each.wave.reading is not None
            assert waves.is_as_drawn(session, each.wave)


def test_only_treated_customers_have_cases(home):
    with store_at(home).reading() as session:
        worked = set(session.scalars(select(Case.customer_key)))
        open_controls = select(Member.customer_key).where(
            Member.arm == "control", Member.wave_id == "demo-wave-3"
        )
        treated = set(session.scalars(select(Member.customer_key).where(Member.arm == "treated")))
        assert worked == treated
        assert not worked & set(session.scalars(open_controls)) - treated


def test_filling_it_again_writes_nothing(home):
    count = select(func.count()).select_from(Audit)
    with store_at(home).reading() as session:
        before = session.scalar(count)
    demo_desk.fill(home)
    with store_at(home).reading() as session:
        assert session.scalar(count) == before


def test_books_too_small_for_a_wave_get_the_draft_alone(tmp_path):
    books = Books(tmp_path)
    with staging() as con:
        batch = demo.stage(con, customers=500, months=12, last_month=date(2026, 10, 31))
        publish(books, batch, currency="CNY")
    definitions.begin(books.home, "[definitions]\nlapse_after_days = 330\n")
    refresh(books, definitions.load(books.home))
    demo_desk.fill(books.home)
    with store_at(books.home).reading() as session:
        assert [each.wave.state for each in waves.waves(session)] == ["draft"]
