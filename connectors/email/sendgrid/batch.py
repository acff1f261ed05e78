"""Many letters in one SendGrid call: what they share stands once, and each brings the lines that differ.

SendGrid puts a person's `substitutions` in place of the tags in the common text (API reference, Mail Send), so that everybody
gets exactly the letter that was written for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from offswitch.messages.letter import Letter
from offswitch.messages.mime import harmless, own_headers, wire_address

MOST = 1000  # personalizations a call (API reference)
ROOM = 10_000  # bytes of substitutions a person (API reference)
MARK = "-offswitch."  # every tag begins with it, so a letter that holds it goes out alone
_TAG = 24  # bytes of the longest tag


def groups(letters: Sequence[Letter]) -> Iterator[list[int]]:
    """The places of the letters that go together, each once, in the order of the first of each group.

    Nobody gets two letters in one call: SendGrid refuses a call that names an address twice.
    """
    found: dict[object, list[int]] = {}
    seen: dict[str, int] = {}
    for place, letter in enumerate(letters):
        to = letter.to.casefold()
        seen[to] = seen.get(to, 0) + 1
        found.setdefault((_shape(letter), seen[to]), []).append(place)
    for places in found.values():
        if _fit([letters[place] for place in places]):
            yield places
        else:
            yield from ([place] for place in places)


def _shape(letter: Letter) -> tuple[object, ...]:
    """What two letters must have in common to share a call. As many lines: then they are of one template, mostly."""
    lines = letter.text.count("\n"), letter.html.count("\n")
    return letter.sender, letter.sender_name, letter.reply_to, letter.language, bool(letter.html), lines


def _fit(letters: Sequence[Letter]) -> bool:
    """May these go together?"""
    if any(MARK in each.text or MARK in each.html or MARK in each.subject or MARK in each.to_name for each in letters):
        return False
    if all(_size(letter.text) + _size(letter.html) <= ROOM for letter in letters):  # even if no two lines were alike
        return True
    return all(sum(_TAG + len(value.encode("utf-8", "replace")) for value in own.values()) <= ROOM for own in _bodies(letters)[1])


def _size(text: str) -> int:
    return (len(text) if text.isascii() else len(text.encode("utf-8", "replace"))) + _TAG * (text.count("\n") + 1)


def personal(letter: Letter, key: str) -> dict[str, Any]:
    """One person's part of a call, without the text. Raises Permanent for an address or a header that can't be sent."""
    _sender(letter)
    return {
        "to": [_mailbox(letter.to, letter.to_name, "contact")],
        "subject": harmless(letter.subject) or " ",  # SendGrid refuses an empty one
        "headers": own_headers(letter),
        "custom_args": {"send_once_key": key},
    }


def message(letters: Sequence[Letter], people: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The body of one call to people whose letters may go together."""
    content, own = _bodies(letters)
    told = [{**person, "substitutions": lines} if lines else person for person, lines in zip(people, own, strict=True)]
    return {"personalizations": told, **_sender(letters[0]), "content": content, **settings}


def _sender(letter: Letter) -> dict[str, Any]:
    told = {"from": _of_ours(letter.sender, letter.sender_name)}
    return told | ({"reply_to": _of_ours(letter.reply_to, "")} if letter.reply_to else {})


@lru_cache(maxsize=16)
def _of_ours(address: str, name: str) -> dict[str, str]:
    return _mailbox(address, name, "system")


def _mailbox(address: str, name: str, fault: str) -> dict[str, str]:
    shown = harmless(name)
    if "," in shown or ";" in shown:  # SendGrid would take it for several mailboxes (sendgrid-python, issue 578)
        shown = '"' + shown.replace("\\", "").replace('"', "") + '"'
    where = {"email": wire_address(address, fault)}
    return where | ({"name": shown} if shown else {})


def _bodies(letters: Sequence[Letter]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The common content, and each letter's own substitutions."""
    text, own = _shared([letter.text or " " for letter in letters], "text")
    content = [{"type": "text/plain", "value": text}]
    if letters[0].html:
        html, more = _shared([letter.html for letter in letters], "html")
        content.append({"type": "text/html", "value": html})
        own = [one | other for one, other in zip(own, more, strict=True)]
    return content, own


def _shared(bodies: Sequence[str], part: str) -> tuple[str, list[dict[str, str]]]:
    """Line by line what all have, or a tag; and what each has in place of the tags."""
    split = [body.split("\n") for body in bodies]
    differ: dict[str, tuple[str, ...]] = {}
    common: list[str] = []
    for at, lines in enumerate(zip(*split, strict=True)):
        if lines.count(lines[0]) == len(lines):
            common.append(lines[0])
        else:
            tag = f"{MARK}{part}.{at}-"
            differ[tag] = lines
            common.append(tag)
    return "\n".join(common), [{tag: lines[place] for tag, lines in differ.items()} for place in range(len(bodies))]
