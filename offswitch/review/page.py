"""The plan as one page that a non-programmer reads from top to bottom: no network, light and dark, screen and paper."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from offswitch.gate.reasons import reason_in, rule_in
from offswitch.messages.letter import Letter
from offswitch.messages.words import direction
from offswitch.policy.values import written
from offswitch.review import guardrails, protection
from offswitch.review.by_hand import in_words as by_hand_in
from offswitch.review.inflight import in_words as edit_in
from offswitch.review.line import LATER, REFUSED, What
from offswitch.review.notes import notes
from offswitch.review.plan import PlanOfWork
from offswitch.review.words import Language, event_in, key_in, say

FIRST, SHOWN = 12, 300  # recipients at a glance, and at all; everybody is in the JSON


def as_html(plan: PlanOfWork, language: Language = "en") -> str:
    """The whole page. Names, reasons and texts are data in it, never markup."""
    about = {step.name: step.about for step in plan.steps}
    told: dict[str, Any] = {
        "say": partial(say, language),
        "reason": partial(reason_in, language),
        "rule": partial(rule_in, language),
        "key": partial(key_in, language),
        "event": lambda one: event_in(language, one.kind, one.about),
        "moment": moment,
        "written": written,
        "height": height,
        "edit_in": partial(edit_in, language),
        "by_hand_in": partial(by_hand_in, language),
        "direction": direction,
        "limits": protection.in_words(language, plan.policy),
        "guard": partial(guardrails.sentence, language),
        "guard_in": partial(guardrails.in_words, language),
        "guard_limits": guardrails.limits,
        "sizes": guardrails.SIZES,
    }
    return _template().render(
        plan=plan,
        language=language,
        dir=direction(language),
        about=about,
        sends=plan.first(What.SEND),
        sending=plan.count(What.SEND),
        first=FIRST,
        shown=SHOWN,
        refusals=[group for group in plan.groups if group.what in (*REFUSED, *LATER)],
        handed=[group for group in plan.groups if group.what is What.HAND_OVER],
        numbers=numbers(plan),
        notes=list(notes(language, plan)),
        arrival_words={"no": "no", "machine": "machine", "people": "enter people", "exit": "exits", "goal": "reached"},
        **told,
    )


def numbers(plan: PlanOfWork) -> list[tuple[str, int]]:
    """The figures at the top, each with its word."""
    return [
        ("now", plan.count(What.SEND)),
        ("people", plan.reached),
        ("later", plan.count(*LATER)),
        ("refused", plan.count(*REFUSED)),
        ("by hand", plan.count(What.HAND_OVER)),
        ("finished", plan.count(What.FINISH)),
    ]


def moment(at: datetime | None) -> str:
    """A time as people write it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""


def height(letter: Letter, columns: int) -> int:
    """About how many pixels a letter takes when a line holds so many letters; a frame can't measure itself without scripts."""
    lines = sum(max(len(row) / columns, 0.8 if row.strip() else 0.55) for row in letter.text.splitlines())
    return 290 + round(lines * (34 if direction(letter.language) == "rtl" else 29))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files("offswitch.review").joinpath("page.html").read_text(encoding="utf-8"))
