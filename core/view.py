"""What a reader looks at: the ledger of one refresh, at one day, in one scope.

Metrics are pure functions of the tables that a view gives; a view chooses the files, the scope and
whether value is margin or net.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import ibis.expr.types as ir
import pyarrow as pa

from core.definitions import TIERS, Definitions
from core.errors import UnknownFigure
from core.ledger.cuts import CUTS
from core.ledger.entries import ENTRIES
from core.ledger.gaps import GAPS, with_gaps, with_rhythm
from core.ledger.lines import LINES
from core.ledger.purchases import PURCHASE_LINES, PURCHASES
from core.ledger.scopes import SCOPE_TABLE
from core.metrics.multi_buyers import lines_bought
from core.metrics.overdue import closed_gaps, median_gaps
from core.metrics.purchases import purchases
from core.periods import is_month_end, ledger_days, month_end, month_start, plus_months
from core.reading import Ledger
from core.schema import SCOPES

Scope = Mapping[str, tuple[str, ...]]  # "region" -> the values wanted; "tier" -> names of TIERS


@dataclass
class View:
    """One ledger, read with one scope; an empty scope is the whole."""

    ledger: Ledger
    scope: Scope = field(default_factory=dict)
    # What was worked out already, by what it is: a list, whether a day is on margin.
    known: dict[tuple, ir.Table] = field(default_factory=dict, repr=False, compare=False)
    costed: dict[date, bool] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in self.scope:
            if name not in (*SCOPES, "tier"):
                raise UnknownFigure("scope", found=name, known=", ".join((*SCOPES, "tier")))

    def must_exist(self) -> None:
        """Refuse a scope that no customer of the books has ever been in.

        Raises
        ------
        UnknownFigure
            If a value of the scope does not occur; names those that do.
        """
        scopes = self.ledger.derived("scopes", SCOPE_TABLE)
        for name, wanted in self.scope.items():
            known = TIERS if name == "tier" else _values(scopes, name)
            for value in wanted:
                if value not in known:
                    raise UnknownFigure(
                        "scope_value", scope=name, found=value, known=", ".join(known) or "–"
                    )

    @cached_property
    def definitions(self) -> Definitions:
        """The definitions that the ledger was built with."""
        return Definitions.model_validate_json(self.ledger.refresh.definitions)

    @cached_property
    def days(self) -> list[date]:
        """The days that have ledger lines: month-ends, and the data date."""
        return ledger_days(self.ledger.refresh.first_on, self.ledger.refresh.data_date)

    def ledger_day(self, as_of: date | None) -> date:
        """Return ``as_of`` if it has ledger lines; the last closed month-end if it is null.

        Raises
        ------
        UnknownFigure
            If there are no lines at that day; names the nearest days that have some.
        """
        if as_of is None:
            closed = [day for day in self.days if is_month_end(day)]
            return closed[-1] if closed else self.days[-1]
        if as_of in self.days:
            return as_of
        nearest = sorted(self.days, key=lambda day: abs((day - as_of).days))[:2]
        raise UnknownFigure(
            "no_ledger_day", found=as_of, nearest=", ".join(d.isoformat() for d in sorted(nearest))
        )

    def year_before(self, day: date) -> date | None:
        """Return the ledger day 12 months before a month-end; null where there is none."""
        if not is_month_end(day):
            return None
        before = month_end(plus_months(day, -12))
        return before if before in self.days else None

    def all_lines(self, day: date, is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of ``day`` in every scope: ``all_lines_of`` that day."""
        return self.all_lines_of([day], is_on_margin)

    def bare_lines_of(self, days: Sequence[date], is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of several days in every scope, without the columns of scopes.

        One row per customer and day: the columns of ``LINES``, ``tier_name`` and ``value``, as in
        ``all_lines_of``. To look up the scopes of all customers takes as long as to read the lines.
        """
        partitions = tuple(f"month_end={day.isoformat()}" for day in days)
        rows = self.ledger.derived("ledger", LINES, partitions)
        names = {number: name for number, name in enumerate(TIERS, start=1)}
        value = rows.margin_12m if is_on_margin else rows.net_12m
        return rows.mutate(tier_name=rows.tier.cases(*names.items()), value=value)

    def all_lines_of(self, days: Sequence[date], is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of several days in every scope, with the columns of the scopes.

        One row per customer and day: the columns of ``LINES``, one text column per scope of
        ``schema.SCOPES``, ``tier_name``, ``value`` (trailing 12 months: margin or net) and
        ``is_in_scope``.
        """
        rows = self.placed(self.bare_lines_of(days, is_on_margin))
        is_in_scope = rows.customer_key.notnull()
        for name, wanted in self.scope.items():
            column = rows.tier_name if name == "tier" else rows[name]
            is_in_scope &= column.isin(wanted).fill_null(False)
        return rows.mutate(is_in_scope=is_in_scope)

    def own_lines(self, day: date, by: Sequence[str] = (), is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of ``day`` in scope with no columns of scopes but ``by``.

        The columns of ``bare_lines_of``, where nothing more is asked.
        """
        if self.scope or any(name in SCOPES for name in by):
            return self.lines(day, is_on_margin)
        return self.bare_lines_of([day], is_on_margin)

    def placed(self, rows: ir.Table) -> ir.Table:
        """Add the columns of the scopes to rows with ``scope_key``."""
        scopes = self.ledger.derived("scopes", SCOPE_TABLE)
        # Grouped by its key, as it is anyway: so DuckDB knows that the join adds no rows, and does
        # not make it where an aggregate asks for no scope.
        scopes = scopes.group_by("scope_key").agg(**{name: scopes[name].max() for name in SCOPES})
        return rows.left_join(scopes, "scope_key").drop("scope_key_right")

    def lines(self, day: date, is_on_margin: bool = False) -> ir.Table:
        """Return the ledger lines of ``day`` in scope."""
        rows = self.all_lines(day, is_on_margin)
        return rows.filter(rows.is_in_scope) if self.scope else rows

    def is_on_margin(self, *days: date) -> bool:
        """Whether value is margin: costs cover enough of net in scope at each of ``days``."""
        return all(self._is_costed(day) for day in days)

    def _is_costed(self, day: date) -> bool:
        if day not in self.costed:
            rows = self.own_lines(day)
            sums = rows.agg(
                net=rows.net_12m.sum().cast("float64"),
                costed=rows.costed_net_12m.sum().cast("float64"),
            )
            found = sums.to_pyarrow().to_pylist()[0]
            net, costed = found["net"] or 0.0, found["costed"] or 0.0
            self.costed[day] = net > 0 and costed / net >= self.definitions.cost_coverage
        return self.costed[day]

    def entries(self, as_of: date | None = None, since: date | None = None) -> ir.Table:
        """Return what was booked from ``since`` up to and with ``as_of``, as ``ENTRIES``."""
        rows = self.ledger.derived("entries", ENTRIES)
        if as_of is not None:
            rows = rows.filter((rows.entered_on <= as_of) & (rows.month <= as_of))
        if since is not None:
            rows = rows.filter((rows.entered_on >= since) & (rows.month >= month_start(since)))
        return rows

    def occasions(self, as_of: date) -> ir.Table:
        """Return the occasions that stood at the end of ``as_of``, of customers in scope.

        One row per customer and day with a purchase: ``customer_key``, ``occasion_on``. In a scope
        other than the whole, ``as_of`` must be a ledger day.
        """
        rows = self.entries(as_of)
        stands = rows.voided_on.isnull() | (rows.voided_on > as_of)
        rows = rows.filter((rows.orders > 0) & rows.customer_key.notnull() & stands)
        found = rows.select("customer_key", occasion_on="entered_on")
        if not self.scope:
            return found
        return found.semi_join(self.lines(self.ledger_day(as_of)), "customer_key")

    def purchases(self, as_of: date, since: date | None = None) -> ir.Table:
        """Return the purchases from ``since`` that stood at ``as_of``, of customers in any scope.

        One row per order: the columns of ``PURCHASES`` but for ``voided_on`` and ``month``. Books
        refreshed before purchases were kept are read through their orders.
        """
        names = [name for name in PURCHASES.names if name not in ("voided_on", "month")]
        if "derived/purchases" in self.ledger.refresh.tables:
            return self._bought("purchases", PURCHASES, as_of, since).select(names)
        rows = self._purchases_of_facts(as_of, since)
        return rows.mutate(cancelled_on=rows.cancelled_at.cast("date")).select(names)

    def sold(self, as_of: date, since: date | None = None) -> ir.Table:
        """Return the orders of customers from ``since`` up to ``as_of``, amount above 0.

        One row per order, whatever became of it: ``customer_key``, ``ordered_on``,
        ``employee_id``, ``cancelled_on`` (null: never; it may lie after ``as_of``).
        """
        names = ("customer_key", "ordered_on", "employee_id", "cancelled_on")
        if "derived/purchases" in self.ledger.refresh.tables:
            return self._made("purchases", PURCHASES, as_of, since).select(*names)
        orders = self.ledger.table("orders")
        rows = orders.filter(orders.customer_key.notnull() & (orders.amount > 0))
        rows = rows.mutate(
            ordered_on=rows.ordered_at.cast("date"), cancelled_on=rows.cancelled_at.cast("date")
        )
        in_time = rows.ordered_on <= as_of
        if since is not None:
            in_time &= rows.ordered_on >= since
        return rows.filter(in_time).select(*names)

    def purchase_lines(self, as_of: date, since: date | None = None) -> ir.Table:
        """Return the lines of ``purchases``, with an amount above 0.

        One row per line: ``customer_key``, ``ordered_on``, ``product_id``, ``is_given_back`` (the
        product was wholly given back by ``as_of``, the order was not).
        """
        if "derived/purchase_lines" in self.ledger.refresh.tables:
            rows = self._bought("purchase_lines", PURCHASE_LINES, as_of, since)
            is_back = (rows.given_back_on <= as_of).fill_null(False)
            return rows.select("customer_key", "ordered_on", "product_id", is_given_back=is_back)
        return lines_bought(
            self._purchases_of_facts(as_of, since),
            self.ledger.table("order_lines"),
            self.ledger.table("refunds"),
            as_of=as_of,
        )

    def _bought(self, name: str, schema: pa.Schema, as_of: date, since: date | None) -> ir.Table:
        rows = self._made(name, schema, as_of, since)
        return rows.filter((rows.voided_on > as_of).fill_null(True))

    def _made(self, name: str, schema: pa.Schema, as_of: date, since: date | None) -> ir.Table:
        """Return rows of a table by month of ordering, from ``since`` up to ``as_of``."""
        first = month_start(since or self.ledger.refresh.first_on)
        months = [day for day in ledger_days(first, as_of) if day <= as_of]
        partitions = tuple(f"month={month_start(day).isoformat()}" for day in months)
        rows = self.ledger.derived(name, schema, partitions)
        if not is_month_end(as_of):
            rows = rows.filter(rows.ordered_on <= as_of)
        if since is not None and since.day > 1:
            rows = rows.filter(rows.ordered_on >= since)
        return rows

    def _purchases_of_facts(self, as_of: date, since: date | None) -> ir.Table:
        refunds = self.ledger.table("refunds") if self.ledger.has("refunds") else None
        orders, entries = self.ledger.table("orders"), self.entries(as_of, since)
        return purchases(orders, entries, refunds, as_of=as_of, since=since)

    def gaps(self, as_of: date) -> ir.Table:
        """Return the gaps between the occasions that stood at ``as_of``, of customers in scope.

        One row per customer with two occasions or more: ``customer_key``, ``gap_days`` (int32s).
        """
        if as_of not in self.days:
            return closed_gaps(self.occasions(as_of))
        rows = self.with_gaps(self.own_lines(as_of), as_of).select("customer_key", "gap_days")
        return rows.filter(rows.gap_days.notnull())

    def with_gaps(self, lines: ir.Table, day: date) -> ir.Table:
        """Add ``gap_days`` to ledger lines of ``day``: as in ``gaps``; null with one occasion."""
        # Books refreshed before gaps were kept are read through their occasions.
        if "derived/gaps" in self.ledger.refresh.tables:
            return with_gaps(lines, self.ledger.derived("gaps", GAPS), day)
        found = closed_gaps(View(self.ledger).occasions(day))
        return lines.left_join(found, "customer_key").drop("customer_key_right")

    def with_rhythm(self, lines: ir.Table, day: date) -> ir.Table:
        """Add ``gaps`` and ``median_gap_days`` (null: fewer than 3) to ledger lines of ``day``."""
        if "derived/gaps" in self.ledger.refresh.tables:
            return with_rhythm(lines, self.ledger.derived("gaps", GAPS), day)
        found = median_gaps(closed_gaps(View(self.ledger).occasions(day)))
        rows = lines.left_join(found, "customer_key").drop("customer_key_right")
        return rows.fill_null({"gaps": 0})

    @cached_property
    def cuts(self) -> list[dict]:
        """The cut-points of every ledger day, as ``CUTS``, by day."""
        rows = self.ledger.derived("cuts", CUTS)
        return rows.order_by("month_end").to_pyarrow().to_pylist()

    def has_own_cuts(self, day: date) -> bool:
        """Whether the tiers of ``day`` are provisional, so that they compare with no other day."""
        return any(row["is_provisional"] for row in self.cuts if row["month_end"] == day)


def _values(scopes: ir.Table, name: str) -> list[str]:
    found = scopes.filter(scopes[name].notnull()).select(name).distinct()
    return found.order_by(name).to_pyarrow()[name].to_pylist()
