"""Flows that are gone while people are still inside."""

from __future__ import annotations

from pathlib import Path

from offswitch.errors import Problem
from offswitch.project.project import Project


def abandoned(project: Project, *known: str) -> list[Problem]:
    """People inside flows that there are no more: nobody runs them, and nothing is lost as long as somebody notices."""
    with project.ledger.read() as book:
        inside = book.entries.by_flow()
    there = {*known, *project.flows.journeys, *(Path(problem.path).stem for problem in project.flows.problems)}
    folder = str(project.settings.flows)
    return [
        Problem(folder, 0, 0, f"{count:,} inside flow {flow}, which is gone", f'give the journey its old name again: Journey("{flow}", …)')
        for flow, count in inside.items()
        if flow not in there
    ]
