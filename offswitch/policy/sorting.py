"""How a project sorts people: into segments and stages, by facts that its files declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.facts import Known, Score
from offswitch.policy.conditions import Condition, check, first
from offswitch.policy.expression import Wrong
from offswitch.policy.facts import Person, facts_of
from offswitch.policy.funnel import FunnelPolicy, misplaced
from offswitch.policy.scoring import ScoringPolicy
from offswitch.policy.segments import SegmentsPolicy
from offswitch.policy.vocabulary import FieldKind, Vocabulary, vocabulary_of

Found = tuple[tuple[str | int, ...], str, str, int]  # where in the file, what, what to write, how far within the text

_NO_ENTRY = {
    "entry": "where somebody stands in a flow is known in that flow's exceptions only",
    "lead": "what somebody does with a flow's messages is known in that flow's exceptions only",
}
_NOT_IN_FUNNEL = {
    "now": "time alone never promotes anybody: ask what they did (count…) or answered (score…)",
    "stage": "the stage is what this file is to find",
    "segment": "segments are told after stages: ask for the facts themselves",
    **_NO_ENTRY,
}
_NOT_IN_SEGMENTS = {"segment": "the segment is what this file is to find", **_NO_ENTRY}


@dataclass(frozen=True)
class Sorting:
    """`fields` are the declared fields of a contact; each file is None where the project has none."""

    fields: Mapping[str, FieldKind] = field(default_factory=dict)
    scoring: ScoringPolicy | None = None
    segments: SegmentsPolicy | None = None
    funnel: FunnelPolicy | None = None

    @cached_property
    def words(self) -> Vocabulary:
        """Every fact that there is."""
        table = self.scoring
        tags = {tag for question in table.questions.values() for one in question.answers.values() for tag in one.tags} if table else ()
        score = ({band.segment for band in table.bands}, {band.stage for band in table.bands}, tags) if table else None
        return vocabulary_of(self.fields, score, self.segments.names if self.segments else (), self.funnel.stages if self.funnel else ())

    @cached_property
    def audience_words(self) -> Vocabulary:
        """The facts that are known before somebody enters a flow."""
        return self.words.without(_NO_ENTRY)

    def sort(self, contact: Contact, events: tuple[Happened, ...], known: Mapping[str, Known], now: datetime) -> dict[str, Known]:
        """What is known with the stage and the segment in it; without those that can't be told."""
        found = dict(known)
        if self.funnel is not None:
            stage = self._stage(self.funnel, Person(contact, now, events, found))
            found.pop("stage", None)
            found |= {"stage": stage} if stage else {}
        if self.segments is not None:
            rules = [(name, one.when) for name, one in self.segments.segments.items()]
            names = {name for _, one in rules for name in one.facts}
            facts = facts_of(Person(contact, now, events, found), names, self.fields)
            segment, _ = first(rules, facts, self.segments.otherwise)
            found.pop("segment", None)
            found |= {"segment": Known(segment, "segments.yaml", now)} if segment else {}
        return found

    def _stage(self, funnel: FunnelPolicy, person: Person) -> Known | None:
        """The furthest that the register, the score or a point of the funnel gives; none of them: not known."""
        names = {name for _, one in funnel.promotes.in_order() for name in one.when.facts}
        found = [Known(stage, "funnel.yaml", person.now) for stage in funnel.promoted(facts_of(person, names, self.fields))]
        score, register = person.known.get("score"), person.known.get("stage")
        if score is not None and isinstance(score.value, Score) and not score.value.missing:
            found.append(Known(score.value.stage, score.source, score.at))
        if register is not None:
            found.append(register)
        stage = funnel.furthest([one.value for one in found])
        return next((one for one in found if one.value == stage), None) if stage else None

    def canonical(self) -> dict[str, Any]:
        """What an approval of any flow is about."""
        return {
            "fields": {name: kind.value for name, kind in sorted(self.fields.items())},
            "segments": self.segments.canonical() if self.segments else {},
            "funnel": self.funnel.canonical() if self.funnel else {},
            "funnel.max_ask": dict(self.funnel.max_ask) if self.funnel else {},
        }


def wrong_in_segments(one: SegmentsPolicy, sorting: Sorting) -> Iterator[Found]:
    """What other files would have to say for these segments to be told."""
    if one.otherwise in one.segments:
        yield ("otherwise",), f"is {one.otherwise}, which has a condition of its own", "write a name of its own for all others", 0
    words = sorting.words.without(_NOT_IN_SEGMENTS)
    for name, segment in one.segments.items():
        yield from wrong_condition(segment.when, words, "segments", name, "when")


def wrong_in_funnel(one: FunnelPolicy, sorting: Sorting) -> Iterator[Found]:
    """Stages that don't fit each other, and conditions that can't promote."""
    for loc, what, fix in misplaced(one):
        yield loc, what, fix, 0
    words = sorting.words.without(_NOT_IN_FUNNEL)
    for name, point in one.promotes.in_order():
        yield from wrong_condition(point.when, words, "promotes", name, "when")


def wrong_condition(one: Condition, words: Vocabulary, *loc: str | int) -> Iterator[Found]:
    """The mistake in a condition, if there is one."""
    try:
        check(one, words)
    except Wrong as wrong:
        yield loc, wrong.what, wrong.fix, wrong.at
