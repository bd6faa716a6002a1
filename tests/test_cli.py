"""The `regulars` command, run as a user runs it."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.breakdowns import BREAKDOWNS
from core.cli import main
from core.cli.printed import defused
from core.facts import Books
from core.figures import FIGURES
from core.lists import LISTS
from tests.shop import CLOSING, OPENING, ten_customers

pytestmark = pytest.mark.slow

FIELDS = ["key", "scope", "as_of", "value", "n", "unit", "low", "high", "definition",
          "data_version", "note"]  # fmt: skip
MAPPING = """
name = "till"
currency = "EUR"

[tables.orders.columns]
order_id = "no"
customer_id = "who"
ordered_at = { column = "when", format = "%Y-%m-%d" }
amount = "paid"
"""
GOOD = "no,who,when,paid\n1,Ann,2024-01-05,10.50\n2,Bob,2024-02-06,20\n"
BAD = GOOD + "3,Cem,2024-02-30,5\n4,=Dua,2024-02-10,ten\n"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    hook = sys.excepthook
    yield
    sys.excepthook = hook


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ten_customers(tmp_path_factory.mktemp("shop")).home


def regulars(home: Path, *arguments: object, language: str = "en_GB.UTF-8") -> Result:
    # LC_ALL comes before LANG, and the machine of the tests may have set it.
    runner = CliRunner(env={"REGULARS_HOME": str(home), "LC_ALL": language})
    return runner.invoke(main, [str(argument) for argument in arguments])


def printed(home: Path, *arguments: object) -> list[dict]:
    result = regulars(home, *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def rows(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def test_kpi_prints_one_object_per_figure_with_exactly_the_stated_fields(shop):
    found = printed(shop, "kpi", "customers", "churn", "--as-of", CLOSING)
    assert [list(row) for row in found] == [FIELDS, FIELDS]
    customers, churn = found
    assert (customers["key"], customers["value"], customers["unit"]) == (
        "customers",
        8,
        "customers",
    )
    assert (churn["value"], churn["n"], churn["as_of"]) == (0.4, 5, "2024-03-31")
    assert churn["low"] < 0.4 < churn["high"]
    assert (churn["scope"], churn["data_version"]) == ({}, 1)
    assert (customers["note"], churn["note"]) == (None, "Since 2023-12-31.")
    assert churn["definition"].startswith("Customers lost in the period")


def test_kpi_without_a_name_prints_every_figure(shop):
    found = printed(shop, "kpi", "--as-of", CLOSING)
    assert [row["key"] for row in found] == [figure.key for figure in FIGURES]


def test_null_stays_null_with_its_reason_in_the_language_asked_for(shop):
    (row,) = printed(shop, "kpi", "grr", "--as-of", CLOSING, "--lang", "zh")
    assert row["value"] is None
    assert "账簿" in row["note"]


def test_kpi_compared_says_what_it_was(shop):
    found = printed(shop, "kpi", "value", "new", "--as-of", CLOSING, "--compare", OPENING)
    assert [(row["was"], row["was_as_of"]) for row in found] == [
        (845, "2023-12-31"), (4, "2023-12-31"),
    ]  # fmt: skip


def test_kpi_by_a_scope_prints_the_whole_and_each_value(shop):
    found = printed(shop, "kpi", "customers", "--as-of", CLOSING, "--by", "region")
    assert [(row["scope"], row["value"]) for row in found] == [
        ({}, 8), ({"region": "North"}, 3), ({"region": "South"}, 5),
    ]  # fmt: skip


def test_kpi_and_lists_in_a_scope_look_at_its_customers_alone(shop):
    north = ("--as-of", CLOSING, "--in", "region=North")
    (row,) = printed(shop, "kpi", "customers", *north)
    # Bob, Cem and Dua; Ann has moved to the South.
    assert (row["value"], row["scope"]) == (3, {"region": "North"})
    both = printed(shop, "kpi", "customers", *north, "--in", "region=South")
    assert both[0]["value"] == 8
    assert {row["customer_id"] for row in printed(shop, "list", "overdue", *north)} == {
        "Cem",
        "Dua",
    }


def test_kpi_as_a_table_names_figures_and_shows_the_unknown_as_a_dash(shop):
    result = regulars(shop, "kpi", "churn", "grr", "--as-of", CLOSING, "--lang", "zh")
    assert "流失率" in result.stdout
    assert "40.0%" in result.stdout
    assert "–" in result.stdout


def test_kpi_as_csv_has_the_fields_as_columns(shop):
    result = regulars(shop, "kpi", "customers", "--by", "region", "--as-of", CLOSING,
                      "--format", "csv")  # fmt: skip
    found = rows(result.stdout)
    assert list(found[0]) == FIELDS
    assert [row["scope"] for row in found] == ["", "region=North", "region=South"]


def test_the_language_is_that_of_the_terminal_unless_said(shop):
    asked = ("kpi", "nope", "--as-of", CLOSING)
    assert regulars(shop, *asked, language="zh_CN.UTF-8").stderr.startswith("没有指标")
    assert regulars(shop, *asked, language="C").stderr.startswith("There is no figure")
    assert regulars(shop, *asked, "--lang", "zh", language="C").stderr.startswith("没有指标")


@pytest.mark.parametrize(
    "arguments",
    [("kpi", "nope"), ("kpi", "customers", "--as-of", "2030-01-01"), ("kpi", "--by", "planet"),
     ("kpi", "--known-at", "7"), ("kpi", "--in", "region=Nowhere"),
     ("kpi", "--in", "region"), ("list", "nope"), ("definitions", "nope"),
     ("rejects", "--version", "9")],
)  # fmt: skip
def test_a_deliberate_error_is_one_sentence_and_ends_with_two(shop, arguments):
    result = regulars(shop, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_without_books_every_command_says_what_to_do(tmp_path):
    for command in ("kpi", "list", "versions", "rejects", "refresh", "check"):
        result = regulars(tmp_path / "none", command)
        assert (result.exit_code, "regulars demo" in result.stderr) == (2, True), command


def test_what_nobody_foresaw_is_logged_under_the_number_that_the_user_is_shown(shop):
    environment = os.environ | {
        "REGULARS_HOME": str(shop), "REGULARS_MEMORY_LIMIT": "nonsense", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    command = [sys.executable, "-c", "from core.cli import main; main()", "kpi", "customers"]
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert result.returncode == 1
    assert result.stdout == ""
    number = result.stderr.split("under ")[-1].split(";")[0]
    assert f"Failure {number}" in result.stderr


@pytest.fixture
def till(tmp_path: Path) -> Path:
    (tmp_path / "till.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "good.csv").write_text(GOOD, "utf-8")
    (tmp_path / "bad.csv").write_text(BAD, "utf-8")
    return tmp_path


def take(till: Path, file: str, *more: object) -> Result:
    return regulars(till / "home", "import", till / file, "--mapping", till / "till.toml", *more)


def test_an_import_says_what_was_taken_and_the_refresh_builds_its_ledger(till):
    result = take(till, "good.csv")
    assert result.exit_code == 0, result.stderr
    assert "2 records read" in result.stdout
    assert "Data version 1" in result.stdout
    assert regulars(till / "home", "refresh").exit_code == 0
    (row,) = printed(till / "home", "kpi", "customers", "--as-of", "2024-02-06")
    assert row["value"] == 2


def test_suggest_proposes_a_mapping_on_the_standard_output(till):
    result = regulars(till / "home", "suggest", till / "good.csv")
    assert result.exit_code == 0, result.stderr
    assert "[tables.orders" in result.stdout
    assert regulars(till / "home", "suggest", till / "none.csv").exit_code == 2


def test_the_first_import_takes_the_currency_of_the_mapping(till):
    take(till, "good.csv")
    assert 'currency = "EUR"' in (till / "home" / "regulars.toml").read_text("utf-8")
    assert Books(till / "home").version().currency == "EUR"


def test_settings_that_are_there_are_left_alone(till):
    (till / "home").mkdir()
    (till / "home" / "regulars.toml").write_text('[books]\ncurrency = "CHF"\n', "utf-8")
    take(till, "good.csv")
    assert Books(till / "home").version().currency == "CHF"


def test_the_same_file_twice_changes_nothing(till):
    take(till, "good.csv")
    assert "Nothing changed" in take(till, "good.csv").stdout
    assert len(printed(till / "home", "versions")) == 1


def test_the_encoding_can_be_stated(till):
    (till / "good.csv").write_text(GOOD.replace("Ann", "安娜"), "gb18030")
    assert take(till, "good.csv", "--encoding", "gb18030").exit_code == 0
    assert printed(till / "home", "rejects") == []
    assert "1 rejected" in take(till, "good.csv", "--encoding", "utf-8").stdout


def test_a_mapping_that_is_not_there_is_refused(till):
    result = regulars(till / "home", "import", till / "good.csv", "--mapping", till / "no.toml")
    assert result.exit_code == 2
    assert "no.toml" in result.stderr


def test_rejected_rows_are_listed_with_file_row_column_and_reason(till):
    result = take(till, "bad.csv")
    assert "2 rejected" in result.stdout
    found = printed(till / "home", "rejects")
    assert [(row["file"], row["row"], row["column"], row["found"]) for row in found] == [
        ("bad.csv", 3, "when", "2024-02-30"), ("bad.csv", 4, "paid", "ten"),
    ]  # fmt: skip
    assert all(row["reason"] for row in found)
    assert printed(till / "home", "rejects", "--version", "1") == found


def test_rejected_rows_can_be_exported_mended_and_imported(till):
    take(till, "bad.csv")
    exported = till / "mend.csv"
    result = regulars(till / "home", "rejects", "--export", exported)
    assert result.exit_code == 0, result.stderr
    text = exported.read_text("utf-8-sig")
    assert text.startswith("no,who,when,paid,")
    assert "'=Dua" in text
    mended = (
        text.replace("2024-02-30", "2024-02-28").replace(",ten,", ",7,").replace("'=Dua", "Dua")
    )
    exported.write_text(mended, "utf-8")
    assert "0 rejected" in take(till, "mend.csv").stdout
    regulars(till / "home", "refresh")
    (row,) = printed(till / "home", "kpi", "customers", "--as-of", "2024-02-28")
    assert row["value"] == 4


def test_known_at_shows_what_was_known_then(till):
    take(till, "good.csv")
    regulars(till / "home", "refresh")
    (till / "good.csv").write_text(GOOD + "9,Eva,2024-02-05,3\n", "utf-8")
    take(till, "good.csv")
    regulars(till / "home", "refresh")
    asked = ("kpi", "customers", "--as-of", "2024-02-06")
    assert printed(till / "home", *asked)[0]["value"] == 3
    then = printed(till / "home", *asked, "--known-at", "1")[0]
    assert (then["value"], then["data_version"]) == (2, 1)


def test_versions_lists_each_import_with_what_it_changed(till):
    take(till, "good.csv")
    take(till, "bad.csv")
    found = printed(till / "home", "versions")
    assert [(row["version"], row["mapping"], row["inserted"]) for row in found] == [
        (1, "till", 2), (2, "till", 0),
    ]  # fmt: skip
    assert found[0]["refreshed_at"] is None


def test_list_without_a_name_says_which_there_are(shop):
    assert [row["list"] for row in printed(shop, "list")] == [*LISTS, *BREAKDOWNS]


def test_list_prints_customers_by_the_company_s_own_id(shop):
    found = printed(shop, "list", "overdue", "--as-of", CLOSING)
    assert {row["customer_id"] for row in found} == {"Cem", "Dua", "Eva"}
    assert len(printed(shop, "list", "overdue", "--as-of", CLOSING, "--top", "1")) == 1


def test_several_lists_in_one_call_say_which_row_is_of_which(shop):
    found = printed(shop, "list", "overdue", "win-back", "--as-of", CLOSING)
    assert {row["list"] for row in found} == {"overdue", "win-back"}
    result = regulars(shop, "list", "overdue", "win-back", "--as-of", CLOSING)
    assert all(LISTS[key].title("en") in result.stdout for key in ("overdue", "win-back"))


def test_definitions_say_what_a_figure_means(shop):
    (row,) = printed(shop, "definitions", "churn", "--lang", "zh")
    assert (row["name"], row["unit"]) == ("流失率", "rate")
    assert row["definition"]
    assert row["edges"]


def test_definitions_show_the_settings_and_their_defaults(shop):
    found = {row["setting"]: row for row in printed(shop, "definitions", "--settings")}
    assert found["definitions.lapse_after_days"]["default"] == 180
    assert found["books.currency"]["value"] == "CNY"


def test_check_passes_whole_books_and_fails_damaged_ones(till):
    take(till, "good.csv")
    assert regulars(till / "home", "check").exit_code == 0
    next((till / "home" / "facts" / "orders").glob("*.parquet")).unlink()
    result = regulars(till / "home", "check")
    assert result.exit_code == 1
    assert "orders" in result.stderr


def test_the_demo_company_can_be_built_again_but_not_over_other_books(tmp_path, till):
    small = ("demo", "--customers", "500", "--months", "12")
    assert regulars(tmp_path / "demo", *small).exit_code == 0
    assert "恒信汽车" in (tmp_path / "demo" / "regulars.toml").read_text("utf-8")
    (row,) = printed(tmp_path / "demo", "kpi", "active_customers")
    assert row["value"] > 0
    assert regulars(tmp_path / "demo", *small).exit_code == 0
    assert len(printed(tmp_path / "demo", "versions")) == 1
    assert regulars(tmp_path / "demo", *small, "--seed", "8").exit_code == 2
    take(till, "good.csv")
    assert regulars(till / "home", *small).exit_code == 2


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-cmd", "@x", "|x", "%x", "\t=1", "\r=1", "\n=1", " =1", '"=1', "＝1+1",
     "\u200b=1", "\ufeff@x"],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_is_defused(text):
    assert defused(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Ann", "-5.00", "+86138", "1,234.5", "a=b", "安娜"])
def test_other_cells_stay_as_they_are(text):
    assert defused(text) == text
