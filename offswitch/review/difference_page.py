"""The difference between two plans as one page, for whoever reads a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from babel.lists import format_list

from offswitch.review.counted import counted
from offswitch.review.difference import Difference
from offswitch.review.templates import moment, render
from offswitch.review.words import Language, say


def as_html(one: Difference, language: Language = "en") -> str:
    """The whole page. It names nobody: kept plans don't."""
    told = list(_summary(language, one))
    return render("diff.html", language, one=one, was="earlier", summary=told, made=lambda at: moment(datetime.fromisoformat(at)))


def _summary(language: Language, one: Difference) -> Iterator[str]:
    if one.empty:
        yield say(language, "diff none")
        return
    yield f"{say(language, 'short newly', new=f'{one.newly.count:,}', gone=f'{one.gone.count:,}').capitalize()}."
    if told := list(_changed(language, one)):
        yield say(language, "diff changed", what=format_list(told, locale=language))
    yield say(language, "diff voids" if one.voids else "diff covered")


def _changed(language: Language, one: Difference) -> Iterator[str]:
    settings = sum(key.key not in ("code", "texts") for key in one.keys)
    for noun, count in (("texts", len(one.texts)), ("steps", len(one.steps)), ("settings", settings)):
        if count:
            yield counted(language, noun, count)
    if one.elsewhere:
        yield say(language, "short code")
