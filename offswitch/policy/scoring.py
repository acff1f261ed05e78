"""From the answers of a diagnostic form to points, tags and a segment. The table is the marketers', the sum is pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from offswitch.model.facts import Score
from offswitch.policy.plain import short
from offswitch.policy.values import Line, Name, Section, Truth, refuse, whole

Points = Annotated[int, whole(-1_000, 1_000)]


class AnswerValue(Section):
    """What one answer is worth. `also` holds other ways to write it, in any language."""

    points: Points
    """What the answer adds; may be negative."""
    tags: tuple[Name, ...] = ()
    """What the contact is tagged with."""
    also: tuple[Line, ...] = ()
    """Other ways to write the answer, in any language."""


def _told_apart(answers: dict[str, AnswerValue]) -> dict[str, AnswerValue]:
    seen: set[str] = set()
    for key, value in answers.items():
        ways = {folded(way) for way in (key, *value.also)}
        if ways & seen:
            raise refuse(f"says {short(min(ways & seen))} again", "one answer, one value: capitals and blanks don't count", key)
        seen |= ways
    return answers


class Question(Section):
    """One question of the form and its known answers."""

    required: Truth
    """Whether a form without an answer is for a person."""
    answers: Annotated[dict[Line, AnswerValue], Field(min_length=1), AfterValidator(_told_apart)]
    """The known answers."""


class Band(Section):
    """From so many points on, a contact is in this segment and at this stage."""

    at_least: Points
    """From so many points on."""
    segment: Name
    """The segment of those in this band."""
    stage: Name
    """Their stage."""


def _down_to_zero(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    for place, (before, after) in enumerate(pairwise(bands), start=1):
        if after.at_least >= before.at_least:
            raise refuse("does not begin lower than the band before", "write the band with the most points first", place)
    if bands[-1].at_least != 0:
        raise refuse("does not begin at 0", "let the last band begin at 0, so that everybody has one", len(bands) - 1)
    return bands


class ScoringPolicy(Section):
    """`policies/scoring.yaml`."""

    questions: Annotated[dict[Line, Question], Field(min_length=1)]
    """The questions of the form, as the form writes them."""
    bands: Annotated[tuple[Band, ...], Field(min_length=1), AfterValidator(_down_to_zero)]
    """From the most points down to 0."""


def score(answers: Mapping[str, Any], policy: ScoringPolicy) -> Score:
    """Points and tags of the known answers, and the first band they reach; fewer than 0 points are in the last one.

    An answer that the table doesn't know counts as missing. `missing` names the required questions without an answer.
    """
    given = {folded(question): folded(answer) for question, answer in answers.items()}
    values: dict[str, AnswerValue | None] = {
        name: _value(question, given.get(folded(name), "")) for name, question in policy.questions.items()
    }
    known = [value for value in values.values() if value is not None]
    points = sum(value.points for value in known)
    band = next((band for band in policy.bands if points >= band.at_least), policy.bands[-1])
    return Score(
        points=points,
        tags=tuple(dict.fromkeys(tag for value in known for tag in value.tags)),
        segment=band.segment,
        stage=band.stage,
        missing=tuple(name for name, value in values.items() if value is None and policy.questions[name].required),
    )


def folded(answer: Any) -> str:
    """An answer as it is compared: NFKC, no capitals, no blanks around; yes and no for true and false."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, float) and answer.is_integer():
        answer = int(answer)
    if not isinstance(answer, str | int | float):
        return ""
    return " ".join(unicodedata.normalize("NFKC", str(answer)).casefold().split())


def _value(question: Question, answer: str) -> AnswerValue | None:
    if not answer:
        return None
    matches = (value for key, value in question.answers.items() if answer in {folded(way) for way in (key, *value.also)})
    return next(matches, None)
