"""Puts the demo company together, chunk by chunk, and stages it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from sqlglot import expressions

from core.batch import Batch
from core.schema import TABLES
from data.demo import accounts, care, catalogue, company, contracts, leads, master, orders, surveys
from data.demo.complaints import complain, complaint_table
from data.demo.people import people
from data.demo.plan import Plan
from data.demo.sales import promotion_table, sales
from data.demo.visits import visits

# DuckDB tidies up after each 16 MB written, which took half of the time here.
_CHECKPOINT = "256MB"


def stage(
    con: Backend,
    *,
    customers: int = 20_000,
    months: int = 36,
    seed: int = 7,
    last_month: date = date(2026, 10, 31),
    progress: Callable[[str, float | None], None] | None = None,
) -> Batch:
    """Make the demo company and stage it in ``con``: all canonical tables, filled.

    Equal arguments give equal rows. Customers are made in chunks of `plan.CHUNK`, each with its
    own random numbers, while the chunk before is being written.

    Parameters
    ----------
    con
        DuckDB connection to stage in; the tables must not exist in it yet.
    customers
        Number of customers, at least 500; the planted stories need 2,000 to be seen.
    months
        Whole months of history, at least 12; the books end 8 days into the month after.
    seed
        Seed of all random numbers.
    last_month
        Any day of the last whole month.
    progress
        Called with "customers" and the share of them that is done, after each chunk.

    Returns
    -------
    Batch
        No snapshots; ``mapping`` is "demo", and ``mapping_text`` says the arguments.

    Raises
    ------
    ValueError
        If ``customers`` or ``months`` is too small.
    """
    plan = Plan(customers, months, seed, last_month)
    crew = company.staff(plan)
    for name in TABLES:
        _create(con, name)
    rows = sum(_insert(con, name, table) for name, table in _company_tables(plan, crew).items())
    done = 0
    con.con.execute(f"set checkpoint_threshold = '{_CHECKPOINT}'")
    try:
        for tables in _made_ahead(plan, crew):
            rows += sum(_insert(con, name, table) for name, table in tables.items())
            done += tables["customers"].num_rows
            if progress is not None:
                progress("customers", done / customers)
    finally:
        con.con.execute("reset checkpoint_threshold")
    return Batch(
        con,
        source="demo",
        mapping="demo",
        mapping_text=f"customers = {customers}\nmonths = {months}\nseed = {seed}\n"
        f"last_month = {plan.last_month:%Y-%m-%d}\n",
        tables={name: name for name in TABLES},
        rows_read=rows,
    )


def chunk_tables(plan: Plan, crew: company.Staff, chunk: int) -> dict[str, pa.Table]:
    """Return the rows of one chunk of customers, by canonical table."""
    random = np.random.default_rng([plan.seed, chunk])
    crowd = people(plan, crew, chunk, random)
    known, wrong = complain(plan, crowd, visits(plan, crowd, random), random)
    last = np.full(len(crowd.index), -np.inf)
    last[known.customer] = known.day
    upset = np.zeros(len(last), bool)
    upset[wrong.customer] = wrong.opened > last[wrong.customer]
    sold = sales(plan, crew, crowd, known, chunk, random)
    detail = orders.lines(plan, crowd, sold, random)
    held = contracts.contracts(plan, crowd, sold, last, random)
    found = leads.leads(plan, crew, crowd, sold, random)
    born = master.birthdays(crowd, random)
    due = master.next_birthdays(plan, born)
    amount = detail.total(detail.amount, len(sold.day))
    return {
        "customers": master.customer_table(plan, crowd, born, random),
        "customer_attributes": master.attribute_table(plan, crew, crowd, random),
        "customer_merges": master.merge_table(plan, crowd, random),
        **orders.order_tables(plan, crowd, sold, detail, random),
        "service_costs": accounts.service_cost_table(plan, crowd, sold, random),
        "contracts": contracts.contract_table(plan, crowd, held, chunk),
        "balances": contracts.balance_table(plan, crowd, held, random),
        "surveys": surveys.survey_table(plan, crowd, sold, wrong, last, chunk, random),
        "complaints": complaint_table(plan, crowd, wrong, chunk, random),
        "contacts": care.contact_table(plan, crew, crowd, last, chunk, random),
        "promises": care.promise_table(plan, crew, crowd, sold, random),
        "appointments": care.appointment_table(plan, crowd, sold, random),
        "key_dates": contracts.key_date_table(plan, crowd, sold, held, due, chunk, random),
        **leads.lead_tables(plan, crowd, found, chunk, random),
        "referrals": leads.referral_table(plan, crew, crowd, chunk, random),
        "points": accounts.point_table(plan, crowd, sold, amount, random),
        "departures": accounts.departure_table(plan, crowd, last, upset, chunk, random),
    }


def _company_tables(plan: Plan, crew: company.Staff) -> dict[str, pa.Table]:
    return {
        "products": catalogue.product_table(plan),
        "employees": company.employee_table(plan, crew),
        "promotions": promotion_table(plan),
        "spend": accounts.spend_table(plan),
        "rates": accounts.rate_table(plan),
    }


def _made_ahead(plan: Plan, crew: company.Staff) -> Iterator[dict[str, pa.Table]]:
    """Yield the chunks in order; the next one is made while the caller writes this one."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(chunk_tables, plan, crew, 0)
        for chunk in range(1, plan.chunks + 1):
            made = coming.result()
            if chunk < plan.chunks:
                coming = pool.submit(chunk_tables, plan, crew, chunk)
            yield made


def _create(con: Backend, name: str) -> None:
    schema = pa.schema([(column.name, column.arrow_type) for column in TABLES[name].columns])
    _run(con, name, schema.empty_table(), "create table {target} as select * from demo_chunk")


def _insert(con: Backend, name: str, rows: pa.Table) -> int:
    """Append ``rows`` (their text may be dictionary-encoded) and return how many there were."""
    if rows.num_rows:
        _run(con, name, rows, "insert into {target} by name select * from demo_chunk")
    return rows.num_rows


def _run(con: Backend, name: str, rows: pa.Table, statement: str) -> None:
    # raw SQL: on DuckDB 2.0 create_table and insert of Ibis 12 call what DuckDB has deprecated
    target = expressions.to_identifier(name, quoted=True).sql("duckdb")
    con.con.register("demo_chunk", rows)
    con.con.execute(statement.format(target=target))
    con.con.unregister("demo_chunk")
