"""What other definitions would make of the shop of ten customers."""

import pytest

from core.definitions import Configuration, Definitions
from core.errors import BooksError
from core.reading import open_ledger, refreshes
from core.trial import compared, held
from core.view import View
from tests.shop import CLOSING, CONFIGURATION, OPENING, ten_customers

pytestmark = pytest.mark.slow

TAU_100 = Configuration(
    books=CONFIGURATION.books, definitions=Definitions(lapse_after_days=100)
)  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory):
    return ten_customers(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def found(books):
    return compared(books.home, TAU_100, ["active_customers", "lost"], {}, CLOSING, OPENING)


def test_old_and_new_stand_side_by_side(found):
    # Silence at the end of March: Hao 90 days and Fay 91 are active with 100, and lost with 60.
    # Lost since the end of December: Bob (132 days) alone; he and Fay with 60 days.
    assert [figure.value for figure in found.before] == [5, 2]
    assert [figure.value for figure in found.after] == [7, 1]


def test_who_would_stand_elsewhere_is_counted_and_named(found):
    moves = {(r["level_then"], r["level_now"]): r["customers"] for r in found.moves.to_pylist()}
    assert moves == {
        ("top", "top"): 1, ("other", "other"): 4, ("lost", "other"): 2, ("lost", "lost"): 1,
        ("prospect", "prospect"): 2,
    }  # fmt: skip
    # Fay brought 25 and Hao 15.
    assert [row["customer_id"] for row in found.biggest.to_pylist()] == ["Fay", "Hao"]


def test_what_is_published_stays_as_it_was(books, found):
    assert len(refreshes(books)) == 1
    with open_ledger(books) as ledger:
        assert View(ledger).definitions.lapse_after_days == 60
    assert [path.name for path in (books.home / "trial").iterdir()] == [".lock"]


def test_only_the_scope_is_counted(books):
    found = compared(
        books.home, TAU_100, ["active_customers"], {"region": ("North",)}, CLOSING, OPENING
    )
    # Cem and Dua either way; Bob is lost either way.
    assert (found.before[0].value, found.after[0].value) == (2, 2)
    assert found.biggest.num_rows == 0


def test_a_second_trial_at_the_same_time_is_refused(books):
    with held(books.home), pytest.raises(BooksError, match="comparing"):
        compared(books.home, TAU_100, ["lost"], {}, CLOSING, OPENING)
