"""`regulars store`: out of one store and into another."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from core.store import Store, changing
from core.store.records import Case

pytestmark = pytest.mark.slow


def regulars(*given: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in given])


def test_a_store_is_kept_put_back_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, kept = tmp_path / "old", tmp_path / "new", tmp_path / "kept.zip"
    store = Store.at(old)
    case = Case(id="c1", customer_key=7, stage_since=date(2026, 11, 2), notes="搬家了")
    store.write("E1", "k1", lambda session: changing.add(session, case))
    store.close()

    monkeypatch.setenv("REGULARS_HOME", str(old))
    made = regulars("store", "backup", kept, "--lang", "en")
    assert (made.exit_code, made.output.strip()) == (
        0, f"{kept} holds everything that was recorded: 3 rows.",  # the case, its audit, the write
    )  # fmt: skip
    monkeypatch.setenv("REGULARS_HOME", str(new))
    assert "3 rows" in regulars("store", "restore", kept, "--lang", "en").output
    again = regulars("store", "restore", kept, "--lang", "zh")
    assert again.exit_code == 2
    assert "空的存储" in again.output
    assert regulars("store", "export", tmp_path / "out", "--lang", "en").exit_code == 0
    assert "搬家了" in (tmp_path / "out" / "cases.csv").read_text("utf-8-sig")
