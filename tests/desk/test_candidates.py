"""Who qualifies for a wave: the ten customers, at the end of their books."""

from pathlib import Path

import pytest

from core.desk.candidates import Candidates, candidates
from core.reading import open_ledger
from core.view import View
from tests import shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory):
    return shop.ten_customers(tmp_path_factory.mktemp("ten"))


def by_id(books, programme: str, day) -> tuple[Candidates, dict[str, dict]]:
    with open_ledger(books) as ledger:
        found = candidates(View(ledger), programme, day, horizon_days=90)
        ids = ledger.persons("customer_ids").to_pyarrow().to_pylist()
    names = {row["customer_key"]: row["customer_id"] for row in ids}
    return found, {names[row["customer_key"]]: row for row in found.rows.to_pylist()}


def test_the_lost_qualify_with_what_they_were_worth(ten):
    found, rows = by_id(ten, "win_back", shop.LAST)
    # Silent for more than 60 days on 15 April: Cem since 10 February. Gus has no purchase left.
    assert set(rows) == {"Bob", "Cem", "Eva", "Fay", "Hao"}
    values = {name: row["value"] for name, row in rows.items()}
    # Cem's 40 of 1 February 2023 are older than the 12 months up to February 2024.
    assert values == {"Bob": 80, "Cem": 60, "Eva": 30, "Fay": 25, "Hao": 15}
    assert (rows["Cem"]["occasions"], rows["Cem"]["history_days"]) == (2, 374)
    assert (rows["Bob"]["occasions"], rows["Bob"]["history_days"]) == (1, 0)
    assert rows["Bob"]["silence_band"] == "91-180"  # 147 days since 20 November
    assert rows["Bob"]["return_rate"] is None  # fewer than 30 were ever lost
    assert found.second_lives == {} or all(v[0] is None for v in found.second_lives.values())


def test_the_overdue_qualify_for_care_with_their_value_of_now(ten):
    _, rows = by_id(ten, "care", shop.CLOSING)
    # Fewer than 3 gaps: silent for more than 0.5 x 60 days on 31 March.
    assert {name: row["value"] for name, row in rows.items()} == {"Dua": 210, "Cem": 60, "Eva": 30}
    assert {row["cause"] for row in rows.values()} == {None}


def test_those_at_risk_are_the_overdue_where_only_orders_are_known(ten):
    _, rows = by_id(ten, "at_risk", shop.CLOSING)
    assert set(rows) == {"Dua", "Cem", "Eva"}


def test_who_may_not_be_contacted_is_marked(tmp_path: Path):
    books = shop.build(
        tmp_path, [("Ann", "2024-01-01", 10), ("Bob", "2024-01-01", 10), ("Cem", "2024-04-15", 5)],
        customers=[{"customer_id": c, "may_contact": c != "Bob"} for c in ("Ann", "Bob", "Cem")],
    )  # fmt: skip
    _, rows = by_id(books, "win_back", shop.LAST)
    assert {name: row["is_refused"] for name, row in rows.items()} == {"Ann": False, "Bob": True}
