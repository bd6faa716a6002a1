"""The text of a proposed mapping, line by line, with its doubts as comments."""

import json
from dataclasses import dataclass, field

from core.ingest.preview import Preview
from core.ingest.profile import Profile


@dataclass
class Part:
    """One file, sheet or table of a source, as a sample shows it."""

    name: str
    preview: Preview
    profiles: dict[str, Profile]
    concepts: dict[str, list[str]]  # concept -> columns, the best first
    alike: list[str] = field(default_factory=list)  # further files with the same columns
    pattern: str = ""

    def best(self, concept: str) -> str | None:
        """Return the column that names ``concept`` best; None if there is none."""
        named = self.concepts.get(concept) or []
        rows = max(len(self.preview.rows), 1)
        filled = [column for column in named if self.profiles[column].empty < 0.5 * rows]
        return (filled or named or [None])[0]


class Draft:
    """Lines of a TOML file."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append(text)

    def blank(self) -> None:
        """Add an empty line, unless there is one."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def say(self, comment: str) -> None:
        """Add a comment."""
        self._lines.append(f"# {comment}")

    def put(self, key: str, value: str, *, decided: bool = True, why: str = "") -> None:
        """Add a setting; as a comment to be uncommented where it is not decided."""
        note = f"  # {why}" if why else ""
        self._lines.append(f"{'' if decided else '# '}{key} = {value}{note}")

    def table(self, name: str, from_: str | None, *, decided: bool = True) -> None:
        """Begin a canonical table."""
        self.blank()
        mark = "" if decided else "# "
        self._lines.append(f"{mark}[[tables.{name}]]")
        if from_ is not None:
            self._lines.append(f"{mark}from = {quoted(from_)}")

    def text(self) -> str:
        """Return the whole text."""
        return "\n".join(self._lines).rstrip() + "\n"


def quoted(text: str) -> str:
    """Return ``text`` as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(values: list[str]) -> str:
    """Return texts as a TOML list."""
    return "[" + ", ".join(map(quoted, values)) + "]"


def head(out: Draft, label: str, found: list[Part], *, several: bool) -> None:
    """Write name, mode and how the files are read."""
    out.say(f"A mapping proposed for {label}, from a sample of its first rows. Read it through:")
    out.say(
        'lines that begin with "# ?" are doubts that somebody who knows the data has to settle.'
    )
    out.blank()
    out.put("name", quoted(label))
    out.put("currency", '"CNY"', decided=False, why="? if not the currency of the books")
    out.put("mode", '"append"')
    out.say('? Write "snapshot" if every file holds all rows, so that missing ones are withdrawn.')
    out.blank()
    out.line("[source]")
    if several and len(found) > 1:
        for part in found:
            out.say(f"{part.name}: {_read_as(part)}")
    elif found:
        _layout(out, found[0])
    marks = {mark for part in found for p in part.profiles.values() if (mark := p.marks())}
    _number_marks(out, marks)
    if any(p.is_iso and p.has_offset for part in found for p in part.profiles.values()):
        out.say("? Moments carry a time zone: say in which zone the company's days begin.")
        out.put("time_zone", '"?"')


def _read_as(part: Part) -> str:
    details = {k: v for k, v in part.preview.details.items() if k not in ("is_clean", "layout")}
    return ", ".join(f"{name} {value!r}" for name, value in details.items()) or "as it is"


def _layout(out: Draft, part: Part) -> None:
    details = part.preview.details
    if "encoding" in details:
        out.put(
            "encoding",
            quoted(str(details["encoding"]).removesuffix("-sig")),
            decided=False,
            why="as detected",
        )
    if details.get("delimiter") not in (None, ","):
        out.put("delimiter", quoted(str(details["delimiter"])))
    if details.get("skip"):
        out.put("skip", str(details["skip"]), why="title rows above the header")
    if details.get("header") is False:
        out.say("? There seems to be no header. Give the columns names, and use them below.")
        out.put("header", "false")
        out.put("names", listed(list(part.preview.columns)))


def _number_marks(out: Draft, marks: set[tuple[str | None, str | None]]) -> None:
    decided = {mark for mark in marks if mark[0] is not None}
    if len(decided) == 1:
        decimal, thousands = decided.pop()
        out.put("decimal", quoted(decimal or "."))
        out.put("thousands", quoted(thousands or ","))
    elif marks:
        out.say('? Numbers like 1,234 may be 1234 or 1.234: write "," or "." as the decimal mark,')
        out.say("and the other one under thousands.")
        out.put("decimal", '"?"')


def no_sales(out: Draft, found: list[Part]) -> None:
    """Write a skeleton of orders, where no part looks like sales."""
    columns = list(found[0].preview.columns) if found else []
    known = found[0].profiles if found else {}
    dated = [c for c in columns if known[c].is_dated]
    numbers = [c for c in columns if known[c].is_number and c not in dated]
    fractions = [c for c in numbers if any("." in v or "," in v for v in known[c].values)]
    guess = {
        "customer_id": columns[:1], "ordered_at": dated, "amount": fractions or numbers[::-1],
    }  # fmt: skip
    out.blank()
    out.say("? No sales were recognised by the names of the columns. If there are some, uncomment")
    out.say(f"this and put the right columns in: there are {', '.join(columns[:30])}.")
    out.table("orders", None, decided=False)
    out.put("content_id", '["ordered_at", "amount"]', decided=False, why="or columns.order_id")
    for name, candidates in guess.items():
        value = quoted(candidates[0]) if candidates else '"..."'
        formats = known[candidates[0]].date_formats() if candidates and name == "ordered_at" else []
        if formats and not known[candidates[0]].is_iso:
            value = f"{{ column = {value}, format = {quoted(formats[0])} }}"
        note = "? " + " or ".join(formats) if len(formats) > 1 else ""
        out.put(f"columns.{name}", value, decided=False, why=note)
