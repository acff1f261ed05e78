"""Where one JSON value of a file ends and the next begins, so that a broken one doesn't take the others along."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'\\.|["\[\]{},]', re.DOTALL)


def split_list(text: str) -> Iterator[tuple[int, str]]:
    """The elements of a JSON list with the line (from 1) on which each begins. Raises ValueError when it isn't closed.

    Only brackets, commas and quotes are looked at: whether an element is JSON is for its reader.
    """
    depth, quoted, start = 0, False, 0
    lines = _Lines(text)
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif mark in "[{":
            depth += 1
            start = token.end() if depth == 1 else start
        elif mark == "," and depth == 1:
            yield lines.element(start, token.start())
            start = token.end()
        elif mark in "]}":
            depth -= 1
            if depth == 0:
                yield from lines.last(start, token.start(), token.end())
                return
    raise ValueError("the list is not closed")


class _Lines:
    """Counts the lines of a text as its reader moves on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = 1
        self._seen = 0

    def element(self, start: int, end: int) -> tuple[int, str]:
        """The stripped element between two places, with its line."""
        piece = self._text[start:end]
        first = start + len(piece) - len(piece.lstrip())
        self._line += self._text.count("\n", self._seen, first)
        self._seen = first
        return self._line, piece.strip()

    def last(self, start: int, end: int, after: int) -> Iterator[tuple[int, str]]:
        """The last element, unless the list is empty. Raises ValueError when something follows the list."""
        line, piece = self.element(start, end)
        if piece:
            yield line, piece
        if self._text[after:].strip():
            raise ValueError("something follows the list")
