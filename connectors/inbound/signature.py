"""How a source's file says who is believed: a kind of the table, or the parameters of one of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, WithJsonSchema, WrapValidator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from connectors.inbound.scheme import SCHEMES, Scheme
from connectors.inbound.value import Text, written_text
from offswitch.policy.values import Duration, Section, Url, checked, likely, refuse

# What may be written beside a kind; beside any other, nothing.
BESIDE = {
    "hmac": {"header", "signed", "algorithm", "encoding", "prefix", "separator", "timestamp", "unit", "window", "id"},
    "token": {"header", "prefix", "query", "basic"},
    "jotform": {"query", "basic"},
    "postmark": {"header", "basic"},
    "hubspot": {"url"},
}
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}(#[A-Za-z0-9_-]{1,20})?")
_SIGNED = re.compile(r"([ -z|~]|\{(id|timestamp|method|body)\})*")
_HEADER_SHAPE = WithJsonSchema({"type": "string", "examples": ["x-signature", "x-signature#v1"]})


def kind_name(value: Any) -> str:
    """A kind of signature. `none` is none: whoever knows the address could write anything."""
    text = written_text(value).lower()
    if text not in SCHEMES:
        raise refuse(f"is {text[:40]}", likely(text, SCHEMES))
    return text


def header_name(value: Any) -> str:
    """The name of a header, with the name of a field within it after #."""
    text = written_text(value)
    if not _HEADER.fullmatch(text):
        raise refuse(f"is {text[:40]}", "write the header's name such as x-signature, or x-signature#v1 for a part of it")
    return text.partition("#")[0].lower() + "".join(text.partition("#")[1:])


def signed_text(value: Any) -> str:
    """What is signed; the body is in it."""
    text = written_text(value)
    if not _SIGNED.fullmatch(text) or "{body}" not in text:
        raise refuse(f"is {text[:60]}", "write it with {body}, and with {id} and {timestamp} where they are signed: {timestamp}.{body}")
    return text


def _of(*words: str) -> Callable[[Any], str]:
    def one(value: Any) -> str:
        text = written_text(value)
        if text not in words:
            raise refuse(f"is {text[:40]}", likely(text, words))
        return text

    return one


def _words(*words: str) -> Any:
    return Annotated[str, checked(_of(*words)), WithJsonSchema({"enum": list(words)})]


class Signature(Section):
    """Who is believed."""

    kind: Annotated[str, checked(kind_name), WithJsonSchema({"enum": sorted(SCHEMES)})]
    """The provider's way to sign, hmac for one that is written out here, or token for a secret word that comes along."""

    url: Url | None = None
    """For hubspot: the address of this hook as it was given to HubSpot, which signs it too."""

    header: Annotated[str, checked(header_name), _HEADER_SHAPE] | None = None
    """The header that holds the signature or the token."""

    query: Annotated[str, checked(header_name), _HEADER_SHAPE] | None = None
    """The name in the address after ?, where the token stands there."""

    basic: Annotated[str, checked(_of("yes")), WithJsonSchema({"enum": ["yes", True]})] | None = None
    """The token is a user and password, which the secret gives as user:password."""

    signed: Annotated[str, checked(signed_text), WithJsonSchema({"type": "string", "examples": ["{timestamp}.{body}"]})] | None = None
    """The text that is signed."""

    algorithm: _words("hmac-sha256", "hmac-sha512", "hmac-sha1") | None = None  # type: ignore[valid-type]
    """How it is signed."""

    encoding: _words("hex", "base64") | None = None  # type: ignore[valid-type]
    """How the signature is written."""

    prefix: Text | None = None
    """What stands in front of the signature, such as sha256=."""

    separator: Text | None = None
    """What stands between several signatures in one header."""

    timestamp: Annotated[str, checked(header_name), _HEADER_SHAPE] | None = None
    """The header that says when it was signed."""

    unit: _words("seconds", "milliseconds", "iso") | None = None  # type: ignore[valid-type]
    """What the time is written in."""

    window: Duration | None = None
    """How old a signature may be."""

    id: Annotated[str, checked(header_name), _HEADER_SHAPE] | None = Field(default=None)
    """The header with the id that stays the same when the sender tries again."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Signature:
        given = {name for name in type(self).model_fields if name != "kind" and getattr(self, name) is not None}
        if odd := sorted(given - BESIDE.get(self.kind, set())):
            allowed = ", ".join(sorted(BESIDE.get(self.kind, ()))) or "nothing"
            raise refuse(f"of the kind {self.kind} takes no {odd[0]}", f"beside it may stand: {allowed}", odd[0])
        if self.kind == "hubspot" and self.url is None:
            raise refuse("of the kind hubspot has no url", "HubSpot signs the address too: add url: with the one you gave it")
        if self.kind == "hmac" and self.header is None:
            raise refuse("of the kind hmac has no header", "add header: with the one that holds the signature")
        if len(given & {"header", "query", "basic"}) > 1:
            raise refuse("says where the token stands in two ways", "write one of header, query and basic")
        if self.kind == "hmac" and any((f"{{{name}}}" in (self.signed or "")) != bool(getattr(self, name)) for name in ("timestamp", "id")):
            raise refuse(
                "has a timestamp or id that isn't signed, or signs one that stands nowhere",
                'name it in both: timestamp: x-time and signed: "{timestamp}.{body}"',
            )
        return self

    @property
    def scheme(self) -> Scheme:
        """Its row of the table, with what the file says besides."""
        row = SCHEMES[self.kind]
        if self.query:
            row = replace(row, signature=f"query:{self.query}")
        if self.basic:
            row = replace(row, signature="basic")
        if self.header:
            row = replace(row, signature=self.header)
        names = ("signed", "algorithm", "encoding", "prefix", "separator", "timestamp", "unit", "id")
        told = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return replace(row, **told, window=self.window or (timedelta(minutes=5) if self.kind == "hmac" else row.window))


class _ShortForm:
    """The kind alone, where nothing else is to say."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"enum": sorted(set(SCHEMES) - {"hmac", "hubspot"})}, handler(schema)]}


def _short_form(value: Any, whole: Callable[[Any], Signature]) -> Signature:
    if not isinstance(value, str):
        return whole(value)
    if kind_name(value) in ("hmac", "hubspot"):
        raise refuse(
            f"is {value} without its parameters",
            f"write `{{kind: {value}, …}}` with " + ("url" if kind_name(value) == "hubspot" else "header"),
        )
    return Signature.model_construct(kind=kind_name(value))


Signed = Annotated[Signature, WrapValidator(_short_form), _ShortForm()]
