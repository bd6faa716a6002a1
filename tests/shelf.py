"""Books that many tests look at: built once in a run, for all its workers."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from core.facts import Books

_folder: list[Path] = []  # of this run


def open_shelf(factory: pytest.TempPathFactory) -> None:
    """Choose the folder of this run, one for all its workers."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shelf"
    folder.mkdir(exist_ok=True)
    _folder.append(folder)


def kept(name: str, make: Callable[[Path], object]) -> Books:
    """Return the books ``name``, which ``make`` builds in a home if no test has asked before.

    They are to be read alone: other tests look at them too.
    """
    home = _folder[-1] / name
    built = home.with_suffix(".built")
    with FileLock(home.with_suffix(".lock")):
        if not built.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            make(home)
            built.touch()
    return Books(home)


def copied(books: Books, home: Path) -> Books:
    """Return books of one's own, to change at will."""
    shutil.copytree(books.home, home, dirs_exist_ok=True)
    return Books(home)
