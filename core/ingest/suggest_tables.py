"""What ``suggest`` writes for customers, products and any other table; and for ids and dates."""

from core import schema
from core.ingest import synonyms
from core.ingest.draft import Draft, Part, quoted
from core.ingest.profile import Profile


def people(out: Draft, part: Part, from_: str | None) -> None:
    """Write customers and their attributes."""
    matched = synonyms.canonical_match("customers", list(part.preview.columns))
    customer = part.best("customer_id") or next(iter(part.preview.columns))
    matched["customer_id"] = customer
    out.table("customers", from_)
    if not part.profiles[customer].is_unique:
        out.say(f"? {quoted(customer)} stands more than once: which row holds?")
        out.put("duplicates", '"last"')
    for name in schema.TABLES["customers"].names:
        if name in matched:
            _typed(out, part, "customers", name, matched[name])
    attributes = {
        name: column for name in schema.ATTRIBUTES
        if (column := part.best(name)) and column not in matched.values()
    }  # fmt: skip
    if attributes:
        out.table("customer_attributes", from_)
        out.put("duplicates", '"last"')
        out.put("columns.customer_id", id_column(part, customer))
        out.say("? From which day these hold is not told: they hold from the import, and earlier")
        out.say("months are marked. If a column tells the day, write columns.valid_from.")
        for name, column in attributes.items():
            out.put(f"attributes.{name}", quoted(column))


def products(out: Draft, part: Part, from_: str | None) -> None:
    """Write products."""
    out.table("products", from_)
    product = part.best("product_id") or next(iter(part.preview.columns))
    if not part.profiles[product].is_unique:
        out.put("duplicates", '"last"', why="? numbers stand more than once: which row holds?")
    out.put("columns.product_id", id_column(part, product))
    wanted = {
        "name": (synonyms.PRODUCT_NAME, "name"),
        "category": ("category",),
        "brand": ("brand",),
    }
    for name, concepts in wanted.items():
        column = next((found for one in concepts if (found := part.best(one))), None)
        if column is not None:
            out.put(f"columns.{name}", quoted(column))


def generic(out: Draft, part: Part, from_: str | None, table: str) -> None:
    """Write any other canonical table, by the names of its columns."""
    matched = synonyms.canonical_match(table, list(part.preview.columns))
    shape = schema.TABLES[table]
    out.table(table, from_)
    missing = [name for name in shape.required if name not in matched]
    if len(shape.key) == 1 and shape.key[0] in missing:
        others = [name for name in shape.required if name in matched]
        missing.remove(shape.key[0])
        out.say("? No column numbers the rows: a row is known by what it says.")
        names = ", ".join(map(quoted, others)) or quoted("...")
        out.put("content_id", f"[{names}]", decided=bool(others))
    for column in shape.columns:
        if column.name in matched:
            _typed(out, part, table, column.name, matched[column.name])
    rest = [c for c in part.preview.columns if c not in matched.values()]
    for name in missing:
        out.say(f"? Which column is {name}? There are {', '.join(rest[:20])}.")
        out.put(f"columns.{name}", '"..."', decided=False)


def _typed(out: Draft, part: Part, table: str, name: str, column: str) -> None:
    kind = schema.TABLES[table].column(name).type
    if kind in ("date", "timestamp"):
        date_column(out, part, name, column)
    elif kind in ("id", "customer"):
        out.put(f"columns.{name}", id_column(part, column))
    elif choices := schema.TABLES[table].column(name).choices:
        present = sorted(set(part.profiles[column].values))[:12]
        if set(present) <= set(choices):
            out.put(f"columns.{name}", quoted(column))
            return
        out.say(
            f"? {quoted(column)} holds {', '.join(present)}; possible are {', '.join(choices)}."
        )
        values = ", ".join(f'{quoted(value)} = "{choices[0]}"' for value in present)
        value = f"{{ column = {quoted(column)}, values = {{ {values} }} }}"
        out.put(f"columns.{name}", value, decided=False)
    else:
        out.put(f"columns.{name}", quoted(column))


def id_column(part: Part, column: str) -> str:
    """Return an id column, with the marks of floats and words for nobody taken off."""
    profile = part.profiles[column]
    settings = []
    if profile.is_float_id:
        settings.append('clean = ["point_zero"]')
    if words := profile.anonymous():
        settings.append(f"null_words = [{', '.join(map(quoted, words))}]")
    if not settings:
        return quoted(column)
    return f"{{ column = {quoted(column)}, {', '.join(settings)} }}"


def moment(part: Part, column: str) -> str:
    """Return a column of dates, with its format where there is only one."""
    profile = part.profiles[column]
    formats = profile.date_formats()
    if profile.is_iso or len(formats) != 1:
        return quoted(column)
    return f"{{ column = {quoted(column)}, format = {quoted(formats[0])} }}"


def date_column(out: Draft, part: Part, name: str, column: str) -> None:
    """Write a date: plain if it can be read in one way, else every way as a proposal."""
    profile = part.profiles[column]
    formats = profile.date_formats()
    if profile.is_iso or not profile.values or len(formats) == 1:
        out.put(f"columns.{name}", moment(part, column))
    elif formats:
        shown = ", ".join(list(dict.fromkeys(profile.values))[:3])
        out.say(f"? The dates of {quoted(column)} can be read in {len(formats)} ways: {shown}.")
        out.say("Uncomment the right one.")
        for one in formats:
            value = f"{{ column = {quoted(column)}, format = {quoted(one)} }}"
            out.put(f"columns.{name}", value, decided=False)
    elif _is_serial(profile):
        value = f'{{ column = {quoted(column)}, format = "excel" }}'
        out.put(f"columns.{name}", value, why="? numbers of days, as Excel counts them")
    else:
        shown = ", ".join(list(dict.fromkeys(profile.values))[:3])
        out.say(f"? How the dates of {quoted(column)} are written is not clear: {shown}.")
        value = f'{{ column = {quoted(column)}, format = "..." }}'
        out.put(f"columns.{name}", value, decided=False)


def _is_serial(profile: Profile) -> bool:
    numbers = profile.numbers()
    return len(numbers) >= 0.97 * len(profile.values) and all(20_000 <= n < 60_000 for n in numbers)
