"""Whoever answers for a flow's readiness or an experiment, or lifts a rule, is one of the company's people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from offswitch.policy.authority import Role
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.experiments import Experiment
from offswitch.policy.overrides import Override
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
        where = ("readiness", "manual_runs", "waived_by")
        yield where, "names no approver", f"one of the two must be an approver: {_approvers(company)}"


def wrong_signers(overrides: tuple[Override, ...], company: CompanyPolicy) -> Iterator[tuple[Loc, str, str]]:
    """The same for whoever lifts a rule."""
    for place, one in enumerate(overrides):
        for number, person in enumerate(one.by):
            if person not in company.people:
                where = ("overrides", place, "by", number)
                yield where, f"is {person}, who is not among the people of company.yaml", likely(person, company.people)
        if not any(_approves(company, person) for person in one.by):
            yield ("overrides", place, "by"), "names no approver", f"one of the two must be an approver: {_approvers(company)}"


def wrong_owners(experiments: Mapping[str, Experiment], company: CompanyPolicy) -> Iterator[tuple[Loc, str, str]]:
    """The same for whoever answers for an experiment."""
    for message, one in experiments.items():
        if one.owner not in company.people:
            where = ("experiments", message, "owner")
            yield where, f"is {one.owner}, who is not among the people of company.yaml", likely(one.owner, company.people)


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


def _approvers(company: CompanyPolicy) -> str:
    return ", ".join(name for name in company.people if _approves(company, name)) or "company.yaml names none"


def _approves(company: CompanyPolicy, person: str) -> bool:
    return person in company.people and Role.APPROVER in company.people[person].roles
