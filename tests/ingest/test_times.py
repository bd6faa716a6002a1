from datetime import date, datetime

import pytest

from core.errors import MappingError

MAPPING = """
name = "x"
{head}
[tables.orders.columns]
order_id = "id"
customer_id = "id"
ordered_at = {date}
amount = {value = "1"}
"""


def _stage(stage_text, dates: list[str], how: str = '"date"', head: str = "", **kwargs):
    mapping = MAPPING.replace("{date}", how).replace("{head}", head)
    rows = "".join(f'{n},"{d}"\n' for n, d in enumerate(dates, start=1))
    return stage_text("id,date\n" + rows, mapping, **kwargs)


def _moments(staged) -> list[datetime]:
    return [moment for (moment,) in staged.rows("orders", "ordered_at")]


def test_iso_needs_no_format(stage_text) -> None:
    dates = ["2024-01-02", "2024-01-02 03:04", "2024-01-02T03:04:05", "2024-01-02 03:04:05.250"]
    assert _moments(_stage(stage_text, dates)) == [
        datetime(2024, 1, 2),
        datetime(2024, 1, 2, 3, 4),
        datetime(2024, 1, 2, 3, 4, 5),
        datetime(2024, 1, 2, 3, 4, 5, 250_000),
    ]


@pytest.mark.parametrize(
    "dates",
    [
        ["03/04/2011", "05/06/2011", "07/08/2011"],
        ["20240102", "20240103"],
        ["2024/1/2", "2024/1/3"],
        ["1/2/24"],
        ["2024年1月2日"],
    ],
)
def test_what_is_not_iso_is_never_guessed(stage_text, dates: list[str]) -> None:
    with pytest.raises(MappingError) as caught:
        _stage(stage_text, dates)
    assert caught.value.key == "date_unstated"
    for language in ("en", "zh"):
        sentence = caught.value.text(language)
        assert "'date'" in sentence
        assert all(one in sentence for one in dates)
        assert 'format = "%d/%m/%Y"' in sentence


@pytest.mark.parametrize(
    ("how", "dates", "expected"),
    [
        ("%d/%m/%Y", ["03/04/2011", "3/4/2011"], [datetime(2011, 4, 3)] * 2),
        ("%m/%d/%Y", ["03/04/2011"], [datetime(2011, 3, 4)]),
        ("%Y%m%d", ["19970101"], [datetime(1997, 1, 1)]),
        ("%d.%m.%y %H:%M", ["03.04.11 18:05"], [datetime(2011, 4, 3, 18, 5)]),
        ("%Y年%m月%d日", ["2024年3月4日"], [datetime(2024, 3, 4)]),
        ("%d-%b-%Y", ["04-Mar-2011"], [datetime(2011, 3, 4)]),
        ("excel", ["44927", "44927.5", "1", "59", "61"], [
            datetime(2023, 1, 1), datetime(2023, 1, 1, 12), datetime(1900, 1, 1),
            datetime(1900, 2, 28), datetime(1900, 3, 1),
        ]),
        ("excel 1904", ["43465"], [datetime(2023, 1, 1)]),
        ("unix", ["1704164645"], [datetime(2024, 1, 2, 3, 4, 5)]),
        ("unix ms", ["1704164645000"], [datetime(2024, 1, 2, 3, 4, 5)]),
    ],
)  # fmt: skip
def test_a_stated_format_is_followed(stage_text, how, dates, expected) -> None:
    staged = _stage(stage_text, dates, f'{{ column = "date", format = "{how}" }}')
    assert _moments(staged) == expected


def test_the_first_of_several_formats_that_fits_is_taken(stage_text) -> None:
    how = '{ column = "date", format = ["%d/%m/%Y", "%d/%m/%y", "iso"] }'
    staged = _stage(stage_text, ["03/04/2011", "03/04/11", "2011-04-03"], how)
    assert _moments(staged) == [datetime(2011, 4, 3)] * 3


def test_single_dates_that_do_not_fit_are_rejected(stage_text) -> None:
    how = '{ column = "date", format = "%d/%m/%Y" }'
    dates = [
        "03/04/2011",
        "31/02/2011",
        "13/13/2011",
        "yesterday",
        "03/04/11",
        "01/01/1850",
        "2/4/2011",
    ]
    staged = _stage(stage_text, dates, how)
    assert len(_moments(staged)) == 2
    assert {r["reason"] for r in staged.rejects} == {"date"}
    assert [r["row"] for r in staged.rejects] == [2, 3, 4, 5, 6]


def test_a_stray_date_among_iso_ones_is_rejected_and_not_guessed(stage_text) -> None:
    staged = _stage(stage_text, ["2024-01-02", "2024-01-03", "03/04/2024"])
    assert staged.reasons == [(3, "date", "date", "03/04/2024")]


def test_the_29th_of_february_1900_never_was(stage_text) -> None:
    staged = _stage(stage_text, ["44927", "60"], '{ column = "date", format = "excel" }')
    assert staged.reasons == [(2, "date", "date", "60")]


def test_a_format_that_fits_no_date_is_refused_with_examples(stage_text) -> None:
    with pytest.raises(MappingError) as caught:
        _stage(stage_text, ["2024-01-02", "2024-01-03"], '{ column = "date", format = "%d/%m/%Y" }')
    assert caught.value.key == "date_unfit"
    assert "2024-01-02" in caught.value.text("zh")


def test_what_is_dated_later_than_tomorrow_is_rejected(stage_text) -> None:
    dates = ["2024-06-30", "2024-07-01 23:59", "2024-07-02", "2099-01-01"]
    staged = _stage(stage_text, dates, imported_on=date(2024, 6, 30))
    assert [(r["row"], r["reason"]) for r in staged.rejects] == [(3, "future"), (4, "future")]


def test_what_is_due_may_lie_ahead(stage_text) -> None:
    mapping = """
        name = "x"
        [tables.contracts.columns]
        contract_id = "id"
        customer_id = "id"
        started_on = "date"
        ended_on = { value = "2099-12-31" }
    """
    staged = stage_text("id,date\n1,2024-01-01\n", mapping)
    assert staged.rows("contracts", "ended_on") == [(date(2099, 12, 31),)]


def test_moments_with_an_offset_need_the_business_time_zone(stage_text) -> None:
    dates = ["2024-01-01T20:00:00Z", "2024-01-01T20:00:00+02:00", "2024-01-01 20:00"]
    with pytest.raises(MappingError) as caught:
        _stage(stage_text, dates)
    assert caught.value.key == "no_time_zone"
    staged = _stage(stage_text, dates, head='[source]\ntime_zone = "Asia/Shanghai"')
    assert _moments(staged) == [
        datetime(2024, 1, 2, 4), datetime(2024, 1, 2, 2), datetime(2024, 1, 1, 20),
    ]  # fmt: skip
