"""What drove a change of sales: more customers, more occasions, fuller baskets, or another mix."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial

import ibis
import ibis.expr.types as ir

FACTORS = ("customers", "mix", "occasions", "basket")
_COUNTS = ("customers", "occasions", "net")


def buying(lines: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many bought in the trailing 12 months, on how many occasions, for how much?

    Parameters
    ----------
    lines
        Ledger lines in scope. Contract value is left out: it has no occasion.
    by
        Columns to tell apart.

    Returns
    -------
    One row (per value of ``by``): ``customers`` (int64, with an occasion in the 12 months),
    ``occasions`` (int64), ``net`` (float64, money; refunds of all customers taken off).
    """
    is_buyer = lines.occasions_12m > 0
    net = (lines.net_12m - lines.contract_12m).cast("float64")
    return lines.aggregate(
        by=by,
        customers=is_buyer.sum().cast("int64").fill_null(0),
        occasions=lines.occasions_12m.sum().cast("int64").fill_null(0),
        net=net.sum().fill_null(0.0),
    )


def change_parts(
    then: ir.Table, now: ir.Table, *, cells: Sequence[str], by: Sequence[str] = ()
) -> ir.Table:
    """How much of the change of net sales came from each of its drivers, cell by cell?

    Net sales of a cell are customers of all cells x the cell's share of them x occasions per
    customer x net per occasion (basket). The change is shared out by the Shapley value: each
    driver gets the mean of what it adds over all orders in which the four could have changed. So
    the four parts add up to the change, in each cell and in all, whatever is 0 or negative, and
    going back in time turns their signs. *Mix* is the effect of the shares: that customers stand
    in other cells than before.

    A cell without a buyer at one end takes occasions and basket from the other end. Net without
    an occasion (refunds of earlier sales) belongs to the basket.

    Parameters
    ----------
    then, now
        ``buying`` of two windows of equal length, by ``by`` and ``cells``.
    cells
        Columns whose mix is looked at; none: one cell, and no mix.
    by
        Columns to tell apart: the shares are those within them.

    Returns
    -------
    One row per cell of either window: ``by``, ``cells``, ``customers_then``, ``customers_now``,
    ``occasions_then``, ``occasions_now`` (int64), ``net_then``, ``net_now``, ``change``,
    ``change_customers``, ``change_occasions``, ``change_basket``, ``change_mix`` (float64, money).

    References
    ----------
    Sun (1998), Changes in energy consumption and energy intensity: a complete decomposition
    model; Ang, Huang and Mu (2009) show that it is the Shapley value. The log-mean index (LMDI,
    Ang 2004) is not defined where a cell is negative, as net of refunds may be.
    """
    ends = _both_ends(then, now, [*by, *cells])
    rows = _factors(ends, by)
    parts = {
        f"change_{name}": _part(rows, name).fill_null(0.0) for name in FACTORS if name != "basket"
    }
    explained = [rows[f"_explained_{end}"] for end in ("then", "now")]
    loose = (rows.net_now - explained[1]) - (rows.net_then - explained[0])
    return rows.select(
        *by,
        *cells,
        *[f"{name}_{end}" for name in _COUNTS for end in ("then", "now")],
        change=rows.net_now - rows.net_then,
        **parts,
        change_basket=_part(rows, "basket").fill_null(0.0) + loose,
    )


def change_of_all(parts: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How much of the change of net sales came from each of its drivers, over all cells?

    Parameters
    ----------
    parts
        ``change_parts``.
    by
        Columns to tell apart.

    Returns
    -------
    One row (per value of ``by``): the columns of ``change_parts`` but for the cells, summed.
    """
    names = [
        *[f"{name}_{end}" for name in _COUNTS for end in ("then", "now")],
        "change",
        *[f"change_{name}" for name in FACTORS],
    ]
    sums = {name: parts[name].sum().cast(parts[name].type()).fill_null(0) for name in names}
    return parts.aggregate(by=by, **sums)


def _both_ends(then: ir.Table, now: ir.Table, group: Sequence[str]) -> ir.Table:
    """Return both windows side by side; what one of them lacks is 0."""
    kinds = {name: then[name].type() for name in _COUNTS}
    rows = then.mutate(_is_now=False).union(now.select(*then.columns).mutate(_is_now=True))
    sums = {
        f"{name}_{end}": rows[name].sum(where=rows["_is_now"] if end == "now" else ~rows["_is_now"])
        for name in _COUNTS
        for end in ("then", "now")
    }
    found = rows.aggregate(by=group, **sums)
    return found.mutate(
        **{name: found[name].cast(kinds[name.rpartition("_")[0]]).fill_null(0) for name in sums}
    )


def _factors(ends: ir.Table, by: Sequence[str]) -> ir.Table:
    """Add the four factors of each cell at both ends, and the net that they explain."""
    whole = ibis.window(group_by=list(by)) if by else ibis.window()
    known: dict[str, ir.Value] = {}
    for end in ("then", "now"):
        customers = ends[f"customers_{end}"].cast("float64")
        occasions = ends[f"occasions_{end}"].cast("float64")
        of_all = customers.sum().over(whole)
        known |= {
            f"_customers_{end}": of_all,
            f"_mix_{end}": customers / of_all.nullif(0),
            f"_occasions_{end}": occasions / customers.nullif(0),
            f"_basket_{end}": ends[f"net_{end}"] / occasions.nullif(0),
            f"_explained_{end}": (occasions > 0).ifelse(ends[f"net_{end}"], 0.0),
        }
    rows = ends.mutate(**known)
    other = {"then": "now", "now": "then"}
    return rows.mutate(
        **{
            f"_{name}_{end}": ibis.coalesce(rows[f"_{name}_{end}"], rows[f"_{name}_{other[end]}"])
            for name in ("mix", "occasions", "basket")
            for end in ("then", "now")
        }
    )


def _part(rows: ir.Table, name: str) -> ir.FloatingValue:
    """Return the Shapley value of one factor of a product of four."""
    others = [other for other in FACTORS if other != name]
    step = rows[f"_{name}_now"] - rows[f"_{name}_then"]
    total: ir.FloatingValue = ibis.literal(0.0)
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(len(others) - size) / factorial(len(FACTORS))
        for changed in combinations(others, size):
            ends = {other: "now" if other in changed else "then" for other in others}
            total += weight * step * _product(rows, ends)
    return total


def _product(rows: ir.Table, ends: Mapping[str, str]) -> ir.FloatingValue:
    product: ir.FloatingValue = ibis.literal(1.0)
    for name, end in ends.items():
        product *= rows[f"_{name}_{end}"]
    return product
