"""The conditions of one flow, held against the facts that the project knows."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.policy.exceptions import Required
from offswitch.policy.facts import has_age
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.plain import short
from offswitch.policy.sorting import Found, Sorting, wrong_condition
from offswitch.policy.values import likely


def asks_for_facts(flow: FlowPolicy) -> bool:
    """Does the policy say anything that depends on what is known of a person?"""
    return bool(flow.audience or flow.exceptions or flow.required_facts or flow.otherwise)


def wrong_in_flow(flow: FlowPolicy, sorting: Sorting) -> Iterator[Found]:
    """Names, types and words that don't fit what the project knows."""
    if flow.audience is not None:
        yield from _wrong_audience(flow, sorting)
    for place, rule in enumerate(flow.exceptions):
        yield from wrong_condition(rule.when, sorting.words, "exceptions", place, "when")
    if flow.exceptions and flow.otherwise is None:
        yield ("exceptions",), "leaves open what holds for all others", "add the line `otherwise: go_on` below it", 0
    if flow.otherwise is not None and not flow.exceptions:
        yield ("otherwise",), "stands without exceptions", "take the line out, or write exceptions", 0
    for place, one in enumerate(flow.required_facts):
        yield from _wrong_required(one, place, sorting)


def _wrong_audience(flow: FlowPolicy, sorting: Sorting) -> Iterator[Found]:
    assert flow.audience is not None
    name = flow.audience.written
    if not name:
        yield from wrong_condition(flow.audience, sorting.audience_words, "audience")
    elif sorting.segments is None:
        yield ("audience",), f"is {short(name)}, and there is no segments.yaml", "write a condition, or make segments.yaml", 0
    elif name not in sorting.segments.names:
        yield ("audience",), f"is {short(name)}, which is no segment", likely(name, sorting.segments.names), 0


def _wrong_required(one: Required, place: int, sorting: Sorting) -> Iterator[Found]:
    known = [name for name in sorting.words.types if name != "now" and not name.startswith(("count.", "entry.", "lead."))]
    if one.fact not in known:
        why = sorting.words.absent.get(one.fact)
        yield ("required_facts", place), f"is {short(one.name)}, which is no fact that can be missing", why or likely(one.fact, known), 0
    elif one.max_age is not None and not has_age(one.fact):
        yield ("required_facts", place), f"asks how old {one.name} is, which nobody knows", f"write {one.name} alone", 0
