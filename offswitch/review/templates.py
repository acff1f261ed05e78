"""The pages' templates, and the words and forms that each of them may use. Names, reasons and texts are data in them, never markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from offswitch.gate.reasons import reason_in, rule_in
from offswitch.messages.values import clean
from offswitch.messages.words import direction
from offswitch.paper import pages
from offswitch.review.change_words import value_in
from offswitch.review.redline import redline, redline_of_lines
from offswitch.review.since import NAMED
from offswitch.review.warning_words import line_in, warning_in
from offswitch.review.words import Language, key_in, say

_COMMAND = re.compile(r"`([^`]+)`")


def render(template: str, language: Language, **values: Any) -> str:
    """One page."""
    return _environment().get_template(template).render(**_told(language), **values)


def moment(at: datetime | None) -> str:
    """A time as people write it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""


def marked(text: str) -> Markup:
    """A sentence whose commands, which it has in `backticks`, look like commands."""
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped in this very line


def _told(language: Language) -> dict[str, Any]:
    return {
        "language": language,
        "dir": direction(language),
        "direction": direction,
        "say": partial(say, language),
        "reason": partial(reason_in, language),
        "rule": partial(rule_in, language),
        "key": partial(key_in, language),
        "value": partial(value_in, language),
        "warning": partial(warning_in, language),
        "told_warning": partial(line_in, language),
        "moment": moment,
        "marked": marked,
        "shown_name": clean,
        "redline": redline,
        "redline_of_lines": redline_of_lines,
        "named": NAMED,
    }


@cache
def _environment() -> Environment:
    return pages("offswitch.review", "templates")
