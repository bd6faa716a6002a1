"""Laws of the figures, whatever the data: parts and wholes, names, the day looked at."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import breakdowns
from core.breakdowns import BREAKDOWNS
from core.facts import Books
from core.figures import FIGURES, Figure, compute
from core.ledger.refresh import refresh
from core.metrics.cohorts import cohort_retention
from core.metrics.pyramid import tier_matrix
from core.periods import is_month_end
from core.reading import open_ledger
from core.view import View
from tests.laws.full_shop import full_shop, known_by
from tests.laws.law import law
from tests.ledger.test_lines import CONFIGURATION
from tests.rows import Rows, take

pytestmark = pytest.mark.slow
seeds = st.integers(0, 10**6)
scopes = st.sampled_from(["region", "segment", "manager", "tier"])

CLOSE = 1e-9
BY_KEY = {figure.key: figure for figure in FIGURES}
# Sums over customers that do not add up over scopes, because of those who moved between them.
OF_MOVES = {
    "kept", "bridge_moved_in", "bridge_moved_out", "bridge_value_moved_in",
    "bridge_value_moved_out", "bridge_value_up", "bridge_value_down",
}  # fmt: skip
# Sales without a customer belong to the whole alone.
OF_NOBODY = {"bridge_value_without_customer", "bridge_value_total"}
# Breakdown, its column of shares, and within what they sum to 1.
SHARES = (
    ("pyramid", "share_of_heads", ()), ("pyramid", "share_of_value", ()),
    ("kinds", "share_of_heads", ()), ("kinds", "share_of_value", ()),
    ("rfm", "share_of_heads", ()), ("rfm", "share_of_value", ()),
    ("ladder", "share_of_heads", ()), ("ladder", "share_of_value", ()),
    ("churn-causes", "share_of_heads", ()), ("churn-causes", "share_of_value", ()),
    ("tier-migration", "share_of_row", ("tier_then",)),
    ("tier-migration", "expected_share", ("tier_then",)),
    ("membership-moves", "share", ("level_then",)),
    ("channel-mix", "occasion_share", ()), ("channel-mix", "contact_share", ()),
    ("value-by-payment", "share_of_value", ()),
)  # fmt: skip
# Days that the books must reach back at the very least.
WINDOWS = {
    "repurchase_within_30": 30, "repurchase_within_90": 90, "repurchase_within_180": 180,
    "repurchase_within_365": 365, "repeat_rate": 330, "retention_annual": 330,
    "churn_annual": 330, "next_window_rate": 700, "grr": 700, "nrr": 700,
}  # fmt: skip
GAINED, GONE = ("arrived", "bridge_moved_in"), ("lost", "undone", "bridge_moved_out")
VALUE_GAINED = ("new", "returned", "moved_in", "up")
VALUE_GONE = ("lost", "undone", "moved_out", "down")

Told = dict[tuple[str, str | None], Figure]  # by key and scope; the whole is under "(whole)"
WHOLE = "(whole)"


@contextmanager
def books(rows: Rows) -> Iterator[View]:
    with TemporaryDirectory() as name:
        take(Books(Path(name)), rows)
        refresh(Books(Path(name)), CONFIGURATION)
        with open_ledger(Books(Path(name))) as ledger:
            yield View(ledger)


def told(view: View, day: date, by: str | None = None) -> Told:
    return {
        (figure.key, figure.scope.get(by, WHOLE) if by else WHOLE): figure
        for figure in compute(view, None, day, by=by)
    }


def is_close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-6)


def parts(figures: Told, key: str) -> list[Figure]:
    return [figure for (name, scope), figure in figures.items() if name == key and scope != WHOLE]


@law(1)  # works out every figure and every breakdown several times: a minute
@given(seed=seeds, by=scopes)
def test_parts_add_up_and_names_of_customers_do_not_matter(seed: int, by: str) -> None:
    rows = full_shop(seed)
    with books(rows) as view, books(renamed(rows, seed)) as other:
        day = Random(seed).choice([day for day in view.days[4:] if is_month_end(day)])
        figures = told(view, day, by)
        assert scopes_that_do_not_add_up(figures) == [], (by, day)
        assert bridges_that_do_not_close(figures) == [], (by, day)
        assert figures_out_of_bounds(figures.values()) == [], (by, day)
        assert decompositions_that_do_not_add_up(figures) == [], day
        tables = told_in_tables(view, BREAKDOWNS, day)
        assert tables_that_do_not_add_up(tables, figures) == [], day
        # A scope told apart is the same scope looked at alone.
        for scope in sorted({scope for _, scope in figures if scope not in (WHOLE, None)})[:1]:
            alone = told(View(view.ledger, {by: (scope,)}), day)
            assert scopes_that_differ_alone(figures, alone, scope) == [], (by, scope, day)
        assert differences(figures, told(other, day, by)) == [], (by, day)
        nameless = [
            key
            for key, breakdown in BREAKDOWNS.items()
            if not any(column.startswith("customer_") for column in breakdown.columns)
        ]
        assert tables_that_differ(tables, told_in_tables(other, nameless, day)) == [], day


def renamed(rows: Rows, seed: int) -> Rows:
    """The same shop with its customers' names exchanged, and its rows in another order."""
    names = sorted({row["customer_id"] for row in rows["customers"]})
    others = dict(zip(names, Random(seed).sample(names, len(names)), strict=True))
    columns = ("customer_id", "referred_customer_id")
    return {
        of: Random(seed).sample(
            [row | {c: others.get(row[c]) for c in columns if c in row} for row in found],
            len(found),
        )
        for of, found in rows.items()
    }


