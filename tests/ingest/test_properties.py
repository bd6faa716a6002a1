# ruff: noqa: E501 - cases read best in one line
"""Laws of reading: no record is lost, whatever the file holds."""

import csv
import random
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import CoreError
from core.ingest import rejects, text
from core.ingest.mapping import Source, load
from core.ingest.read import create
from core.ingest.stage import stage
from tests.ingest.conftest import ORDERS, TODAY, Staged

pytestmark = pytest.mark.slow

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\x1a", exclude_categories=["Cs"]),
    max_size=8,
)
AMOUNTS = st.one_of(
    st.integers(-999, 999).map(str), st.sampled_from(["", "x", "1e3", "nan", " 7 "])
)
DATES = st.sampled_from(["2024-01-02", "2024-02-30", "", "2030-01-01", "2024-01-02 10:00"])
FILTERED = ORDERS.replace(
    "[tables.orders.columns]",
    '[tables.orders]\nduplicates = "last"\n'
    'where = [{ column = "amount", op = ">=", value = 0 }]\n[tables.orders.columns]',
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(CELLS, CELLS, DATES, AMOUNTS), min_size=1, max_size=20))
def test_records_read_are_taken_rejected_or_left_out(con, tmp_path: Path, rows: list) -> None:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "customer", "date", "amount"])
    writer.writerows(rows)
    path = tmp_path / "a.csv"
    path.write_text(out.getvalue(), "utf-8", newline="")
    try:
        staged = Staged(stage(str(path), load(FILTERED), con, imported_on=TODAY))
    except CoreError as error:
        # Only where every date is wrong may the whole be refused.
        assert error.key in ("date_unstated", "date_unfit")  # noqa: PT017
        return
    batch = staged.batch
    assert batch.rows_read == len(rows)
    assert staged.taken >= len({key for (key,) in staged.rows("orders", "order_id")})
    is_negative = [amount.startswith("-") for *_, amount in rows]
    is_empty = [not any(row) for row in rows]
    assert batch.rows_left_out == sum(map(bool.__or__, is_negative, is_empty))
    numbers = [reject["row"] for reject in staged.rejects]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= set(range(1, len(rows) + 1))
    for reject in staged.rejects:
        assert reject["reason"] in ("missing", "number", "date", "future")
        assert reject["raw"]


def _mutated(rng: random.Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) or 1)
        act = rng.randrange(6)
        if act == 0:
            data[at : at + 1] = bytes([rng.randrange(256)])
        elif act == 1:
            data[at:at] = rng.choice(
                [b'"', b",", b"\n", b"\r", b"\r\n", b"\xff\xfe", b"\x00", b";"]
            )
        elif act == 2:
            del data[at : at + rng.randint(1, 30)]
        elif act == 3:
            data[at:at] = data[at : at + rng.randint(1, 60)]
        elif act == 4:
            data = data[: max(at, 1)]
        else:
            data[at:at] = rng.choice(["张三", "é", "\u202e", "😀", "\u3000"]).encode(
                "gb18030", "ignore"
            )
    return bytes(data)


def test_300_mutated_files_are_taken_or_refused_and_lose_nothing(con, tmp_path: Path) -> None:
    rng = random.Random(20240630)
    seeds = [
        b"id,customer,date,amount\n" + b"".join(b"%d,c%d,2024-01-%02d,%d.5\n" % (n, n % 3, n, n) for n in range(1, 12)),
        b'id;name;amount\r\n1;"Miller; Sons";10\r\n2;"a ""b"" c";20\r\n3;"line\r\nbreak";30\r\n',
        "编号\t客户\t金额\n1\t张三\t10\n2\t李四\t20\n3\t王五\t30\n".encode("gb18030"),
        b" 00001 19970101  1   11.77\r\n 00002 19970112  5   77.00\r\n 00003 19970102  2   20.76\r\n",
    ]  # fmt: skip
    rejected = rejects.create(con)
    taken = refused = 0
    for number in range(300):
        path = tmp_path / "a.csv"
        path.write_bytes(_mutated(rng, rng.choice(seeds)))
        con.con.execute(f"delete from {rejected}")
        try:
            found = text.examine(path, Source())
            slots = create(con, f"ingest_fuzz_{number}", list(found.layout.names))
            part = text.read(
                con, found, f"ingest_fuzz_{number}", list(slots.values()),
                number=0, first=0, folder=tmp_path, rejects=rejected,
            )  # fmt: skip
        except CoreError as error:
            assert error.text("zh")  # noqa: PT017
            refused += 1
            continue
        finally:
            con.con.execute(f"drop table if exists ingest_fuzz_{number}")
        assert con.table(rejected).count().to_pyarrow().as_py() == part.ragged
        taken += 1
    assert taken + refused == 300
    assert taken > 150
