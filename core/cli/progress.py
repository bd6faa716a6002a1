"""How far an import or a refresh has come, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from core.i18n import texts
from core.schema import TABLES

Tell = Callable[[str, float | None], None]


@contextmanager
def progress(language: str) -> Iterator[Tell]:
    """Give a callback that shows what is being done and the share done; silent off a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, share: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None)

        def tell(stage: str, share: float | None) -> None:
            total = None if share is None else 1.0
            bars.update(
                task, description=_said(stage, language), total=total, completed=share or 0.0
            )

        yield tell


def _said(stage: str, language: str) -> str:
    if stage in TABLES:
        return getattr(TABLES[stage], language)
    return texts(language).get(f"progress.{stage}", stage)
