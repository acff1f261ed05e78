"""Whether a person may say yes to a plan: exactly this one, seen before, and not the one who asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from offswitch.errors import Refused
from offswitch.policy.approvals import Approval, Subject
from offswitch.policy.schema import Cap, CompanyPolicy, Role
from offswitch.review.changes import changes
from offswitch.review.record import PlanRecord
from offswitch.review.words import key_in


def approvable(flow: str, records: Sequence[PlanRecord], present: Subject, digest: str, *, by: str, company: CompanyPolicy) -> PlanRecord:
    """The plan that `by` may approve now. Raises Refused with what is wrong and what to do."""
    record = next((one for one in records if one.subject.digest == digest), None)
    again = f"`offswitch plan {flow} --by NAME`"
    if digest != present.digest:
        if record is None:
            raise Refused(f"no plan {digest} of {flow} was made here; what is there now is {present.digest}: read it first, {again}")
        since = _differences(record, present)
        raise Refused(f"{flow} is not what plan {digest} showed any more. Changed since: {since}. Plan it again: {again}")
    if record is None:
        raise Refused(f"nobody has made a plan of {flow} as it is now ({digest}): {again}")
    _may_approve(by, company)
    if not record.requested_by:
        raise Refused(f"nobody has asked for this approval: whoever changed {flow} last says so with {again}")
    if by in record.requested_by:
        others = _others(company, record) or "company.yaml names nobody"
        raise Refused(f"{by} asked for this plan; somebody else has to approve it: {others}")
    return record


def signed(record: PlanRecord, before: Approval | None, by: str, on: datetime, company: CompanyPolicy) -> Approval:
    """The approval with this person's name on it: beside the first one's where that is of the same plan and still holds.

    `before` is the one that holds now, if one does. Its day stays, so that a second name makes it last no longer. Who has
    asked since, or is no approver any more, doesn't count beside another one.
    """
    if before is not None and before.subject.digest == record.subject.digest:
        if by in before.approvers:
            return before
        others = [one for one in before.approvers if one not in record.requested_by and one in _approvers(company)]
        if others:
            return replace(before, by=", ".join((*others, by)), requested_by=", ".join(record.requested_by), samples=len(record.samples))
    asked, when = ", ".join(record.requested_by), on.isoformat(timespec="seconds")
    return Approval(record.subject, by, asked, when, len(record.samples), record.audience)


def lacks_second(record: PlanRecord, approval: Approval, mass: Cap) -> str:
    """That more would go out than one approver answers for, or ""."""
    if len(approval.approvers) > 1 or record.messages <= mass.count:
        return ""
    return f"{record.messages:,} messages at once: above {mass}, a second approver has to say the same"


def _may_approve(by: str, company: CompanyPolicy) -> None:
    colleague = company.people.get(by)
    if colleague is None:
        raise Refused(f"{by} is not among the people of company.yaml; approvers are: {', '.join(_approvers(company)) or 'none'}")
    if Role.APPROVER not in colleague.roles:
        raise Refused(f"{by} has not the role approver in company.yaml; approvers are: {', '.join(_approvers(company)) or 'none'}")


def _approvers(company: CompanyPolicy) -> list[str]:
    return [name for name, colleague in company.people.items() if Role.APPROVER in colleague.roles]


def _others(company: CompanyPolicy, record: PlanRecord) -> str:
    return ", ".join(name for name in _approvers(company) if name not in record.requested_by)


def _differences(record: PlanRecord, present: Subject) -> str:
    told = [
        key_in("en", one.key) if one.key in ("code", "texts") else f"{key_in('en', one.key)} ({one.before} -> {one.now})"
        for one in changes(record.subject, present)
    ]
    return "; ".join(told) or "the engine"
