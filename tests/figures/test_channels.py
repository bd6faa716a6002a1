"""Waiting, channels and membership in the shop of ten customers."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from core import breakdowns
from core.breakdowns import channels, membership
from core.facts import Books
from core.figures import FAMILIES, compute
from core.i18n import LANGUAGES
from core.ledger.refresh import refresh
from core.metrics.intervals import wilson
from core.reading import open_ledger
from core.view import View
from tests.rows import take
from tests.shop import _BOUGHT as BOUGHT
from tests.shop import CLOSING, CONFIGURATION, OPENING, attribute, orders, ten_customers

pytestmark = pytest.mark.slow

# Order number of the shop -> its channel; the others name none.
CHANNELS = {
    2: "branch",
    3: "online",
    6: "online",
    7: "branch",
    8: "branch",
    13: "phone",
    14: "phone",
}
# Customer, time agreed, minutes waited (null: never started), status, branch.
APPOINTMENTS = [
    ("Ann", "2024-03-01T09:00", 4, "kept", "Centre"),
    ("Cem", "2024-02-10T09:30", 10, "kept", "Centre"),
    ("Jin", "2024-03-31T14:00", 25, "kept", None),
    ("Eva", "2024-01-31T14:00", -10, "kept", "Market"),
    ("Eva", "2024-03-01T14:00", None, "missed", "Market"),
    ("Bob", "2023-11-20T10:00", None, "cancelled", "Centre"),
    ("Dua", "2024-04-01T10:00", 60, "kept", "Centre"),
]
# Customer, level, since when. Dua moved up; Cem's is the word for none; Bob is lost.
LEVELS = [
    ("Ann", "gold", "2023-01-10"), ("Dua", "silver", "2024-02-20"), ("Bob", "silver", "2023-11-20"),
    ("Cem", "none", "2023-02-01"), ("Jin", "silver", "2023-11-01"), ("Jin", "gold", "2024-01-15"),
]  # fmt: skip
WHOLE = {
    # Waits of 4, 10, 25 and 0 minutes (Eva was served early); each took 30.
    "wait_minutes": 7, "wait_minutes_p90": 20.5, "service_minutes": 30, "service_minutes_p90": 30,
    "on_time_share": 3 / 4, "missed_rate": 1 / 5,
    # Ann bought at the branch, and so did Dua; Cem and Eva came by appointment; Jin telephones,
    # and his appointment names no branch.
    "branch_visit_rate": 4 / 5,
    # Ann used two channels; Cem, Dua and Jin one; of Eva none is known.
    "multi_channel_share": 1 / 4, "multi_channel_value": 120,
    "single_channel_value": (60 + 210 + 520) / 3,
    # Ann, Dua and Jin of five; 120 + 210 + 520 of 940.
    "member_share": 3 / 5, "member_value_share": 850 / 940,
}  # fmt: skip


def tables() -> dict[str, list[dict]]:
    sold = [
        {"order_id": row["order_id"], "channel": CHANNELS[number], "ordered_at": row["ordered_at"],
         "amount": row["amount"], "customer_id": row["customer_id"]}
        for number, row in enumerate(orders(BOUGHT), start=1)
        if number in CHANNELS
    ]  # fmt: skip
    visits = []
    for number, (who, at, wait, status, branch) in enumerate(APPOINTMENTS):
        agreed = datetime.fromisoformat(at)
        started = None if wait is None else agreed + timedelta(minutes=wait)
        finished = None if started is None else started + timedelta(minutes=30)
        visits.append(
            {
                "appointment_id": f"a{number}", "customer_id": who, "scheduled_at": agreed,
                "started_at": started, "finished_at": finished, "status": status,
                "service": "repair", "branch": branch,
            }
        )  # fmt: skip
    contacts = [
        {"contact_id": f"t{n}", "customer_id": "Ann", "contacted_at": datetime(2024, 3, 1),
         "channel": channel}
        for n, channel in enumerate(("call", "call", "phone"))
    ]  # fmt: skip
    levels = [attribute(who, level, since, "membership") for who, level, since in LEVELS]
    return {
        "orders": sold, "appointments": visits, "contacts": contacts, "customer_attributes": levels
    }  # fmt: skip


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    books = ten_customers(tmp_path_factory.mktemp("shop"))
    take(books, tables())
    refresh(books, CONFIGURATION)
    return books


@pytest.fixture(scope="module")
def view(books: Books) -> Iterator[View]:
    with open_ledger(books) as ledger:
        yield View(ledger)


def figures(view: View, *keys: str, as_of: date = CLOSING, **more) -> dict:
    return {f.key: f for f in compute(view, keys or ["channels"], as_of, **more)}


def test_every_figure_of_the_family_is_worked_out():
    assert set(WHOLE) == {figure.key for figure in FAMILIES["channels"]}


def test_the_figures_of_the_shop_are_as_by_hand(view):
    found = {key: figure.value for key, figure in figures(view).items()}
    assert found == {key: pytest.approx(value) for key, value in WHOLE.items()}


def test_rates_carry_their_n_and_interval(view):
    found = figures(view)
    for key, k, n in (
        ("on_time_share", 3, 4), ("missed_rate", 1, 5), ("branch_visit_rate", 4, 5),
        ("multi_channel_share", 1, 4), ("member_share", 3, 5),
    ):  # fmt: skip
        assert (found[key].n, found[key].low, found[key].high) == (n, *wilson(k, n))
    assert found["wait_minutes"].n == 4


def test_without_appointments_channels_and_levels_nothing_is_known(tmp_path):
    with open_ledger(ten_customers(tmp_path)) as ledger:
        found = figures(View(ledger))
    assert {figure.value for figure in found.values()} == {None}
    assert "appointments" in found["wait_minutes"].note_text("en")
    assert "names a channel" in found["branch_visit_rate"].note_text("en")
    assert "会员" in found["member_share"].note_text("zh")


def test_by_region(view):
    found = compute(view, ["member_share", "wait_minutes", "multi_channel_value"], CLOSING,
                    by="region")  # fmt: skip
    by = {(f.key, f.scope["region"]): f for f in found if f.scope}
    # North: Dua of Cem and Dua; South: Ann and Jin of Ann, Eva and Jin.
    assert by["member_share", "North"].value == 0.5
    assert by["member_share", "South"].value == pytest.approx(2 / 3)
    # Cem waited 10 minutes in the North; Ann 4, Jin 25 and Eva 0 in the South.
    assert (by["wait_minutes", "North"].value, by["wait_minutes", "South"].value) == (10, 4)
    assert (by["multi_channel_value", "North"].value, by["multi_channel_value", "South"].value) == (
        None, 120,
    )  # fmt: skip


def test_in_a_scope_only_its_customers_count(books):
    with open_ledger(books) as ledger:
        found = figures(View(ledger, {"region": ("North",)}))
    assert (found["missed_rate"].n, found["missed_rate"].value) == (1, 0)
    assert (found["branch_visit_rate"].n, found["branch_visit_rate"].value) == (2, 1)


def test_where_nobody_is_a_member_the_share_is_unknown_in_a_scope_without_levels(books):
    with open_ledger(books) as ledger:
        found = figures(View(ledger, {"membership": ("platinum",)}), "member_share")
    assert found["member_share"].value is None


def rows(view: View, key: str, as_of: date = CLOSING, compare: date | None = OPENING) -> list[dict]:
    return breakdowns.rows(view, key, as_of=as_of, compare=compare).to_pylist()


def test_waiting_by_branch_hour_and_service(view):
    found = rows(view, "waiting")
    by = {(row["told_by"], row["group"]): row for row in found}
    assert by["branch", "Centre"]["wait_minutes"] == 7
    assert (by["branch", "Market"]["missed"], by["branch", "Market"]["missed_rate"]) == (1, 0.5)
    assert by["branch", None]["on_time_share"] == 0
    # Bob's at ten was cancelled, and there is nothing to say of that hour.
    assert [row["group"] for row in found if row["told_by"] == "hour"] == ["09", "14"]
    assert by["service", "repair"]["appointments"] == 5


def test_the_mix_of_channels(view):
    found = {row["channel"]: row for row in rows(view, "channel-mix")}
    # Within 12 months Ann was once at the branch and once online, Cem once online, Dua once at the
    # branch, Jin twice on the phone; Bob, Eva, Fay and Hao once each on no known channel. Gus has
    # no purchase left.
    assert {channel: row["occasions"] for channel, row in found.items()} == {
        "branch": 2, "online": 2, "phone": 2, "call": None, None: 4,
    }  # fmt: skip
    assert found["branch"]["occasion_share"] == pytest.approx(2 / 10)
    assert (found["call"]["contacts"], found["phone"]["contacts"]) == (2, 1)
    assert found["phone"]["contact_share"] == pytest.approx(1 / 3)
    # The books begin in January 2023, so that the 12 months before are not known.
    assert {row["occasion_share_before"] for row in found.values()} == {None}


def test_levels_and_who_was_lost_of_them(view):
    found = {row["membership_level"]: row for row in rows(view, "membership")}
    gold, silver, none = found["gold"], found["silver"], found["none"]
    # Ann and Jin are gold now; at the end of 2023 Ann alone was, Jin and Bob were silver, and Fay
    # and Gus nothing. Bob and Fay were lost; Gus gave all back.
    assert (gold["active"], gold["value"], gold["repeat_rate"]) == (2, 640, 1)
    assert (gold["active_then"], gold["lost"], gold["churn"]) == (1, 0, 0)
    assert (silver["active"], silver["active_then"], silver["lost"]) == (1, 2, 1)
    assert (none["active"], none["active_then"], none["lost"]) == (2, 2, 1)


def test_moves_between_levels(view):
    found = rows(view, "membership-moves")
    assert [
        (r["level_then"], r["level_now"], r["is_lost"], r["customers"], r["value_now"])
        for r in found
    ] == [
        ("gold", "gold", False, 1, 120),
        ("none", "none", False, 1, 0),
        ("none", "none", True, 1, 0),
        ("silver", "gold", False, 1, 520),
        ("silver", "silver", True, 1, 0),
    ]


def test_members_against_like_customers_of_a_year_ago(view):
    # At the end of March 2023 Cem alone was active: 40 then, 60 now, and no member.
    [row, whole] = rows(view, "members-like")
    assert (row["tier_name"], row["member_group"], row["customers"]) == ("top", "non_member", 1)
    assert (row["value_then_per_head"], row["value_now_per_head"]) == (40, 60)
    assert (row["value_change"], row["churn"]) == (pytest.approx(0.5), 0)
    # There was no member to weigh by.
    assert (whole["tier_name"], whole["churn"]) == ("all", None)


def test_where_the_books_do_not_reach_back_a_year_there_is_nothing_to_compare(view):
    assert rows(view, "members-like", date(2023, 12, 31), None) == []
    [note] = breakdowns.notes(view, "members-like", as_of=date(2023, 12, 31))
    assert note.key == "no_year_ago"


@pytest.mark.parametrize("language", LANGUAGES)
def test_breakdowns_have_their_texts(view, language):
    for each in (*channels.BREAKDOWNS, *membership.BREAKDOWNS):
        assert each.title(language)
        assert each.about(language)
        assert each.edges(language)
        assert set(each.headings(language)) == set(each.columns)
        for note in breakdowns.notes(view, each.key, as_of=CLOSING):
            assert note.text(language)
