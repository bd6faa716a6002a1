from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import MappingError, SourceError


def _write(path: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_typed_columns_are_read_without_being_written_out(stage_path, orders, tmp_path) -> None:
    path = _write(
        tmp_path / "a.parquet",
        id=pa.array([1, 2, 3]),
        customer=pa.array([17850.0, None, 1.5]),
        date=pa.array([datetime(2024, 1, 2, 3, 4)] * 3),
        amount=pa.array([2.55, 0.1 + 0.2, -1.0]),
    )
    staged = stage_path(path, orders)
    assert staged.rows("orders") == [
        ("1", "17850", datetime(2024, 1, 2, 3, 4), Decimal("2.55")),
        ("2", None, datetime(2024, 1, 2, 3, 4), Decimal("0.3")),
        ("3", "1.5", datetime(2024, 1, 2, 3, 4), Decimal("-1")),
    ]


def test_nan_and_infinity_are_rejected_with_the_record_number(stage_path, orders, tmp_path) -> None:
    path = _write(
        tmp_path / "a.parquet",
        id=pa.array(["1", "2", "3"]),
        customer=pa.array(["a"] * 3),
        date=pa.array([datetime(2024, 1, 2)] * 3),
        amount=pa.array([float("nan"), 5.0, float("inf")]),
    )
    staged = stage_path(path, orders)
    assert [(r["file"], r["row"], r["reason"]) for r in staged.rejects] == [
        ("a.parquet", 1, "number"), ("a.parquet", 3, "number"),
    ]  # fmt: skip
    assert staged.taken == 1


def test_moments_with_a_zone_need_the_business_time_zone(stage_path, orders, tmp_path) -> None:
    moments = pa.array([datetime(2024, 1, 1, 20, tzinfo=timezone.utc)])  # noqa: UP017
    path = _write(
        tmp_path / "a.parquet",
        id=pa.array(["1"]), customer=pa.array(["a"]), date=moments, amount=pa.array([1]),
    )  # fmt: skip
    with pytest.raises(MappingError) as caught:
        stage_path(path, orders)
    assert caught.value.key == "no_time_zone"
    zoned = orders.replace("[tables", '[source]\ntime_zone = "Asia/Shanghai"\n[tables', 1)
    assert stage_path(path, zoned).rows("orders", "ordered_at") == [(datetime(2024, 1, 2, 4),)]


def test_a_damaged_file_is_refused(stage_path, orders, tmp_path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and then nothing of the kind")
    with pytest.raises(SourceError) as caught:
        stage_path(tmp_path / "a.parquet", orders)
    assert caught.value.key == "unreadable"
