"""Sentences that the machine writes in English, found again and said in Arabic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


class Phrases:
    """Patterns of whole sentences, each with its Arabic, which may name what a group matched. The first that fits counts.

    What stands in a group named `rest` is a sentence itself: it follows behind a colon.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple((re.compile(pattern, re.DOTALL), arabic) for pattern, arabic in pairs)

    def arabic(self, text: str, rest_in: Callable[[str], str] | None = None) -> str | None:
        """The sentence in Arabic, None for one that is none of these. `rest_in` says how a rest is said; by default as here."""
        for pattern, arabic in self._pairs:
            if found := pattern.fullmatch(text):
                rest = found.groupdict().get("rest")
                behind = (rest_in or self._or_as_it_is)(rest) if rest else ""
                return found.expand(arabic) + (f": {behind}" if behind else "")
        return None

    def _or_as_it_is(self, text: str) -> str:
        return self.arabic(text) or text
