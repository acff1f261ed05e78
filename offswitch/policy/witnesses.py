"""Whoever answers for a flow's readiness is one of the company's people."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.policy.company import CompanyPolicy, Role
from offswitch.policy.readiness import CUSTOMER, PROCESS, Readiness, Waiver
from offswitch.policy.translate import Loc
from offswitch.policy.values import likely


def wrong_witnesses(said: Readiness, company: CompanyPolicy) -> Iterator[tuple[Loc, str, str]]:
    """Everybody whom company.yaml doesn't know, and a waiver that no approver agreed to: place, what is wrong, what to do."""
    for loc, person in _named(said):
        if person not in company.people:
            where = ("readiness", *loc)
            yield where, f"is {person}, who is not among the people of company.yaml", likely(person, company.people)
    waiver = said.manual_runs
    if isinstance(waiver, Waiver) and not any(_approves(company, person) for person in waiver.waived_by):
        approvers = ", ".join(name for name in company.people if _approves(company, name)) or "company.yaml names none"
        yield ("readiness", "manual_runs", "waived_by"), "names no approver", f"one of the two must be an approver: {approvers}"


def _named(said: Readiness) -> Iterator[tuple[Loc, str]]:
    for name in (*PROCESS, *CUSTOMER):
        answer = getattr(said, name)
        if answer is not None:
            yield (name, "by"), answer.by
    for place, known in enumerate(said.runbook_known):
        yield ("runbook_known", place, "by"), known.by
    if isinstance(said.manual_runs, Waiver):
        for place, person in enumerate(said.manual_runs.waived_by):
            yield ("manual_runs", "waived_by", place), person


def _approves(company: CompanyPolicy, person: str) -> bool:
    return person in company.people and Role.APPROVER in company.people[person].roles
