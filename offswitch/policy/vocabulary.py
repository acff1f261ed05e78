"""The facts that a condition may name, with their types: what the checker and the evaluator go by alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic_core import PydanticCustomError

import offswitch.events  # noqa: F401 - the kinds of event that every project has can be counted
from offswitch.model.event import KINDS
from offswitch.policy import values
from offswitch.policy.expression import Wrong
from offswitch.policy.plain import short
from offswitch.policy.values import likely


class Kind(StrEnum):
    """What sort of value a fact or a part of a condition has."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    YES_NO = "yes or no"
    DATE = "date"
    SPAN = "length of time"
    TEXTS = "list of texts"


NUMBERS = (Kind.WHOLE, Kind.NUMBER)


class FieldKind(StrEnum):
    """What a field of a contact holds, as `fields` in company.yaml says."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    DATE = "date"


_KIND_OF_FIELD = {FieldKind.TEXT: Kind.TEXT, FieldKind.NUMBER: Kind.NUMBER, FieldKind.YES_NO: Kind.YES_NO, FieldKind.DATE: Kind.DATE}


@dataclass(frozen=True, slots=True)
class FactType:
    """The type of a fact; `allowed` are all texts that it can be, `parse` refuses texts that it can't be."""

    kind: Kind
    allowed: Collection[str] = ()
    parse: Callable[[str], object] | None = None

    def refuse(self, name: str, text: str, at: int) -> None:
        """Raise Wrong for a text that this fact never is."""
        if self.allowed and text not in self.allowed:
            raise Wrong(at, f"asks whether {name} is {short(text)}, which it never is", likely(text, self.allowed))
        if self.parse is not None:
            try:
                self.parse(text)
            except PydanticCustomError as error:
                said = error.context or {}
                raise Wrong(at, f"asks whether {name} {said['what']}", said["fix"]) from error


CONTACT: Mapping[str, FactType] = {
    "contact.country": FactType(Kind.TEXT, parse=values.country),
    "contact.language": FactType(Kind.TEXT, parse=values.language),
    "contact.zone": FactType(Kind.TEXT, parse=values.zone),
    "contact.name": FactType(Kind.TEXT),
    "contact.source": FactType(Kind.TEXT),
}

# Words that CEL keeps for itself, and columns that no condition may look at.
_RESERVED = "as break const continue else false for function if import in let loop null namespace package return true var void while"
NO_FIELDS = frozenset({*_RESERVED.split(" "), "id", "email", "phone", "fields", *(name.partition(".")[2] for name in CONTACT)})
_SCORE = ("score.points", "score.segment", "score.stage", "score.tags")


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Each one is equal to itself alone. `types` by name. `absent` says of names that other conditions may use why this one may not."""

    types: Mapping[str, FactType]
    absent: Mapping[str, str] = field(default_factory=dict)

    def type_of(self, name: str, at: int = 0) -> FactType:
        """The type of a fact. Raises Wrong for a name that there is not, with the nearest and with all there are."""
        if name in self.types:
            return self.types[name]
        if name in self.absent:
            raise Wrong(at, f"names {name}", self.absent[name])
        nearest = likely(name, self.types)
        more = "; other fields of a contact are declared in company.yaml under fields" if name.startswith("contact.") else ""
        quotes = f'; a text stands in quotes: "{name}"' if "." not in name else ""
        raise Wrong(at, f"names {short(name)}, which is no fact", f"{nearest}{more}{quotes}")

    def without(self, absent: Mapping[str, str]) -> Vocabulary:
        """For a place where some facts may not be asked for, by the beginning of their names."""
        gone = {name: why for name in self.types for start, why in absent.items() if name == start or name.startswith(f"{start}.")}
        return Vocabulary({name: kind for name, kind in self.types.items() if name not in gone}, {**self.absent, **absent, **gone})


def field_name(value: object) -> str:
    """The name of a contact's field, as conditions write it behind `contact.`."""
    name = value if isinstance(value, str) else ""
    if name in NO_FIELDS:
        raise values.refuse(f"is {short(name)}, a name that is taken", "give the field another name")
    if not re.fullmatch("[a-z][a-z0-9_]{0,62}", name):
        raise values.refuse(f"is {short(str(value))}", "write small letters, digits and _, beginning with a letter")
    return name


def count_name(kind: str) -> str:
    """The fact that counts the events of a kind: `form.submitted` is `count.form_submitted`."""
    return "count." + kind.replace(".", "_").replace("-", "_")


def vocabulary_of(
    fields: Mapping[str, FieldKind],
    score: tuple[Collection[str], Collection[str], Collection[str]] | None = None,
    segments: Collection[str] = (),
    stages: Collection[str] = (),
) -> Vocabulary:
    """All facts of a project. `score`: the segments, stages and tags that its scoring table gives; None without one."""
    types = {**CONTACT, **{f"contact.{name}": FactType(_KIND_OF_FIELD[kind]) for name, kind in fields.items()}}
    types |= {count_name(kind): FactType(Kind.WHOLE) for kind in KINDS}
    types |= {"now": FactType(Kind.DATE), "entry.step": FactType(Kind.TEXT), "entry.visit": FactType(Kind.WHOLE)}
    types |= dict.fromkeys(("lead.engaged", "lead.ignored"), FactType(Kind.WHOLE))
    absent: dict[str, str] = {}
    if score is None:
        absent |= dict.fromkeys(_SCORE, "there is no scoring.yaml that would give it")
    else:
        kinds = (FactType(Kind.WHOLE), *(FactType(Kind.TEXT, words) for words in score[:2]), FactType(Kind.TEXTS, score[2]))
        types |= dict(zip(_SCORE, kinds, strict=True))
    for name, words, file in (("segment", segments, "segments.yaml"), ("stage", stages, "funnel.yaml")):
        if words:
            types[name] = FactType(Kind.TEXT, words)
        else:
            absent[name] = f"there is no {file} that would give it"
    return Vocabulary(types, absent)