def scopes_that_do_not_add_up(figures: Told) -> list[tuple]:
    """Heads and money of the whole against the sum over the values of a scope."""
    found = []
    for key, definition in BY_KEY.items():
        is_sum = definition.unit in ("customers", "count", "money") and not definition.is_mean
        whole, each = figures[key, WHOLE], parts(figures, key)
        if not is_sum or definition.is_whole_only or key in OF_MOVES | OF_NOBODY:
            continue
        if whole.value is None or any(part.value is None and part.n for part in each):
            continue  # not known, there or of some of those in it
        values = [part.value for part in each if part.value is not None]
        if not values:
            continue  # known of the whole alone
        if not is_close(math.fsum(values), whole.value):
            found.append((key, whole.value, values))
    return found


def bridges_that_do_not_close(figures: Told) -> list[tuple]:
    """Every bridge must lead from its opening to its closing."""
    found = []
    for scope in {scope for _, scope in figures}:
        value = {key: f.value for (key, s), f in figures.items() if s == scope}
        if value["bridge_opening"] is None:
            continue
        heads = value["bridge_opening"] + sum(value[key] for key in GAINED)
        if heads - sum(value[key] for key in GONE) != value["bridge_closing"]:
            found.append((scope, "heads"))
        if value["bridge_closing"] != value["active_customers"]:
            found.append((scope, "closing is not the active"))
        if value["bridge_value_new"] is None:
            continue
        money = value["bridge_value_opening"]
        money += sum(value[f"bridge_value_{key}"] for key in VALUE_GAINED)
        money -= sum(value[f"bridge_value_{key}"] for key in VALUE_GONE)
        if not is_close(money, value["bridge_value_closing"]):
            found.append((scope, "money", money, value["bridge_value_closing"]))
    return found


def figures_out_of_bounds(figures) -> list[tuple]:
    """A rate lies in its interval and in 0 to 1; of nobody it is null; a null says why."""
    found = []
    for figure in figures:
        value, low, high = figure.value, figure.low, figure.high
        if value is None:
            if not figure.note:
                found.append((figure.key, "null without a reason"))
            continue
        if not math.isfinite(value):
            found.append((figure.key, value))
        if figure.unit in ("rate", "ratio", "days", "points") and figure.n == 0:
            found.append((figure.key, value, "of nobody"))
        if low is not None and high is not None and not low - CLOSE <= value <= high + CLOSE:
            found.append((figure.key, value, low, high))
        if figure.unit in ("customers", "count") and (value < 0 or value != int(value)):
            found.append((figure.key, value))
    return found


def decompositions_that_do_not_add_up(figures: Told) -> list[str]:
    value = {key: f.value for (key, scope), f in figures.items() if scope == WHOLE}
    found = []
    tiers = ("top", "high", "middle", "other")
    if None not in [value[f"tier_{tier}"] for tier in tiers]:
        if sum(value[f"tier_{tier}"] for tier in tiers) != value["active_customers"]:
            found.append("heads of the tiers")
        if not is_close(math.fsum(value[f"tier_{tier}_value"] for tier in tiers), value["value"]):
            found.append("value of the tiers")
    if value["customers"] != value["active_customers"] + value["lost_customers"]:
        found.append("active and lost")
    beyond = [value[f"bridge_value_{part}"] for part in ("closing", "lapsed", "without_customer")]
    in_scopes = [part.value for part in parts(figures, "bridge_value_total")]
    if in_scopes and not is_close(math.fsum([*in_scopes, beyond[2]]), value["bridge_value_total"]):
        found.append("total value of the scopes, and of nobody")
    if None not in beyond and not is_close(math.fsum(beyond), value["bridge_value_total"]):
        found.append("value beyond the active")
    if value["retention"] is not None:
        stay = value["retention"] + value["churn"] + value["undone"] / value["bridge_opening"]
        if not is_close(stay, 1):
            found.append("kept, lost and undone")
    return found


