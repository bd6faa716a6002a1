"""Whether customers stayed after they were handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.metrics.afterwards import bought_after, kept_against_like, with_lines
from core.periods import is_month_end
from core.view import View

Made = Sequence[tuple[int, date]]  # customer, and day of the transfer


@dataclass(frozen=True)
class Kept:
    """How many stayed within some days of a transfer, and how many like customers did.

    ``bought`` and ``active`` (at the first month-end after the days) are rows of
    ``afterwards.kept_against_like``, empty while no transfer is old enough; ``readable_on`` is the
    day on which the first one is, null where none was made.
    """

    days: int
    bought: dict
    active: dict
    readable_on: date | None


def kept_after(view: View, made: Made, as_of: date, days: int) -> Kept:
    """Return how many customers stayed within some days of their transfer, beside like ones.

    Looked at are customers who were active at the ledger day before. Like customers were active in
    the same tier on that day, and never handed over here.
    """
    first = min((on for _, on in made), default=None)
    readable_on = first + timedelta(days=days) if first else None
    over = [(key, on) for key, on in made if on + timedelta(days=days) <= as_of]
    if not over:
        return Kept(days, {}, {}, readable_on)
    rows = [_placed(view, key, on, as_of, days) for key, on in over]
    followed = _followed(view, rows, made, as_of, days)
    told = {}
    for name, has_stayed in (("bought", followed.has_bought), ("active", followed.is_active)):
        found = kept_against_like(followed.mutate(has_stayed=has_stayed))
        (told[name],) = found.to_pyarrow().to_pylist()
    return Kept(days, told["bought"], told["active"], readable_on)


def _placed(view: View, customer_key: int, on: date, as_of: date, days: int) -> dict:
    """Return a transfer with the ledger days before it and after its days."""
    before = [day for day in view.days if day < on]
    over = on + timedelta(days=days)
    after = [day for day in view.days if over <= day <= as_of and is_month_end(day)]
    return {
        "customer_key": customer_key, "asked_on": on,
        "placed_on": before[-1] if before else None, "checked_on": after[0] if after else None,
    }  # fmt: skip


_PLACED = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("asked_on", pa.date32()),
        ("placed_on", pa.date32()),
        ("checked_on", pa.date32()),
    ]
)


def _followed(view: View, rows: list[dict], made: Made, as_of: date, days: int) -> ir.Table:
    con, whole = view.ledger.con, View(view.ledger)
    asked = engine.small_table(con, pa.Table.from_pylist(rows, schema=_PLACED))
    every = {day for row in rows for day in (row["placed_on"], row["checked_on"]) if day}
    lines = whole.bare_lines_of(sorted(every))
    theirs = with_lines(asked, lines, on="placed_on", tier_name="tier_name", was="is_active")
    theirs = theirs.filter(theirs.was.fill_null(False)).drop("was").mutate(is_theirs=True)
    keys = pa.array(sorted({key for key, _ in made}), pa.int64())
    others = lines.anti_join(
        engine.small_table(con, pa.table({"customer_key": keys})), "customer_key"
    )
    parts = [theirs]
    for row in {row["asked_on"]: row for row in rows if row["placed_on"]}.values():
        is_then = others.month_end.cast("date") == row["placed_on"]
        like = others.filter(is_then & others.is_active)
        dates = {
            name: ibis.literal(row[name], "date")
            for name in ("asked_on", "placed_on", "checked_on")
        }
        parts.append(
            like.select("customer_key", **dates, tier_name=like.tier_name, is_theirs=False)
        )
    every_one = ibis.union(*parts) if len(parts) > 1 else theirs
    found = engine.kept(con, every_one)
    found = bought_after(found, whole.occasions(as_of), as_of=as_of, within_days=days)
    return with_lines(found, lines, on="checked_on", is_active="is_active")
