"""What a flow's policy makes of the facts about one person: who may enter, who is an exception, what must be known first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from offswitch.policy.conditions import Condition, Holds, holds
from offswitch.policy.exceptions import ExceptionRule
from offswitch.policy.facts import Person, facts_of
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.sorting import Sorting
from offswitch.policy.values import written
from offswitch.policy.vocabulary import FieldKind


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules say of one person. `stage` "": not known. `unsure`: why nobody can say whether they are an exception.

    `lacking`: the required facts that are not known, or too old.
    """

    exception: ExceptionRule | None = None
    unsure: str = ""
    lacking: str = ""
    stage: str = ""


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class FactRules:
    """`required` has the greatest age of each fact, None for any. `max_ask` by stage is empty where there is no funnel."""

    audience: Condition | None = None
    required: Mapping[str, timedelta | None] = field(default_factory=dict)
    exceptions: tuple[ExceptionRule, ...] = ()
    max_ask: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, FieldKind] = field(default_factory=dict)

    @property
    def about_messages(self) -> bool:
        """Does an exception ask what somebody did with the flow's messages?"""
        return any(name.startswith("lead.") for rule in self.exceptions for name in rule.when.facts)

    def fits(self, person: Person) -> Holds:
        """Is this person one of those whom the flow is for?"""
        if self.audience is None:
            return Holds(yes=True)
        return holds(self.audience, facts_of(person, self.audience.facts, self.fields, self.required))

    def tell(self, person: Person) -> Told:
        """All that is not about entering, worked out once for each person and policy."""
        if not (self.exceptions or self.required or self.max_ask):
            return NOTHING
        names = {*self.required, *(name for rule in self.exceptions for name in rule.when.facts)}
        facts = facts_of(person, {*names, *(["stage"] if self.max_ask else [])}, self.fields, self.required)
        exception, unsure = self._exception(facts)
        missing = sorted(name for name in self.required if name not in facts)
        lacking = ", ".join(f"{name} (known, but older than {written(age)})" if age else name for name, age in self._aged(person, missing))
        return Told(exception, unsure, lacking and f"not known: {lacking}", facts.get("stage", "") if self.max_ask else "")

    def _exception(self, facts: Mapping[str, Any]) -> tuple[ExceptionRule | None, str]:
        """The first that fits; nobody is passed over because something about an earlier one is not known."""
        for rule in self.exceptions:
            answer = holds(rule.when, facts)
            if answer.yes is None:
                return None, answer.unknown
            if answer.yes:
                return rule, ""
        return None, ""

    def _aged(self, person: Person, missing: list[str]) -> list[tuple[str, timedelta | None]]:
        """Whether each is known after all, and only too old."""
        known = facts_of(person, missing, self.fields)
        return [(name, self.required[name] if name in known else None) for name in missing]


def fact_rules(flow: FlowPolicy, sorting: Sorting) -> FactRules:
    """The rules of one flow in one project."""
    return FactRules(
        audience=flow.audience,
        required={one.fact: one.max_age for one in flow.required_facts},
        exceptions=flow.exceptions,
        max_ask=sorting.funnel.max_ask if sorting.funnel else {},
        fields=sorting.fields,
    )


def canonical_rules(flow: FlowPolicy, sorting: Sorting) -> dict[str, Any]:
    """What an approval is about, ready for JSON."""
    return {
        "audience": flow.audience.text if flow.audience else "",
        "required_facts": {one.fact: written(one.max_age) if one.max_age else "" for one in flow.required_facts},
        "exceptions": [str(rule) for rule in flow.exceptions],
        **sorting.canonical(),
    }
