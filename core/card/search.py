"""Finding a customer by a part of name, id or telephone number."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core import engine
from core.card.one import OneCustomer
from core.view import View

LONGEST = 100  # characters that are looked for
MOST = 50  # customers shown
LEAST_DIGITS = 3  # of a telephone number
_LONG_DIGITS = 7  # a whole number without the code of its country
_SPACES = (" ", "\u00a0", "\u3000")
_GAPS = " -()+./\u00a0\u3000\u2010\u2011\u2012\u2013\u2014"  # in telephone numbers


@dataclass(frozen=True)
class Hit:
    """A customer that was found, told apart by tier, branch and value at the day."""

    customer_key: int
    customer_id: str | None
    name: str | None
    former_id: str | None  # found by a record that was merged into this one
    state: str | None  # active, lost, prospect; null: not in the ledger at the day
    tier: str | None
    branch: str | None
    value: Decimal | None


@dataclass(frozen=True)
class Hits:
    """What a search found: the first ``MOST``, and how many there are."""

    first: tuple[Hit, ...]
    total: int


def search(view: View, text: str, day: date, *, is_on_margin: bool = False) -> Hits:
    """Return the customers whose name, id or telephone number contains ``text``.

    Case, spaces and full-width forms do not count, nor do dashes and brackets in numbers. No sign
    stands for others. Whole matches come first, then beginnings, then the rest; among equals the
    most valuable. Merged customers lead to the one they were merged into. Names are as they stand
    now, tier, branch and value as of ``day``.

    Parameters
    ----------
    text
        Whatever a reader typed; longer texts than ``LONGEST`` are in no name and find nobody.
    day
        A ledger day.
    """
    wanted = plain_form(text)
    if not wanted or len(wanted) > LONGEST:
        return Hits((), 0)
    found = engine.kept(view.ledger.con, _of_last_records(view, _ranked(view, wanted)))
    lines = view.all_lines(day, is_on_margin).semi_join(found, "customer_key")
    lines = lines.select(
        "tier_name", "branch", "value", "is_active", "since_on", _line="customer_key"
    )
    rows = found.left_join(lines, found.customer_key == lines["_line"])
    best = rows.order_by(_order(rows)).limit(MOST)
    best = _named(view, engine.kept(view.ledger.con, best))
    shown = best.order_by(_order(best)).to_pyarrow().to_pylist()
    return Hits(tuple(_hit(row) for row in shown), engine.count(found))


def _order(rows: ir.Table) -> list[ir.Value]:
    return [rows["rank"], rows.value.desc(nulls_first=False), rows.customer_key]


def plain_form(text: str) -> str:
    """Return a text as it is looked for: small letters, plain forms, no spaces, nothing unseen.

    Examples
    --------
    >>> plain_form("  Ｗａｎｇ １３８ ")
    'wang138'
    """
    plain = unicodedata.normalize("NFKC", text)
    seen = (c for c in plain if unicodedata.category(c)[0] not in "CZ")
    return "".join(seen).lower()


def _ranked(view: View, wanted: str) -> ir.Table:
    """Return the records that match: ``customer_key``, ``rank`` (0: the whole; 1: its beginning).

    Names, ids and numbers are looked through one by one: joined first, all of them would be.
    """
    ids, persons = view.ledger.persons("customer_ids"), view.ledger.persons("customers")
    forms = {wanted, _wide(wanted)}
    parts = [
        _matches(persons, _plain(persons.name), forms),
        _matches(ids, _plain(ids.customer_id), forms),
    ]
    digits = "".join(c for c in wanted if c not in _GAPS)
    if digits.isascii() and digits.isdigit() and len(digits) >= LEAST_DIGITS:
        number = _digits(persons.phone)
        parts.append(_matches(persons, number, {digits}))
        if len(digits) > _LONG_DIGITS:  # perhaps with the code of a country that we do not keep
            ends = ibis.literal(digits).endswith(number) & (number.length() >= _LONG_DIGITS)
            coded = persons.filter(ends)
            parts.append(coded.select("customer_key", rank=ibis.literal(1, "int8")))
    return ibis.union(*parts)


def _matches(rows: ir.Table, text: ir.StringValue, forms: set[str]) -> ir.Table:
    found = rows.select("customer_key", _text=text)
    text = found["_text"]
    found = found.filter(reduce(or_, [text.contains(form) for form in forms]))
    text = found["_text"]
    begins = reduce(or_, [text.startswith(form) for form in forms])
    rank = ibis.cases((text.isin(sorted(forms)), 0), (begins, 1), else_=2)
    return found.select("customer_key", rank=rank.cast("int8"))


def _plain(text: ir.StringColumn) -> ir.StringValue:
    plain = text.lower()
    for space in _SPACES:
        plain = plain.replace(space, "")
    return plain


def _wide(text: str) -> str:
    """Return a text in full-width forms, as some systems keep their names and ids."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _digits(number: ir.StringColumn) -> ir.StringValue:
    """Return a telephone number without what is put between its digits.

    Most have nothing: taking signs out of every one of a million takes six times as long.
    """
    return number.re_search("[^0-9]").ifelse(number.translate(_GAPS, ""), number)


def _of_last_records(view: View, found: ir.Table) -> ir.Table:
    """Return one row per customer; records that were merged stand for whom they were merged into.

    ``customer_key``, ``rank`` (the best), ``matched_key`` (the record it was found by).
    """
    found = found.mutate(matched_key=found.customer_key)
    if merged := OneCustomer(view.ledger, 0).merged:
        pairs = pa.table({"_old": [*merged], "_last": [*merged.values()]})
        last = engine.small_table(view.ledger.con, pairs)
        found = found.left_join(last, found.customer_key == last["_old"])
        found = found.mutate(customer_key=ibis.coalesce(found["_last"], found.customer_key))
    # Of equal ranks the customer's own record, then the first.
    place = found["rank"] * 2 + (found.matched_key != found.customer_key).cast("int8")
    return found.group_by("customer_key").agg(
        rank=found["rank"].min(), matched_key=found.matched_key.argmin(place)
    )


def _named(view: View, rows: ir.Table) -> ir.Table:
    ids = view.ledger.persons("customer_ids")
    own = ids.select("customer_id", _id="customer_key")
    other = ids.select(matched_id="customer_id", _matched="customer_key")
    persons = view.ledger.persons("customers").select("name", _person="customer_key")
    rows = rows.left_join(own, rows.customer_key == own["_id"])
    rows = rows.left_join(other, rows.matched_key == other["_matched"])
    return rows.left_join(persons, rows.customer_key == persons["_person"])


def _hit(row: dict) -> Hit:
    is_former = row["matched_key"] != row["customer_key"]
    state = None
    if row["is_active"] is not None:
        below = "lost" if row["since_on"] else "prospect"
        state = "active" if row["is_active"] else below
    return Hit(
        row["customer_key"], row["customer_id"], row["name"],
        row["matched_id"] if is_former else None, state, row["tier_name"], row["branch"],
        row["value"],
    )  # fmt: skip
