"""How the tiers may be set: by share of customers, or by amounts of money."""

from datetime import date
from pathlib import Path

import pytest

from core.definitions import Definitions, Tiers, load
from core.errors import DefinitionsError
from core.ledger.cuts import is_provisional

MONEY = Definitions(tiers=Tiers(kind="money", thresholds=(1000, 500, 100)))


def setting(folder: Path, text: str) -> str:
    """Return the sentence that refuses the tiers set by ``text``."""
    (folder / "regulars.toml").write_text(f"[definitions.tiers]\n{text}\n", "utf-8")
    with pytest.raises(DefinitionsError) as caught:
        load(folder)
    return caught.value.text("en")


def test_tiers_by_money_need_their_amounts(tmp_path):
    assert "needs thresholds" in setting(tmp_path, 'kind = "money"')


@pytest.mark.parametrize("amounts", ["[100, 500, 1000]", "[500, 500, 100]"])
def test_amounts_fall_from_the_top_tier_down(tmp_path, amounts):
    assert "must fall" in setting(tmp_path, f'kind = "money"\nthresholds = {amounts}')


def test_tiers_by_money_are_taken(tmp_path):
    text = '[definitions.tiers]\nkind = "money"\nthresholds = [1000, 500, 100]\n'
    (tmp_path / "regulars.toml").write_text(text, "utf-8")
    assert load(tmp_path).definitions.tiers == MONEY.tiers


def test_amounts_of_money_compare_as_soon_as_12_months_are_full():
    first = date(2023, 3, 10)
    assert is_provisional(date(2024, 1, 31), first, MONEY)
    assert not is_provisional(date(2024, 2, 29), first, MONEY)
    # Shares of customers wait for the fiscal year's end.
    assert is_provisional(date(2024, 2, 29), first, Definitions())
    assert not is_provisional(date(2024, 12, 31), first, Definitions())
