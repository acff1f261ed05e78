"""Whether a person may decide an item, and who else may: by role, class and amount. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from offswitch.policy.authority import Authority, Ceiling, Member, Role
from offswitch.policy.money import Money

DECIDE = frozenset({Role.APPROVER, Role.OWNER})  # of a class that the matrix doesn't name


@dataclass(frozen=True, slots=True)
class Decision:
    """What a message asks a person to decide: a class, and the amount, None where it is not known. `money`: it has to do with one."""

    decides: str
    amount: Money | None = None
    money: bool = False

    def __str__(self) -> str:
        if not self.money:
            return self.decides
        return f"{self.decides}: {self.amount}" if self.amount else f"{self.decides}: amount not known"


def objection(decision: Decision, authority: Authority, by: str, roles: frozenset[Role]) -> str:
    """Why this person may not decide it, with who may, or ""."""
    ceilings = authority.ceilings.get(decision.decides)
    if ceilings is None or any(ceilings[role].covers(decision.amount) for role in roles if role in ceilings):
        return ""
    what = f"{decision.decides} of {decision.amount}" if decision.amount else f"{decision.decides} of an amount that is not known"
    return f"{by} may not decide {what}{_compared(decision, ceilings.values())}. {who_may(decision, authority)}"


def stranger(authority: Authority, by: str, roles: frozenset[Role]) -> str:
    """Why the items of this flow are not this person's to approve, or ""."""
    member = authority.members.get(by)
    if member is None or _belongs(authority, by, Member(member.name, roles, member.team)):
        return ""
    theirs = [one.name for who, one in authority.members.items() if _belongs(authority, who, one)]
    return f"{by} is neither in this flow's team, nor its owner, nor an approver; these are: {', '.join(theirs)}"


def who_may(decision: Decision, authority: Authority) -> str:
    """Who may decide it, each with their limit, as one sentence."""
    return f"Who may: {', '.join(deciders(decision, authority)) or 'nobody; see authority in company.yaml'}"


def deciders(decision: Decision, authority: Authority) -> Sequence[str]:
    """Such as "Mariam Haddad up to 2,000 SAR", of those who belong to the flow."""
    return tuple(_deciders(decision, authority))


def _deciders(decision: Decision, authority: Authority) -> Iterator[str]:
    ceilings = authority.ceilings.get(decision.decides)
    for who, member in authority.members.items():
        if not _belongs(authority, who, member):
            continue
        if ceilings is None:
            if member.roles & DECIDE:
                yield member.name
            continue
        theirs = [ceilings[role] for role in member.roles if role in ceilings and ceilings[role].covers(decision.amount)]
        if theirs:
            yield member.name if any(one.any for one in theirs) else f"{member.name} up to {max(theirs, key=_amount)}"


def _belongs(authority: Authority, who: str, member: Member) -> bool:
    return member.team or who == authority.owner or Role.APPROVER in member.roles


def _amount(ceiling: Ceiling) -> Decimal:
    return ceiling.most.amount if ceiling.most else Decimal(0)


def _compared(decision: Decision, ceilings: Iterable[Ceiling]) -> str:
    """That limits in another currency say nothing."""
    others = {one.most.currency for one in ceilings if one.most} - {decision.amount.currency if decision.amount else ""}
    if decision.amount is None or not others:
        return ""
    return f" (a limit in {', '.join(sorted(others))} says nothing about {decision.amount.currency})"
