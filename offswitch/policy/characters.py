"""Characters that change what a file means while nobody sees them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from offswitch.errors import Problem

# Nowhere, not even in a comment: control characters, and what YAML or an editor may take for the end of a line.
NOWHERE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|\r(?!\n)")
# In quotes, blocks and comments only: other blanks, what has no width, and what turns the direction of writing.
INVISIBLE = re.compile("[\t\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff]")
_INK = re.compile(r"[^\r\n]")
_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#[^\r\n]*")


def nowhere(text: str, path: str) -> Iterator[Problem]:
    """Every character that no part of a file may hold."""
    starts = _line_starts(text)
    for match in NOWHERE.finditer(text):
        yield Problem(path, *_place(starts, match.start()), f"holds {name(match[0])}", "take it out")


def invisible(text: str, free: Iterable[tuple[int, int]], path: str) -> Iterator[Problem]:
    """Every invisible character outside comments and outside the `free` stretches, which are quoted texts and blocks."""
    if not INVISIBLE.search(text):
        return
    starts = _line_starts(text)
    seen = text
    for start, end in free:
        seen = seen[:start] + _INK.sub("x", seen[start:end]) + seen[end:]
    seen = _COMMENT.sub(lambda match: "#" * len(match[0]), seen)
    for match in INVISIBLE.finditer(seen):
        fix = "use blanks" if match[0] in "\t\xa0" else "take it out, or put the text in quotes"
        yield Problem(path, *_place(starts, match.start()), f"holds {name(match[0])}", fix)


def name(character: str) -> str:
    """What to call a character that can't be seen, or that looks like another."""
    known = {"\t": "a tab", "\xa0": "a no-break space", "\r": "a carriage return without a line feed", "\ufeff": "a byte-order mark"}
    official = unicodedata.name(character, "a control character").lower()
    return known.get(character, official) + f" (U+{ord(character):04X})"


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(starts: list[int], position: int) -> tuple[int, int]:
    line = bisect_right(starts, position)
    return line, position - starts[line - 1] + 1
