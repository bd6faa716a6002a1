"""Proposes a mapping for a source: what is plain is filled in, what is not is a comment."""

import fnmatch
from pathlib import Path

from core.errors import SourceError
from core.ingest import database, draft, synonyms
from core.ingest.draft import Draft, Part
from core.ingest.mapping import Source
from core.ingest.preview import parts, preview
from core.ingest.profile import profiles
from core.ingest.source import resolve
from core.ingest.suggest_sales import sales
from core.ingest.suggest_tables import generic, people, products

SAMPLE_ROWS = 5_000
MOST_PARTS = 80


def suggest(source: str) -> str:
    """Propose a mapping for ``source`` as the text of a TOML file.

    Columns are matched by their names (English and Chinese), their types and what a sample of
    5,000 rows holds. Every doubt is a comment that begins with ``# ?``. A doubt that only a person
    can decide (whether 03/04/2011 is March or April) leaves its setting as commented proposals, and
    loading the mapping names it until one of them is uncommented.

    Parameters
    ----------
    source
        A file, a folder, or an SQLAlchemy URL.

    Raises
    ------
    SourceError
        If the source cannot be read.
    """
    place = resolve(source)
    found, unread = _look(source)
    several = place.url is not None or place.is_folder or len(found) > 1
    out = Draft()
    shown = database.shown(source) if place.url else Path(source).name
    label = Path(shown.partition("?")[0].rstrip("/")).stem
    draft.head(out, label, found, several=several)
    roles = {part.name: role(part) for part in found}
    has_dates = {
        name for name, kind in roles.items() if kind in ("lines", "orders")
        and "ordered_at" in _part(found, name).concepts
    }  # fmt: skip
    has_lines = "lines" in roles.values()
    has_people = "customers" in roles.values()
    for part in found:
        from_ = part.pattern if several else None
        kind = roles[part.name]
        if kind in ("lines", "orders"):
            sales(
                out, part, from_,
                is_lines=kind == "lines",
                rolls_up=kind == "lines" and part.name in has_dates,
                has_lines=has_lines and kind != "lines",
                with_people=not has_people and part.name in has_dates,
            )  # fmt: skip
        elif kind == "customers":
            people(out, part, from_)
        elif kind == "products":
            products(out, part, from_)
        elif kind is not None:
            generic(out, part, from_, kind)
        else:
            out.blank()
            out.say(f"Not read: {part.name} ({', '.join(part.preview.columns[:20])}).")
    for name, problem in unread:
        out.say(f"? Not read: {name}: {problem}")
    if not any(kind in ("lines", "orders") for kind in roles.values()):
        draft.no_sales(out, found)
    return out.text()


def role(part: Part) -> str | None:
    """Return what a part is: "lines", a canonical table, or None where it is not known."""
    has = part.concepts.keys()
    called = synonyms.table_of(part.name)
    money = has & {"amount", synonyms.PRICE}
    product = has & {"product_id", synonyms.PRODUCT_NAME}
    if called not in (None, "orders", "order_lines", "customers", "products"):
        matched = synonyms.canonical_match(called, list(part.preview.columns))
        if len(matched) >= 2:
            return called
    if "order_id" in has and product and (money or "quantity" in has):
        return "lines"
    if money and "ordered_at" in has and has & {"customer_id", "order_id"}:
        return "lines" if product and called != "orders" else "orders"
    if called == "orders" and "order_id" in has and "ordered_at" in has:
        return "orders"
    known = has & {"name", "phone", "email", "birthday", "joined_on", "segment", "membership"}
    if "customer_id" in has and (known or called == "customers") and "order_id" not in has:
        return "customers"
    if "product_id" in has and has & {synonyms.PRODUCT_NAME, "category", "brand", "name"}:
        return "products"
    return None


def _part(found: list[Part], name: str) -> Part:
    return next(part for part in found if part.name == name)


def _look(source: str) -> tuple[list[Part], list[tuple[str, str]]]:
    """Return a part for each kind of file, sheet or table, and what could not be read."""
    place = resolve(source)
    if place.url is not None:
        names = database.tables(source, with_views=False)[:MOST_PARTS]
    else:
        names = parts(source)
    found: list[Part] = []
    unread: list[tuple[str, str]] = []
    for name in names:
        try:
            look = preview(source, name, Source(), rows=SAMPLE_ROWS)
        except SourceError as error:
            if len(names) == 1:
                raise
            unread.append((name, str(error)))
            continue
        alike = next((p for p in found if set(p.preview.columns) == set(look.columns)), None)
        if alike is not None and place.is_folder:
            alike.alike.append(name)
            continue
        if not look.rows and place.url is not None:
            continue
        known = synonyms.concepts(list(look.columns))
        found.append(Part(name, look, profiles(look.columns, look.rows), known))
    for part in found:
        part.pattern = _pattern(part, names) if place.is_folder else part.name
    return found, unread


def _pattern(part: Part, names: list[str]) -> str:
    """Return a file pattern that fits the part's files and no others, else its first file."""
    mine = [part.name, *part.alike]
    if len(mine) == 1:
        return part.name
    first, last = min(mine), max(mine)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    start = first[:same]
    pattern = f"{start}*{Path(part.name).suffix}"
    fits = [name for name in names if fnmatch.fnmatch(name, pattern)]
    return pattern if sorted(fits) == sorted(mine) else part.name
