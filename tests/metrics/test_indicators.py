from datetime import timedelta

import ibis
import pyarrow as pa
import pytest

from core.metrics.indicators import four_indicators
from tests.care_shop import lines, rows
from tests.survey_answers import AS_OF, DAY, answer, asked

pytestmark = pytest.mark.slow


def shop(*customers: tuple[int, int, float], segment: str | None = "private"):
    return lines(
        AS_OF,
        *[
            {"customer_key": key, "occasions_12m": occasions, "value": value, "segment": segment}
            for key, occasions, value in customers
        ],
    )


def tied(**ties: int):
    keys = [int(name[1:]) for name in ties]
    counts = pa.array(ties.values(), pa.int64())
    return ibis.memtable(pa.table({"customer_key": pa.array(keys, pa.int64()), "ties": counts}))


def by_customer(found) -> dict[int, dict]:
    return {row["customer_key"]: row for row in rows(found)}


def test_a_percentile_is_the_share_below_and_half_of_those_alike():
    # Occasions 1, 2, 2, 5: below 0, 1, 1, 3; alike 1, 2, 2, 1; of four.
    found = by_customer(
        four_indicators(shop((1, 1, 10), (2, 2, 20), (3, 2, 20), (4, 5, -3)), asked())
    )
    assert [found[n]["loyalty"] for n in (1, 2, 3, 4)] == [1 / 8, 1 / 2, 1 / 2, 7 / 8]
    assert [found[n]["contribution"] for n in (1, 2, 3, 4)] == [3 / 8, 3 / 4, 3 / 4, 1 / 8]


def test_customers_stand_among_those_of_their_segment():
    few = shop((1, 1, 10), (2, 9, 90)).union(shop((3, 2, 20), segment=None))
    found = by_customer(four_indicators(few, asked()))
    assert [found[n]["loyalty"] for n in (1, 2, 3)] == [1 / 4, 3 / 4, 1 / 2]


def test_satisfaction_is_compared_within_one_instrument():
    # 7 and 9 of the NPS are two; a 5 of the CSAT stands alone.
    said = asked(answer(1, 7), answer(2, 9), answer(3, 5, "csat"))
    found = by_customer(four_indicators(shop((1, 1, 1), (2, 1, 1), (3, 1, 1), (4, 1, 1)), said))
    assert [found[n]["satisfaction"] for n in (1, 2, 3, 4)] == [1 / 4, 3 / 4, 1 / 2, None]
    assert [found[n]["satisfaction_by"] for n in (1, 3, 4)] == ["nps", "csat", None]


def test_the_last_answer_speaks_for_the_customer_and_of_two_at_once_the_lower():
    later = DAY + timedelta(days=1)
    said = asked(
        answer(1, 9), answer(11, 5, "csat", customer_key=1, answered_at=later),
        answer(2, 10), answer(12, 3, "csat", customer_key=2),
    )  # fmt: skip
    found = by_customer(four_indicators(shop((1, 1, 1), (2, 1, 1)), said))
    assert [found[n]["satisfaction_by"] for n in (1, 2)] == ["csat", "csat"]
    assert [found[n]["satisfaction"] for n in (1, 2)] == [3 / 4, 1 / 4]


def test_dependence_is_the_share_of_wallet_where_asked_else_ties():
    customers = [(n, 1, 1) for n in (1, 2, 3, 4)]
    said = asked(answer(1, 30, "wallet"), answer(2, 80, "wallet"))
    found = by_customer(four_indicators(shop(*customers), said, tied(c1=9, c3=2)))
    assert [found[n]["dependence"] for n in (1, 2, 3, 4)] == [1 / 4, 3 / 4, 3 / 4, 1 / 4]
    assert [found[n]["dependence_by"] for n in (1, 3, 4)] == ["wallet", "ties", "ties"]


def test_without_ties_dependence_is_known_of_those_asked_alone():
    found = by_customer(four_indicators(shop((1, 1, 1), (2, 1, 1)), asked(answer(1, 30, "wallet"))))
    assert [found[n]["dependence"] for n in (1, 2)] == [1 / 2, None]
    assert found[2]["dependence_by"] is None


def test_the_lost_have_no_indicators():
    gone = lines(AS_OF, {"customer_key": 1, "is_active": False, "occasions_12m": 1})
    assert rows(four_indicators(gone, asked())) == []
