"""Finding a customer by a part of name, id or telephone number, however it is typed."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.card.search import LONGEST, MOST, plain_form
from tests import shop
from tests.card.cards import find, ids
from tests.shop import CLOSING, OPENING, day

pytestmark = pytest.mark.slow

PEOPLE = (
    ("C-01", "王芳", "138 0000-1111", 300),
    ("C-02", "王芳", "(139) 2222 3333", 900),
    ("C-03", "欧阳文王", "13944445555", 50),
    ("C-04", "Ann Müller", None, 70),
    ("C-05", "O'Brien 100%_\\", "0721.555.666", 60),
    ("C-06", "ＡＢＣ商店", "13812345678", 20),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six customers; C-09 was merged into C-02, C-07 first bought after the day looked at."""
    bought = [(name, "2024-03-10", amount) for name, _, _, amount in PEOPLE]
    bought += [("C-09", "2024-03-11", 5), ("C-07", "2024-04-10", 5), ("C-01", "2023-01-05", 1)]
    customers = [
        {"customer_id": key, "name": name, "phone": phone} for key, name, phone, _ in PEOPLE
    ]
    customers += [
        {"customer_id": "C-09", "name": "王小芳", "phone": "15000009999"},
        {"customer_id": "C-07", "name": "Zoe", "phone": None},
    ]
    merges = [
        {"customer_id": "C-09", "into_customer_id": "C-02", "merged_on": day("2024-03-20")},
    ]
    branches = [shop.attribute("C-02", "Bund", "2024-01-01", "branch")]
    return shop.build(
        tmp_path_factory.mktemp("people"), bought, customers=customers, customer_merges=merges,
        customer_attributes=branches,
    ).home  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann", ["C-04"]),  # case does not count
        ("MÜLL", ["C-04"]),
        ("annmüller", ["C-04"]),  # nor do spaces
        (" ann   müller ", ["C-04"]),
        ("文", ["C-03"]),  # any part of a Chinese name
        ("王", ["C-02", "C-01", "C-03"]),  # beginnings first, the most valuable first
        ("c-03", ["C-03"]),
        ("13800001111", ["C-01"]),  # spaces and dashes in numbers do not count,
        ("138-0000 1111", ["C-01"]),  # in neither of the two
        ("+86 138 0000 1111", ["C-01"]),  # nor does the code of a country
        ("１３９２２２２", ["C-02"]),  # full-width digits
        ("0721555666", ["C-05"]),
        ("abc", ["C-06"]),  # full-width letters in the books
        ("ＡＢＣ", ["C-06"]),
        ("Nobody", []),
    ],
)
def test_a_part_of_name_id_or_number_finds_the_customer(home, text, expected):
    assert ids(find(home, text, CLOSING)) == expected


def test_customers_of_one_name_are_told_apart_by_value_and_branch(home):
    first, second = find(home, "王芳", CLOSING).first
    # C-02 brought 900, and 5 as C-09; C-01 brought 300 within the 12 months.
    assert (first.customer_id, first.value, first.branch) == ("C-02", Decimal(905), "Bund")
    assert (second.customer_id, second.value, second.branch) == ("C-01", Decimal(300), None)
    assert first.state == second.state == "active"


def test_a_merged_customer_leads_to_whom_they_were_merged_into(home):
    hits = find(home, "王小芳", CLOSING)
    (hit,) = hits.first
    assert (hit.customer_id, hit.name, hit.former_id) == ("C-02", "王芳", "C-09")
    assert hits.total == 1


def test_who_is_found_by_the_own_record_has_no_former_id(home):
    # Both records of C-02 have the sign in their names.
    assert {hit.former_id for hit in find(home, "芳", CLOSING).first} == {None}


def test_who_came_later_is_found_and_stands_nowhere_yet(home):
    (hit,) = find(home, "Zoe", CLOSING).first
    assert (hit.state, hit.tier, hit.value) == (None, None, None)


def test_value_is_that_of_the_day(home):
    (hit,) = find(home, "c-01", OPENING).first
    assert hit.value == Decimal(1)  # of 5 January 2023 alone


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "100%_\\", "o'b"])
def test_signs_that_mean_something_elsewhere_stand_for_themselves(home, text):
    assert ids(find(home, text, CLOSING)) == ["C-05"]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\u3000", "\x00", "\u200b", "\ud800", "*", ".*", '"', "';--", "{0}", "x" * 10_000,
     "1" * 10_000, "$(x)", "[a-z]", "\U0001f600"],
)  # fmt: skip
def test_hostile_texts_find_nobody(home, text):
    hits = find(home, text, CLOSING)
    assert (hits.first, hits.total) == ((), 0)


def test_two_digits_are_too_few_to_look_through_telephone_numbers(home):
    assert ids(find(home, "22", CLOSING)) == []
    assert ids(find(home, "222", CLOSING)) == ["C-02"]


def test_unseen_signs_do_not_count():
    assert plain_form("王\u200b 芳\n") == "王芳"


def test_as_many_are_shown_as_can_be_read_and_all_are_counted(tmp_path):
    bought = [(f"same{n:03}", "2024-01-10", n + 1) for n in range(MOST + 10)]
    hits = find(shop.build(tmp_path, bought).home, "same", day("2024-01-10"))
    assert len(hits.first) == MOST
    assert hits.total == MOST + 10
    assert hits.first[0].customer_id == f"same{MOST + 9:03}"  # the most valuable


def test_the_longest_text_is_looked_for_and_a_longer_one_is_not(tmp_path):
    home = shop.build(tmp_path, [("x" * (LONGEST + 1), "2024-01-10", 5)]).home
    assert find(home, "x" * LONGEST, day("2024-01-10")).total == 1
    assert find(home, "x" * (LONGEST + 1), day("2024-01-10")).total == 0
