"""How far a long look is, and how long it will take: for a person who watches, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from offswitch.cli.output import on_terminal

MANY = 2_000  # less is over before anybody wonders


@contextmanager
def progress(title: str) -> Iterator[Callable[[int], Callable[[int], None]]]:
    """Gives what takes the whole number, and then is told how much of it is done. Silent where nobody watches."""
    if not on_terminal():
        yield lambda _all: lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def of(everything: int) -> Callable[[int], None]:
            task = bar.add_task(title, total=max(everything, 1), visible=everything >= MANY)
            return lambda done: bar.update(task, completed=min(done, everything))

        yield of
