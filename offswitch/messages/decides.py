"""Messages whose class of decision nobody has declared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

from offswitch.errors import ConfigError, Problem
from offswitch.messages.library import Library, Missing
from offswitch.policy.values import likely


def undeclared(library: Library, flow: str, messages: Iterable[str], declared: Collection[str]) -> Iterator[Problem]:
    """Each text whose `decides:` is neither one of the classes that always hold nor a word of the flow's or the company's.

    Until it is corrected a person decides it all the same.
    """
    for message in messages:
        for language in library.languages(flow, message):
            with suppress(Missing, ConfigError):  # a text that can't be used is told elsewhere
                text = library.get(flow, message, language)
                if text.front.decides and text.front.decides not in declared:
                    what = f"'decides' is {text.front.decides!r}, which nothing declares"
                    fix = f"{likely(text.front.decides, declared)}; or add it to humans_decide in {flow}.yaml or company.yaml"
                    yield Problem(text.path, *text.front.decides_at, what, fix)
