"""Print the main figures of both data sets at three dates, the product beside plain pandas.

``python -m tests.reference.table <folder of the data sets>`` writes Markdown; a figure in which the
two differ is marked.
"""

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from core.figures import Figure, compute
from core.reading import open_ledger
from core.view import View
from tests.reference import plain
from tests.reference.agreement import disagreements
from tests.reference.books import cdnow_books, online_retail_books
from tests.reference.plain import Told
from tests.reference.prepared import cdnow, online_retail

SETS = (
    ("CDNOW", cdnow, cdnow_books, (date(1997, 9, 30), date(1998, 1, 31), date(1998, 6, 30))),
    (
        "Online Retail II", online_retail, online_retail_books,
        (date(2010, 6, 30), date(2010, 12, 31), date(2011, 11, 30)),
    ),
)  # fmt: skip


def table(folder: Path) -> Iterator[str]:
    """Yield the lines of the table: one row per figure, one column per data set and date."""
    columns: dict[str, dict[str, str]] = {}
    differing = 0
    for name, prepare, import_books, days in SETS:
        shop = prepare(folder)
        with TemporaryDirectory() as home, open_ledger(import_books(folder, Path(home))) as ledger:
            for day in days:
                told = plain.figures(shop, day)
                found = compute(View(ledger), list(told), day)
                wrong = {difference[0] for difference in disagreements(found, told)}
                differing += len(wrong)
                columns[f"{name} {day}"] = {
                    figure.key: f"**{cell} (differs)**" if figure.key in wrong else cell
                    for figure in found
                    for cell in [written(figure, told[figure.key])]
                }
    yield f"| figure | {' | '.join(columns)} |"
    yield f"|---|{'---:|' * len(columns)}"
    keys = dict.fromkeys(key for column in columns.values() for key in column)
    for key in keys:
        yield f"| {key} | {' | '.join(column[key] for column in columns.values())} |"
    yield ""
    yield f"{len(keys)} figures, {len(columns)} dates, {differing} differ from plain pandas."


def written(figure: Figure, told: Told) -> str:
    """Return the product's value as people write it."""
    if figure.value is None:
        return "–"
    if isinstance(told.value, Decimal):
        return f"{figure.value:,.2f}"
    if isinstance(told.value, Fraction):
        return f"{figure.value:.6f}"
    return f"{figure.value:,.0f}"


if __name__ == "__main__":
    print("\n".join(table(Path(sys.argv[1]))))