def tables_that_do_not_add_up(tables: dict[str, list[dict]], figures: Told) -> list[tuple]:
    """Breakdowns whose rows are parts of one whole, against that whole."""
    value = {key: f.value for (key, scope), f in figures.items() if scope == WHOLE}
    found = []
    for key in (key for key in BREAKDOWNS if key.startswith("composition")):
        rows = tables[key]
        if key == "composition-change":
            found += [(key, row) for row in rows if not is_sum_of(row, "change")]
            for scope in {row["scope"] for row in rows}:
                changes = [float(row["change"]) for row in rows if row["scope"] == scope]
                if not is_close(math.fsum(changes), value["change_net_sales"]):
                    found.append((key, scope, math.fsum(changes), value["change_net_sales"]))
            continue
        if not is_close(math.fsum(float(row["net"]) for row in rows), value["net_sales_12m"]):
            found.append((key, [row["net"] for row in rows], value["net_sales_12m"]))
        found += shares_that_do_not_add_up(key, rows, "share", ())
    for key in (key for key in BREAKDOWNS if key.startswith("sales-by-order-")):
        rows = tables[key]
        if not is_close(math.fsum(float(row["net"]) for row in rows), value["net_sales_12m"]):
            found.append((key, [row["net"] for row in rows], value["net_sales_12m"]))
    for key, share, group in SHARES:
        found += shares_that_do_not_add_up(key, tables[key], share, group)
    drivers = [value[f"change_{name}"] for name in ("customers", "occasions", "basket", "mix")]
    if None not in drivers and not is_close(math.fsum(drivers), value["change_net_sales"]):
        found.append(("change_net_sales", drivers, value["change_net_sales"]))
    return found


def is_sum_of(row: dict, name: str) -> bool:
    parts = [value for column, value in row.items() if column.startswith(f"{name}_")]
    return is_close(math.fsum(parts), row[name])


def shares_that_do_not_add_up(
    key: str, rows: list[dict], share: str, group: tuple[str, ...]
) -> list[tuple]:
    """Groups whose known shares do not sum to 1."""
    sums: defaultdict[tuple, list[float]] = defaultdict(list)
    for row in rows:
        if row[share] is not None:
            sums[tuple(row[name] for name in group)].append(row[share])
    return [
        (key, share, of, math.fsum(shares))
        for of, shares in sums.items()
        if not is_close(math.fsum(shares), 1)
    ]


def scopes_that_differ_alone(figures: Told, alone: Told, scope: str) -> list[tuple]:
    found = []
    for (key, _), figure in alone.items():
        part = figures.get((key, scope))
        if part is None or is_on_another_basis(part, figure):
            continue
        if not part.n and not figure.n and {part.value, figure.value} <= {0, None}:
            continue  # of nobody: a sum that no source gave for a scope reads 0 there
        if not is_close(part.value, figure.value) or part.n != figure.n:
            found.append((key, part.value, part.n, figure.value, figure.n))
    return found


def is_on_another_basis(one: Figure, other: Figure) -> bool:
    """Whether one is margin and the other net: costs may cover a scope and not the whole."""
    kinds = [{n.key for n in f.note} & {"on_margin", "on_net"} for f in (one, other)]
    return kinds[0] != kinds[1]


def differences(ours: Told, theirs: Told) -> list[tuple]:
    """Figures that differ in value, number or interval."""
    found = [(key, "in one only") for key in ours.keys() ^ theirs.keys()]
    for key in ours.keys() & theirs.keys():
        one, other = ours[key], theirs[key]
        same = [is_close(getattr(one, a), getattr(other, a)) for a in ("value", "n", "low", "high")]
        if not all(same):
            found.append((key, one.value, other.value, one.n, other.n))
    return found


def tables_that_differ(ours: dict[str, list[dict]], theirs: dict[str, list[dict]]) -> list[str]:
    return [key for key, rows in theirs.items() if not is_same_table(ours[key], rows)]


