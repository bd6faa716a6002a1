"""Dates and moments as companies write them. What can be read in two ways is never guessed."""

from collections.abc import Callable

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from core.errors import MappingError
from core.ingest.made import Bad, Made
from core.ingest.tables import fetch

ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?$"
)
OFFSET = r"[0-9]{2}:[0-9]{2}.*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
OLDEST_YEAR = 1900
Some = Callable[[ir.BooleanValue, ir.StringValue], tuple[int, int, list[str]]]


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.string), dt.timestamp))
def _try_strptime(text, format): ...


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dt.string, dt.Timestamp(timezone="UTC")), dt.timestamp)
)
def _in_zone(zone, moment): ...


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dt.string, dt.timestamp), dt.Timestamp(timezone="UTC"))
)
def _from_zone(zone, moment): ...


@ibis.udf.scalar.builtin(name="make_timestamp", signature=((dt.int64,), dt.timestamp))
def _make_timestamp(micros): ...


def of_moment(column: ir.TimestampValue | ir.DateValue, name: str, time_zone: str | None) -> Made:
    """Take a column that is a date or moment already, in business time."""
    moment = column
    if isinstance(column, ir.TimestampValue) and column.type().timezone is not None:  # pyright: ignore
        if time_zone is None:
            raise MappingError("no_time_zone", column=name, example=str(column.type()))
        moment = _in_zone(time_zone, column.cast(dt.Timestamp(timezone="UTC")))
    return Made(moment.cast("timestamp"), (), (name,))


def parsed(
    text: Made, formats: tuple[str, ...], time_zone: str | None, table: str, some: Some,
) -> Made:  # fmt: skip
    """Read texts as dates or moments.

    Parameters
    ----------
    text
        The texts.
    formats
        Formats as stated; none for ISO alone.
    time_zone
        Business time zone, into which moments with an offset are turned.
    table
        Canonical table, for messages.
    some
        Counts texts and shows some.

    Raises
    ------
    MappingError
        If no format is stated and the texts are not ISO, if none fits the stated formats, or if
        moments have an offset and the time zone is not stated.
    """
    is_text = text.expr.notnull()
    if not formats or "iso" in formats:
        _refuse_offsets(text, time_zone, some)
    reads = [_read(text.expr, one, time_zone) for one in formats or ("iso",)]
    moment = ibis.coalesce(*reads) if len(reads) > 1 else reads[0]
    bad = Bad(is_text & moment.isnull(), "date", text.columns)
    total, unread, examples = some(is_text & moment.isnull(), text.expr)
    if unread and (unread * 2 > total if not formats else unread == total and total > 1):
        key = "date_unstated" if not formats else "date_unfit"
        raise MappingError(
            key, table=table, column=", ".join(text.columns), examples=", ".join(examples),
            formats=", ".join(formats),
        )  # fmt: skip
    return Made(moment, (*text.bads, bad), text.columns)


def count_and_show(
    con: Backend, table: ir.Table, condition: ir.BooleanValue, text: ir.StringValue
) -> tuple[int, int, list[str]]:
    """Return how many texts there are, in how many ``condition`` holds, and three of those."""
    seen = table.select(text=text, held=condition)
    counted = seen.aggregate(total=seen.text.notnull().sum(), held=seen.held.sum())
    total, held = (int(value or 0) for value in fetch(con, counted)[0])
    if not held:
        return total, 0, []
    shown = fetch(con, seen.filter(seen.held).select("text").distinct().limit(3))
    return total, held, sorted(str(row[0]) for row in shown)


def _refuse_offsets(text: Made, time_zone: str | None, some: Some) -> None:
    if time_zone is not None:
        return
    has_offset = text.expr.re_search(ISO) & text.expr.re_search(OFFSET)
    _, held, examples = some(has_offset.fill_null(False), text.expr)
    if held:
        raise MappingError("no_time_zone", column=", ".join(text.columns), example=examples[0])


def _read(text: ir.StringValue, format: str, time_zone: str | None) -> ir.TimestampValue:
    if format == "iso":
        iso = ibis.ifelse(text.re_search(ISO), text, ibis.null("string"))
        plain = iso.try_cast("timestamp")
        if time_zone is None:
            return plain
        zoned = _in_zone(time_zone, iso.try_cast(dt.Timestamp(timezone="UTC")))
        return ibis.ifelse(text.re_search(OFFSET), zoned, plain)
    if format.startswith("excel"):
        return _excel(text.try_cast("float64"), is_1904=format.endswith("1904"))
    if format.startswith("unix"):
        scale = 1_000 if format.endswith("ms") else 1_000_000
        micros = (text.try_cast("float64") * scale).try_cast("int64")
        moment = _make_timestamp(micros)
        return _in_zone(time_zone, _from_zone("UTC", moment)) if time_zone else moment
    moment = _try_strptime(text, format)
    # %Y reads the 11 of 03/04/11 as the year 11.
    return ibis.ifelse(moment.year() >= 1000, moment, ibis.null("timestamp"))


def _excel(serial: ir.FloatingValue, *, is_1904: bool) -> ir.TimestampValue:
    """Serial days of Excel: 1 is 1900-01-01, and 60 a 29 February 1900 that never was."""
    fits = (serial >= (0 if is_1904 else 1)) & (serial < 2_958_466)
    if not is_1904:
        fits = fits & ~((serial >= 60) & (serial < 61))
    serial = ibis.ifelse(fits, serial, ibis.null("float64"))
    from_1970 = serial - (24_107 if is_1904 else 25_569)
    if not is_1904:
        from_1970 = from_1970 + ibis.ifelse(serial < 60, 1, 0)
    # To the nearest second: a serial is a binary fraction of a day.
    seconds = (from_1970 * 86_400).round().cast("int64")
    return _make_timestamp(seconds * 1_000_000)


def finish(made: Made, wanted: str) -> Made:
    """Return a moment as "date" or "timestamp"; years before 1900 are mistakes."""
    moment = made.expr
    year = moment.year()
    odd = ((year < OLDEST_YEAR) | (year > 9998)).fill_null(False)
    expr = moment.cast("date") if wanted == "date" else moment
    return Made(expr, (*made.bads, Bad(odd, "date", made.columns)), made.columns)
