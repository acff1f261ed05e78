"""How long a dry run takes, and how much memory: everybody is due and gets a mail, each plan in a process of its own."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter

from bench.forecast import fill
from bench.measure import Row, peak_memory
from bench.site import site
from flows.welcome import welcome
from offswitch.clock import SystemClock
from offswitch.project.plan import make_plan
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FakeCrm, FakeMailer

TITLE = "everybody is due: each letter written, nothing done (wall time)"


def measured(*, short: bool) -> list[Row]:
    """A large population, and one ten times as large: its memory must not grow with it."""
    rows = []
    for people, times, aim in ((1_000, 3, ""), (10_000, 1, "")) if short else ((100_000, 3, "< 60"), (1_000_000, 1, "< 600")):
        with site(welcome) as made:
            fill(made, people)
            with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
                found = [pool.submit(_plan, made.settings, people).result() for _ in range(times)]
        seconds, memory = (tuple(figures) for figures in zip(*found, strict=True))
        rows += [Row(f"{people:,} people", "s", seconds, None, aim), Row(f"{people:,} people: memory", "MB at most", memory, None)]
    return rows


def _plan(settings: Settings, people: int) -> tuple[float, float]:
    """Seconds, and the most memory that this process had."""
    project = Project(settings, SystemClock(), FakeMailer(), FakeCrm())
    began = perf_counter()
    plan = make_plan(project, welcome)
    took = perf_counter() - began
    project.ledger.close()
    if plan.reached != people:
        raise RuntimeError(f"{plan.reached} of {people} people were reached")
    return took, peak_memory()