def is_same_table(ours: list[dict], theirs: list[dict]) -> bool:
    """Whether two tables hold the same rows, in whatever order equal ones stand."""

    def sorted_rows(rows: list[dict]) -> list[list[tuple]]:
        def cell(value: object) -> tuple:
            is_number = isinstance(value, float)
            return (value is None, str(round(value, 6) if is_number else value))

        return sorted([cell(value) for value in row.values()] for row in rows)

    return sorted_rows(ours) == sorted_rows(theirs)


@law(1)
@given(seed=seeds)
def test_later_facts_never_change_earlier_figures(seed: int) -> None:
    rows = full_shop(seed)
    sales = sorted(row["ordered_at"].date() for row in rows["orders"])
    until = sales[len(sales) * 2 // 3]
    early = known_by(rows, until)
    with books(early) as then, books(rows) as now:
        day = [day for day in then.days if is_month_end(day) and day <= until][-1]
        brought = {name for name, found in early.items() if found}
        keys = {key for key, figure in BY_KEY.items() if set(figure.tables) <= brought}
        before, after = (
            {k: f for k, f in told(view, day).items() if k[0] in keys} for view in (then, now)
        )
        assert differences(before, after) == [], day
        known = [key for key, each in BREAKDOWNS.items() if set(each.tables) <= brought]
        tables = [told_in_tables(view, known, day) for view in (then, now)]
        assert tables_that_differ(*tables) == [], day


def told_in_tables(view: View, keys: Iterable[str], day: date) -> dict[str, list[dict]]:
    """Return breakdowns with the company's own ids in place of keys given at first sight."""
    ids = view.ledger.persons("customer_ids").select("customer_key", "customer_id").to_pyarrow()
    names = dict(zip(ids["customer_key"].to_pylist(), ids["customer_id"].to_pylist(), strict=True))
    return {
        key: [
            {c: names.get(v) if c.endswith("customer_key") else v for c, v in row.items()}
            for row in breakdowns.rows(view, key, as_of=day).to_pylist()
        ]
        for key in keys
    }


@law(1)
@given(seed=seeds)
def test_open_windows_are_null_and_migration_rows_add_up(seed: int) -> None:
    with books(full_shop(seed)) as view:
        first = view.ledger.refresh.first_on
        for day, keys in ((view.days[1], None), (view.days[-3], list(WINDOWS))):
            found = {figure.key: figure for figure in compute(view, keys, day)}
            assert open_windows_that_are_not_null(found, first, day) == [], day
            assert figures_out_of_bounds(found.values()) == [], day
            occasions = view.occasions(day)
            firsts = occasions.group_by("customer_key").agg(first_on=occasions.occasion_on.min())
            cells = cohort_retention(occasions, firsts, as_of=day).to_pyarrow().to_pylist()
            assert open_cells_that_are_not_null(cells, day) == [], day
        opened, closed = view.days[-6], view.days[-2]
        opening, closing = view.all_lines(opened), view.all_lines(closed)
        matrix = tier_matrix(opening, closing).to_pyarrow().to_pylist()
        assert migration_rows_that_do_not_add_up(matrix, view, opened) == [], (opened, closed)


def open_windows_that_are_not_null(found: dict[str, Figure], first: date, day: date) -> list[tuple]:
    """Figures that are known although the books are too young for their windows."""
    age = (day - first).days
    return [
        (key, figure.value)
        for key, figure in found.items()
        if key in WINDOWS and (age < WINDOWS[key] or not figure.n) and figure.value is not None
    ]


def open_cells_that_are_not_null(cells: list[dict], day: date) -> list[dict]:
    """The month of a cell is open while its last day has not come; closed cells are known."""
    wrong = []
    for cell in cells:
        number = cell["cohort"].year * 12 + cell["cohort"].month - 1 + cell["months_since"]
        today = day.year * 12 + day.month - 1
        is_open = number > today or (number == today and not is_month_end(day))
        if is_open != (cell["bought"] is None) or is_open != (cell["rate"] is None):
            wrong.append(cell)
    return wrong


def migration_rows_that_do_not_add_up(matrix: list[dict], view: View, opened: date) -> list[tuple]:
    """Wherever the customers of a tier went, there are as many as there were."""
    rows: defaultdict[str, int] = defaultdict(int)
    for cell in matrix:
        rows[cell["tier_then"]] += cell["heads"]
    standing = {figure.key: figure.value for figure in compute(view, ["pyramid"], opened)}
    return [
        (tier, rows[tier], standing[f"tier_{tier}"])
        for tier in ("top", "high", "middle", "other")
        if rows[tier] != standing[f"tier_{tier}"]
    ]
