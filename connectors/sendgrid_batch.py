"""Many letters in one SendGrid call: what they share stands once, and each brings the lines that differ.

SendGrid puts a person's `substitutions` in place of the tags in the common text (API reference, Mail Send), so that everybody
gets exactly the letter that was written for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.letters import well_formed
from offswitch.messages.letter import Letter
from offswitch.messages.mime import harmless, own_headers, wire_address

MOST = 1000  # personalizations a call (API reference)
ROOM = 10_000  # bytes of substitutions a person (API reference)
MARK = "-offswitch."  # every tag begins with it, so a letter that holds it goes out alone


def shape(letter: Letter) -> tuple[object, ...]:
    """What two letters must have in common to share a call. As many lines: then they are of one template, mostly."""
    lines = letter.text.count("\n"), letter.html.count("\n")
    return letter.sender, letter.sender_name, letter.reply_to, letter.language, bool(letter.html), lines


def fits(letters: Sequence[Letter]) -> bool:
    """May these go together? The limit is counted as JSON, in which nothing is shorter than what it stands for."""
    if any(MARK in value for letter in letters for value in (letter.subject, letter.text, letter.html, letter.to_name)):
        return False
    return all(len(json.dumps(own, ensure_ascii=False).encode()) <= ROOM for own in _bodies(letters)[1])


def sendable(letter: Letter) -> None:
    """Raise Permanent for an address or a header that can't be sent."""
    _personal(letter, "", {})
    _mailbox(letter.sender, "", "system")
    if letter.reply_to:
        _mailbox(letter.reply_to, "", "system")


def message(letters: Sequence[Letter], keys: Sequence[str], settings: dict[str, Any]) -> dict[str, Any]:
    """The body of one call."""
    first = letters[0]
    content, own = _bodies(letters)
    told: dict[str, Any] = {
        "personalizations": [_personal(*each) for each in zip(letters, keys, own, strict=True)],
        "from": _mailbox(first.sender, first.sender_name, "system"),
        "content": content,
        **settings,
    }
    if first.reply_to:
        told["reply_to"] = _mailbox(first.reply_to, "", "system")
    return told


def _personal(letter: Letter, key: str, substitutions: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "to": [_mailbox(letter.to, letter.to_name, "contact")],
        "subject": well_formed(harmless(letter.subject)) or " ",  # SendGrid refuses an empty one
        "headers": own_headers(letter),
        "custom_args": {"send_once_key": key},
    }
    return told | ({"substitutions": substitutions} if substitutions else {})


def _mailbox(address: str, name: str, fault: str) -> dict[str, str]:
    shown = well_formed(harmless(name))
    if "," in shown or ";" in shown:  # SendGrid would take it for several mailboxes (sendgrid-python, issue 578)
        shown = '"' + shown.replace("\\", "").replace('"', "") + '"'
    where = {"email": wire_address(address, fault)}
    return where | ({"name": shown} if shown else {})


def _bodies(letters: Sequence[Letter]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The common content, and each letter's own substitutions."""
    text, own = _shared([well_formed(letter.text) or "\n" for letter in letters], "text")
    content = [{"type": "text/plain", "value": text}]
    if letters[0].html:
        html, more = _shared([well_formed(letter.html) for letter in letters], "html")
        content.append({"type": "text/html", "value": html})
        own = [one | other for one, other in zip(own, more, strict=True)]
    return content, own


def _shared(bodies: Sequence[str], part: str) -> tuple[str, list[dict[str, str]]]:
    """Line by line what all have, or a tag; and what each has in place of the tags. Whole texts where the lines don't match."""
    split = [body.split("\n") for body in bodies]
    if len({len(lines) for lines in split}) > 1:
        split = [[body] for body in bodies]
    tags = {f"{MARK}{part}.{at}-": lines for at, lines in enumerate(zip(*split, strict=True))}
    differ = {tag: lines for tag, lines in tags.items() if len(set(lines)) > 1}
    common = "\n".join(tag if tag in differ else lines[0] for tag, lines in tags.items())
    return common, [{tag: lines[at] for tag, lines in differ.items()} for at in range(len(bodies))]


def groups(letters: Sequence[Letter]) -> Iterator[list[int]]:
    """The places of the letters that go together, each once, in the order of the first of each group.

    Nobody gets two letters in one call: SendGrid refuses a call that names an address twice.
    """
    found: dict[object, list[int]] = {}
    seen: dict[str, int] = {}
    for place, letter in enumerate(letters):
        to = letter.to.casefold()
        seen[to] = seen.get(to, 0) + 1
        found.setdefault((shape(letter), seen[to]), []).append(place)
    for places in found.values():
        if fits([letters[place] for place in places]):
            yield places
        else:
            yield from ([place] for place in places)
