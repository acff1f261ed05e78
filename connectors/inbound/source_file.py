"""What a `sources/<name>.yaml` may say: how a post is signed, where its events stand, and what each field of ours is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, WithJsonSchema, WrapValidator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from connectors.forms.text import Unfit
from connectors.inbound.expression import column
from connectors.inbound.signature import Signed
from connectors.inbound.value import Path, Text, Where, written_text
from offswitch.policy.values import Line, Section, checked, likely, one_line, refuse

BODIES = ("json", "form", "multipart")
PERSON = ("email", "name", "language", "country", "zone", "phone")


def body_sort(value: Any) -> str:
    """What the sender's bodies are."""
    text = written_text(value)
    if text not in BODIES:
        raise refuse(f"is {text[:40]}", likely(text, BODIES))
    return text


class Kinds(Section):
    """Which kind of event it is."""

    always: Line | None = None
    """Always this kind. The kind alone, without a section, says the same."""

    from_: Path | None = Field(default=None, alias="from")
    """Where the sender's word for it stands."""

    column: Text | None = None
    """The column or question of exactly this name, instead of an expression."""

    map: dict[str, Line] = Field(default_factory=dict)
    """The sender's word and our kind of event for it. Events with other words are nobody's business here, and ignored."""

    @model_validator(mode="after")
    def _one_way(self) -> Kinds:
        if sum(one is not None for one in (self.always, self.from_, self.column)) != 1:
            raise refuse("says where the word stands in no way, or in two", "write one of from, column and always")
        if (self.always is None) != bool(self.map):
            raise refuse("has a word without a map, or a map without a word", "write from: and map: together")
        return self

    def of(self, found: Any) -> str | None:
        """Our kind, None for what is to be ignored. Raises Unfit."""
        if self.always is not None:
            return self.always
        word = (self.from_ if self.from_ is not None else column(str(self.column))).of(found)
        if isinstance(word, bool) or not isinstance(word, str | int):
            raise Unfit("the word for the kind of event is not there")
        return self.map.get(str(word))


class _ShortForm:
    """The kind alone, where it is always the same."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "examples": ["form.submitted"]}, handler(schema)]}


def _short_form(value: Any, whole: Callable[[Any], Kinds]) -> Kinds:
    return Kinds.model_construct(always=one_line(value)) if isinstance(value, str) else whole(value)


EventKind = Annotated[Kinds, WrapValidator(_short_form), _ShortForm()]


class Person(Section):
    """Whom it is about."""

    email: Where
    """The address. Without one the event is kept for a person to look at."""

    name: Where | None = None
    """The whole name."""

    language: Where | None = None
    """The language, of which the first two letters count."""

    country: Where | None = None
    """The country, in two letters."""

    zone: Where | None = None
    """The time zone, as Asia/Riyadh."""

    phone: Where | None = None
    """The telephone number; one without + is read as dialled in the country."""

    fields: dict[str, Where] = Field(default_factory=dict)
    """Fields of your own, by name."""


class Agreed(Section):
    """Whether the person agreed to marketing by e-mail. Only a clear yes counts."""

    from_: Path | None = Field(default=None, alias="from")
    """Where the answer stands."""

    column: Text | None = None
    """The column or question of exactly this name, instead of an expression."""

    yes: tuple[Text, ...] = ()
    """Answers that are a yes too, word for word: a box's own label, for instance."""

    wording: Line
    """What the person saw and said yes to. It is kept as the proof."""

    @model_validator(mode="after")
    def _one_place(self) -> Agreed:
        if (self.from_ is None) == (self.column is None):
            raise refuse("says where the answer stands in no way, or in two", "write from or column")
        return self

    def of(self, found: Any) -> Any:
        """The answer, "yes" for one of `yes`."""
        answer = (self.from_ if self.from_ is not None else column(str(self.column))).of(found)
        if isinstance(answer, list) and len(answer) == 1:
            answer = answer[0]
        return "yes" if isinstance(answer, str) and answer.strip() in self.yes else answer


class SourceFile(Section):
    """One source, as `sources/<name>.yaml` declares it."""

    about: Line | None = None
    """What comes from here, in a line, for whoever looks at the list of sources."""

    signature: Signed
    """Who is believed: a kind, or a section with more."""

    body: Annotated[str, checked(body_sort), WithJsonSchema({"enum": list(BODIES)})] = "json"
    """What the bodies are."""

    each: Path | None = None
    """Where the list of events stands, where one post brings several. Everything below is then looked up in each of them."""

    id: Where | None = None
    """What is the same when the same event comes again, and in no other event. Without it the post's own id."""

    at: Where | None = None
    """When it happened. Without it, or without a time in it, when it came."""

    event: EventKind
    """The kind of event, or a section that finds it."""

    contact: Person
    """Whom it is about."""

    consent: Agreed | None = None
    """Whether the person agreed to marketing."""

    data: dict[str, Where] = Field(default_factory=dict)
    """What belongs to the event, by the names of its fields, and whatever else should be kept of it."""

    def kinds(self) -> Mapping[tuple[str, ...], str]:
        """Every kind of event that it may bring, by its place in the file."""
        if self.event.always is not None:
            return {("event",): self.event.always}
        return {("event", "map", word): kind for word, kind in self.event.map.items()}
