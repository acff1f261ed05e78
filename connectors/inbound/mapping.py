"""From what a provider sent to submissions: each field looked up, made into ours, and read like every other form."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors.forms.submission import read_submission
from connectors.forms.text import Unfit, clean_value
from connectors.inbound.source_file import PERSON, SourceFile
from connectors.inbound.value import Value
from offswitch.model.event import KINDS, Happened
from offswitch.model.submission import Reject, Submission

MOST = 5_000  # events in one post


def events_in(file: SourceFile, body: Any) -> list[Any]:
    """What a post brings, one by one. Raises Unfit."""
    found = body if file.each is None else file.each.of(body)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list):
        raise Unfit("there are no events where the source's `each` says" if file.each else "the body is not a JSON object")
    if len(found) > MOST:
        raise Unfit(f"there are more than {MOST:,} events in one post")
    return found


def read_event(
    file: SourceFile, found: Any, *, name: str, id: str, now: datetime, known_kinds: Collection[str]
) -> Submission | Reject | None:
    """One event, why it can't be taken, or None where its kind is nobody's business here.

    A reject holds our fields as far as they could be made, and the sender's values where they couldn't: the file of rejects
    is mended and taken in like any file of forms.
    """
    form, faults = form_of(file, found, id)
    if not faults and form.get("event") is None:
        return None
    if faults:
        return Reject(name, faults[0], form)
    read = read_submission(form, source=name, now=now, default_kind="", known_kinds=known_kinds)
    return fitting(read, form) if isinstance(read, Submission) else read


def form_of(file: SourceFile, found: Any, id: str) -> tuple[dict[str, Any], list[str]]:
    """Our form with what one event says, and what is wrong with it. `id` is for an event without one of its own."""
    if not isinstance(found, Mapping):
        return {"id": id, "data": {"came": found}}, ["the event is not an object"]
    faults: list[str] = []
    form: dict[str, Any] = {"id": id} if file.id is None else {}
    try:
        form["event"] = file.event.of(found)
    except Unfit as error:
        faults.append(f"event: {error}")
    if form.get("event") is None and not faults:
        return form, faults
    form |= _made({"id": file.id, "at": file.at}, found, "", faults)
    contact = {part: getattr(file.contact, part) for part in PERSON}
    form["contact"] = _made(contact, found, "contact.", faults) | _made(file.contact.fields, found, "contact.fields.", faults)
    form["data"] = _made(file.data, found, "data.", faults)
    if file.consent is not None:
        try:
            form["consent"] = {"marketing": file.consent.of(found), "wording": file.consent.wording}
        except Unfit as error:
            faults.append(f"consent: {error}")
    return form, faults


def _made(values: Mapping[str, Value | None], found: Mapping[str, Any], prefix: str, faults: list[str]) -> dict[str, Any]:
    """What is there of these values. One that can't be made stays as it came, and is a fault."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        try:
            one = value.of(found) if value is not None else None
        except Unfit as error:
            faults.append(f"{prefix}{name}: {error}")
            one = came(value, found)
        if one is not None:
            made[name] = one
    return made


def fitting(submission: Submission, form: Mapping[str, Any]) -> Submission | Reject:
    """The submission, if its data are those of its kind of event: a flow that reads them must not stumble over one."""
    kind = KINDS.get(submission.kind)
    if kind is None:
        return submission
    try:
        Happened("", submission.kind, submission.at, "", submission.data).typed(kind)
    except ValueError as error:
        return Reject(submission.source, f"data do not make a {submission.kind}: {_first(error)}", form)
    return submission


def ids_for(events: Collection[Any], message_id: str) -> Iterator[str]:
    """An id for each event that has none of its own: the post's, with its place in the post."""
    yield from ([message_id] if len(events) == 1 else (f"{message_id}:{place}" for place in range(len(events))))


def row_id(row: Mapping[str, Any]) -> str:
    """The id of a row that has none: made of what stands in it."""
    return sha256(json.dumps(row, sort_keys=True, ensure_ascii=False, default=str).encode(errors="replace")).hexdigest()[:32]


def at_source(read: Submission | Reject, where: str) -> Submission | Reject:
    """The same with the place where it stood."""
    return replace(read, source=where) if isinstance(read, Submission) else replace(read, where=where)


def came(value: Value | None, found: Any) -> Any:
    """What stands there, before anything is made of it."""
    if value is None:
        return None
    try:
        return clean_value(value.model_copy(update={"as_": None, "map": {}}).of(found), "value")
    except Unfit:
        return None


def _first(error: ValueError) -> str:
    """Which field and why, without its value."""
    details = getattr(error, "errors", None)
    first = details(include_url=False, include_input=False)[0] if callable(details) else {"loc": (), "msg": "it does not fit"}
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"[:200]
