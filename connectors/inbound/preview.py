"""What a sample becomes, field by field, with nothing stored: the mapping as it would be done, shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connectors.forms.text import Unfit
from connectors.inbound.mapping import came, form_of, read_event
from connectors.inbound.source_file import PERSON, SourceFile
from connectors.inbound.value import Value
from offswitch.model.submission import Reject, Submission


class Shown(NamedTuple):
    """One event: the kind, "" where it is ignored or can't be taken; (field, what came, what is taken); doubts and refusals."""

    taken: str
    fields: list[tuple[str, Any, Any]]
    notes: list[str]


def shown(file: SourceFile, found: Any, id: str, now: datetime, known_kinds: Collection[str]) -> Shown:
    """What one event becomes."""
    read = read_event(file, found, name="preview", id=id, now=now, known_kinds=known_kinds)
    if read is None:
        return Shown("", [], ["ignored: the map has no kind of event for the sender's word"])
    form, faults = form_of(file, found, id)
    if isinstance(read, Reject):
        return Shown("", list(_fields(file, found, _of_form(form))), [f"not taken: {one}" for one in faults or [read.reason]])
    return Shown(read.kind, list(_fields(file, found, _of_submission(read))), list(read.warnings))


def _fields(file: SourceFile, found: Any, taken: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Every field that the file declares, in its order."""
    for name, value in _declared(file):
        yield name, came(value, found), taken.get(name)
    if file.consent is not None:
        try:
            answer = file.consent.of(found)
        except Unfit:
            answer = None
        yield "consent", answer, taken.get("consent")


def _declared(file: SourceFile) -> Iterator[tuple[str, Value | None]]:
    yield "id", file.id
    yield "at", file.at
    yield from ((f"contact.{part}", value) for part in PERSON if (value := getattr(file.contact, part)) is not None)
    yield from ((f"contact.{part}", value) for part, value in file.contact.fields.items())
    yield from ((f"data.{part}", value) for part, value in file.data.items())


def _of_submission(read: Submission) -> dict[str, Any]:
    consent = f"yes, to: {read.consent[0].wording}" if read.consent else "no"
    taken = {"id": read.id, "at": read.at.isoformat(), "consent": consent, "contact.email": read.email}
    taken |= {f"contact.{name}": value for name, value in read.contact.items()}
    return taken | {f"data.{name}": value for name, value in read.data.items()}


def _of_form(form: Mapping[str, Any]) -> dict[str, Any]:
    parts = {f"{part}.{name}": value for part in ("contact", "data") for name, value in (form.get(part) or {}).items()}
    return {"id": form.get("id"), "at": form.get("at")} | parts
