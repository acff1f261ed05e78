"""Two versions of a text as one, with what went and what came marked word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

_WORDS = re.compile(r"\S+\s*|\s+")
_LINES = re.compile(r".*\n|.+")


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "del"
    NEW = "ins"


class Piece(NamedTuple):
    """So much text that shares one fate."""

    mark: Mark
    text: str


def redline(before: str, now: str) -> list[Piece]:
    """Word by word. The pieces without what is new are `before`, and without what is gone `now`."""
    return _joined(_pieces(_WORDS.findall(before), _WORDS.findall(now), words=True))


def redline_of_lines(before: str, now: str) -> list[Piece]:
    """Line by line, as code is read."""
    return _joined(_pieces(_LINES.findall(before), _LINES.findall(now), words=False))


def _pieces(before: Sequence[str], now: Sequence[str], *, words: bool) -> Iterator[Piece]:
    for what, old, old_end, new, new_end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        gone, came = "".join(before[old:old_end]), "".join(now[new:new_end])
        if what == "equal":
            yield Piece(Mark.SAME, gone)
            continue
        space = _shared_space(gone, came) if words else ""
        yield Piece(Mark.GONE, gone.removesuffix(space))
        yield Piece(Mark.NEW, came.removesuffix(space))
        yield Piece(Mark.SAME, space)


def _shared_space(gone: str, came: str) -> str:
    """The space behind what went and what came, where it is the same: nothing to be marked."""
    first, second = (text[len(text.rstrip()) :] for text in (gone, came))
    return first if first == second else ""


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].mark is piece.mark:
            found[-1] = Piece(piece.mark, found[-1].text + piece.text)
        elif piece.text:
            found.append(piece)
    return found
