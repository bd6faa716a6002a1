"""Whether anything was written of a contact stands in the facts; what was written does not."""

from datetime import datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake

from core.facts import Books
from core.reading import open_facts
from tests.rows import take

pytestmark = pytest.mark.slow


def contact(number: int, content: str | None, **others) -> dict:
    return {
        "contact_id": f"t{number}",
        "customer_id": "Ann",
        "contacted_at": datetime(2024, 1, number, 10),
        "content": content,
        **others,
    }


def has_content(books: Books) -> dict[str, bool | None]:
    with open_facts(books) as reading:
        rows = reading.table("contacts").to_pyarrow().to_pylist()
    return {row["contact_id"]: row["has_content"] for row in rows}


def forget_the_column(books: Books) -> None:
    """Make the contacts as books of before the column was there: published without it."""
    path = books.path("facts/contacts")
    rows = DeltaTable(path).to_pyarrow_table().drop_columns(["has_content"])
    write_deltalake(path, rows, mode="overwrite", schema_mode="overwrite")
    version = books.version()
    tables = {**version.tables, "facts/contacts": DeltaTable(path).version()}
    books.publish(type(version)(**{**version.__dict__, "version": 2, "tables": tables}))


def test_blank_text_is_no_content(tmp_path: Path):
    books = Books(tmp_path)
    take(books, {"contacts": [contact(1, "wants a new car"), contact(2, "  "), contact(3, None)]})
    assert has_content(books) == {"t1": True, "t2": False, "t3": False}


def test_without_texts_nothing_is_known(tmp_path: Path):
    books = Books(tmp_path)
    bare = contact(1, None)
    del bare["content"]
    take(books, {"contacts": [bare]})
    assert has_content(books) == {"t1": None}


def test_what_the_company_says_itself_stands(tmp_path: Path):
    books = Books(tmp_path)
    take(
        books,
        {
            "contacts": [
                contact(1, "a form was filled in", has_content=False),
                contact(2, "a form was filled in", has_content=None),
            ]
        },
    )
    assert has_content(books) == {"t1": False, "t2": True}


def test_a_corrected_text_corrects_it(tmp_path: Path):
    books = Books(tmp_path)
    take(books, {"contacts": [contact(1, None), contact(2, "a new address")]})
    take(books, {"contacts": [contact(1, "called back"), contact(2, "a new address")]})
    assert has_content(books) == {"t1": True, "t2": True}


def test_older_books_open_and_take_more_contacts_and_corrections(tmp_path: Path):
    books = Books(tmp_path)
    take(books, {"contacts": [contact(1, "wants a new car"), contact(2, None)]})
    forget_the_column(books)
    assert has_content(books) == {"t1": None, "t2": None}
    take(books, {"contacts": [contact(1, "wants a new car"), contact(3, "moved house")]})
    assert has_content(books) == {"t1": True, "t2": None, "t3": True}
