"""Targets set on the board beside those of regulars.toml."""

from pathlib import Path

import pytest

from core import breakdowns
from core.desk import targets as register
from core.desk.refused import Refused
from core.errors import DefinitionsError
from core.reading import open_ledger
from core.store import changing, store_at
from core.store.record import new_id
from core.store.records import SetTarget
from core.view import View
from tests import shop

FILE = """
[[targets]]
key = "active_customers"
period = "2024"
value = 6

[[targets]]
key = "active_customers"
period = "2024"
value = 3
scope = { region = "North" }
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "regulars.toml").write_text(FILE, "utf-8")
    return tmp_path


def set_here(home: Path, value: float, key: str = "active_customers", **scope: str) -> str:
    target = register.checked(key, "2024", value, scope)
    return store_at(home).write(
        "Kim", new_id(), lambda s: register.set_target(s, target, owner="Kim")
    )


def in_force(home: Path) -> dict[tuple, float]:
    return {each.place: each.value for each in register.targets_of_books(home)}


WHOLE = ("active_customers", "2024")
NORTH = (*WHOLE, ("region", "North"))


def test_one_set_here_replaces_that_of_the_file_of_the_same_figure_period_and_scope(home):
    assert in_force(home) == {WHOLE: 6, NORTH: 3}
    id = set_here(home, 8)
    set_here(home, 2, region="South")
    assert in_force(home) == {WHOLE: 8, NORTH: 3, (*WHOLE, ("region", "South")): 2}
    store_at(home).write(
        "Lee", new_id(), lambda s: changing.change(s, SetTarget, id, 1, state="withdrawn").id
    )
    assert in_force(home)[WHOLE] == 6


def test_one_stands_here_for_a_figure_period_and_scope(home):
    set_here(home, 8)
    with pytest.raises(Refused):
        set_here(home, 9)


@pytest.mark.parametrize(
    ("key", "period", "value", "scope"),
    [
        ("nonsense", "2024", 1.0, {}), ("churn", "next year", 1.0, {}),
        ("churn", "2024", None, {}), ("churn", "2024", 1.0, {"weather": "fine"}),
        ("churn", "2024", 1.0, {"tier": "best"}),
    ],
)  # fmt: skip
def test_what_regulars_toml_would_refuse_is_refused_here(key, period, value, scope):
    with pytest.raises(DefinitionsError):
        register.checked(key, period, value, scope)


@pytest.mark.slow
def test_the_breakdown_holds_the_figure_against_the_one_set_here(tmp_path):
    books = shop.ten_customers(tmp_path)
    set_here(tmp_path, 8)
    with open_ledger(books) as ledger:
        rows = breakdowns.rows(View(ledger), "targets", as_of=shop.CLOSING).to_pylist()
    # Ann, Cem, Dua, Eva and Jin are active at the end of March.
    assert [(row["target"], row["actual"]) for row in rows] == [(8, 5)]
