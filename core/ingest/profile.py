"""What a sample of a column holds: dates and how they are written, numbers and their marks, ids."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?"
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+|[+-]?\d{1,3}(\.\d{3}){2,}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}")
_THREE = re.compile(r"[+-]?\d{1,3},\d{3}")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", " %H:%M:%S.%f")
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d",
    "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y",
    "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%d.%m.%y", "%m.%d.%y",
    "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
)  # fmt: skip
_LOOKS_DATED = re.compile(
    r"\d{1,4}\s?[-/.年 ]\s?(\d{1,2}|[A-Za-z]{3,9})\s?[-/.月 ,]\s?\d{1,4}.*"
    r"|\d{8}|[A-Za-z]{3,9} \d{1,2}, \d{4}.*"
)
ANONYMOUS = ("0", "匿名", "散客", "无", "n/a", "na", "anonymous", "guest", "unknown", "-", "99999")


@dataclass(frozen=True)
class Profile:
    """One column of a sample."""

    name: str
    values: list[str] = field(repr=False)  # without the empty ones
    empty: int  # how many rows are empty

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(set(self.values))

    @property
    def is_unique(self) -> bool:
        """Whether no value stands twice."""
        return bool(self.values) and self.distinct == len(self.values)

    @property
    def is_number(self) -> bool:
        """Whether nearly all values are numbers, in any of the usual spellings."""
        patterns = (_NUMBER, _COMMA, _GROUPED, _THREE)
        return self._share(lambda v: any(p.fullmatch(v) for p in patterns)) >= 0.95

    @property
    def is_float_id(self) -> bool:
        """Whether these are whole numbers written as 17850.0."""
        return self._share(lambda v: re.fullmatch(r"\d+\.0", v) is not None) >= 0.95

    @property
    def is_iso(self) -> bool:
        """Whether nearly all values are ISO dates or moments."""
        return self._share(lambda v: ISO.fullmatch(v) is not None) >= 0.95

    @property
    def has_offset(self) -> bool:
        """Whether moments carry a time zone."""
        return any(re.search(r":\d{2}.*(Z|[+-]\d{2}:?\d{2})$", v) for v in self.values[:200])

    @property
    def is_dated(self) -> bool:
        """Whether these are dates in any spelling."""
        return self.is_iso or bool(self.date_formats())

    def date_formats(self) -> list[str]:
        """Return every format in which nearly all values can be read."""
        sample = list(dict.fromkeys(self.values))[:400]
        if not sample or sum(_LOOKS_DATED.fullmatch(v) is not None for v in sample) < 0.9 * len(
            sample
        ):
            return []
        least = 0.97 * len(sample)
        found = []
        for date in _DATES:
            for time in _TIMES:
                if sum(_reads(v, date + time) for v in sample) >= least:
                    found.append(date + time)
                    break
        return found

    def marks(self) -> tuple[str | None, str | None] | None:
        """Return decimal and thousands mark; None for the mark where undecided; None if plain."""
        odd = [v for v in self.values if not _NUMBER.fullmatch(v)]
        if any(_COMMA.fullmatch(v) and not _THREE.fullmatch(v) for v in odd):
            return ",", "."
        if any(_GROUPED.fullmatch(v) for v in odd):
            return ".", ","
        if odd and any(_THREE.fullmatch(v) for v in odd):
            plain = [v for v in self.values if re.fullmatch(r"[+-]?\d+\.\d+", v)]
            return (".", ",") if plain else (None, None)
        return None

    def anonymous(self) -> list[str]:
        """Return words that stand for no customer, among the values."""
        counts = Counter(self.values)
        often = max(2, 0.01 * len(self.values))
        return [v for v, n in counts.items() if v.casefold() in ANONYMOUS and n >= often]

    def prefixes(self) -> dict[str, int]:
        """Return the letters before the number of an id, and how often each stands."""
        found = [re.match(r"([A-Za-z]+)-?\d", v) for v in self.values]
        return dict(Counter(match.group(1) for match in found if match))

    def numbers(self) -> list[float]:
        """Return the values that are plain numbers."""
        return [float(v) for v in self.values if _NUMBER.fullmatch(v)]

    def _share(self, holds) -> float:
        return sum(map(holds, self.values)) / len(self.values) if self.values else 0.0


def _reads(text: str, format: str) -> bool:
    try:
        moment = datetime.strptime(text, format)  # noqa: DTZ007
    except ValueError:
        return False
    return 1900 <= moment.year <= 2100


def profiles(columns: tuple[str, ...], rows: list[list[str | None]]) -> dict[str, Profile]:
    """Return one profile per column of a sample."""
    found = {}
    for at, name in enumerate(columns):
        values = [row[at] for row in rows]
        filled = [
            value for value in values if value not in (None, "", "NULL", "null", "NaN", "nan")
        ]
        found[name] = Profile(name, [v for v in filled if v is not None], len(rows) - len(filled))
    return found
