"""One form, read: pure, and the same for a webhook's body and a row of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from connectors.forms.person import did_you_mean, read_country, read_email, read_language, read_phone, read_zone
from connectors.forms.text import FIELDS, Unfit, clean_value, count, one_line
from offswitch.model.address import looks_like_another
from offswitch.model.submission import Consent, Reject, Submission

FRAME = ("id", "event", "at", "contact", "consent", "consent_wording", "data")
PERSON = ("email", "name", "language", "country", "zone", "phone")
AHEAD = timedelta(minutes=5)  # how far a sender's clock may run before ours
YES = frozenset({"true", "yes", "y", "1", "on", "نعم", "أوافق", "موافق"})
NO = frozenset({"", "false", "no", "n", "0", "off", "none", "null", "لا"})


def read_submission(
    raw: Mapping[str, Any], *, source: str, now: datetime, default_kind: str, known_kinds: Collection[str]
) -> Submission | Reject:
    """A form as a submission, or why it can't be one.

    Nested (`contact`, `consent`, `data`) and flat forms mean the same: PERSON fields belong to the contact, whatever
    is not known goes to `data`. What is only doubtful is left out with a warning; consent is given by a clear yes.
    """
    try:
        return _read(_form(raw), source, now, default_kind, known_kinds)
    except Unfit as error:
        return Reject(source, str(error), raw)


def _form(raw: Mapping[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = clean_value(raw, "")
    if count(form) > FIELDS:
        raise Unfit(f"the form has more than {FIELDS} fields")
    return form


def _read(form: dict[str, Any], source: str, now: datetime, default_kind: str, known_kinds: Collection[str]) -> Submission:
    person = _part(form, "contact", PERSON)
    others = tuple(name for name in form if name not in FRAME + PERSON)
    warnings: list[str] = []
    email = read_email(_word(person, "email"))
    warnings.append(looks_like_another(email))
    return Submission(
        id=_id(form),
        kind=_kind(form, default_kind, known_kinds),
        at=_at(_word(form, "at"), now),
        dated=bool(_word(form, "at")),
        source=source,
        email=email,
        contact=_contact(person, warnings),
        consent=_consent(form, warnings),
        data=_part(form, "data", others),
        digest=sha256(json.dumps(form, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
        warnings=tuple(filter(None, warnings)),
    )


def _part(form: Mapping[str, Any], name: str, flat: Collection[str]) -> dict[str, Any]:
    """An inner object together with the flat fields that belong in it."""
    inner = form.get(name)
    if inner is not None and not isinstance(inner, dict):
        raise Unfit(f"{name} is not an object")
    found = dict(inner or {})
    for field in flat:
        if field in form and field in found:
            raise Unfit(f"{field} is given twice, in the form and in {name}")
        if field in form:
            found[field] = form[field]
    return found


def _word(fields: Mapping[str, Any], name: str) -> str:
    """One line of text; a whole number is text that forgot its quotes."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unfit(f"{name} is not text")
    return one_line(str(value))


def _id(form: Mapping[str, Any]) -> str:
    found = _word(form, "id")
    if not found:
        raise Unfit("id is missing: without it the same form could be taken twice")
    if len(found) > 200 or not found.isprintable():
        raise Unfit("id is not 1 to 200 printable characters")
    return found


def _kind(form: Mapping[str, Any], default: str, known: Collection[str]) -> str:
    kind = _word(form, "event") or default
    if kind not in known:
        raise Unfit(f"event {kind[:60]!r} is not known{did_you_mean(kind, sorted(known))}")
    return kind


def _at(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
        moment = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit(f"at {text[:40]!r} is not a time: write it as 2026-11-21T09:00:00+03:00") from None
    if at.tzinfo is None:
        raise Unfit("at has no time zone: write it as 2026-11-21T09:00:00+03:00, or with Z for UTC")
    if moment > now + AHEAD:
        raise Unfit(f"at {text[:40]!r} is in the future: is the sender's clock right?")
    return moment


def _contact(person: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
    def known(name: str, read: Callable[[str], str | None], wanted: str) -> str:
        text = _word(person, name)
        found = read(text) if text else ""
        if found is None:
            warnings.append(f"{name} was left out: it is not {wanted}")
        return found or ""

    found: dict[str, Any] = {name: value for name, value in person.items() if name not in PERSON}
    found["name"] = _word(person, "name")
    found["language"] = known("language", read_language, "the two letters of a language")
    found["country"] = country = known("country", read_country, "the two letters of a country")
    found["phone"] = known("phone", lambda text: read_phone(text, country), "a number that can be dialled")
    found["zone"] = known("zone", read_zone, "a time zone")
    return {name: value for name, value in found.items() if value not in ("", None)}


def _consent(form: Mapping[str, Any], warnings: list[str]) -> tuple[Consent, ...]:
    given = form.get("consent")
    wording = _word(form, "consent_wording")
    if isinstance(given, dict):
        wording = _word(given, "wording") or wording
        unasked = [name for name in given if name not in ("marketing", "wording")]
        warnings.extend(f"consent.{name} was left out: only marketing is asked for" for name in unasked)
        given = given.get("marketing")
    answer = one_line(str("" if given is None else given)).lower()
    if answer in YES:
        return (Consent("marketing", "email", wording),)
    if answer not in NO:
        warnings.append(f"consent was not taken: {answer[:40]!r} is neither yes nor no")
    return ()
