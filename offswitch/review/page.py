"""The plan as one page that a non-programmer reads from top to bottom: no network, light and dark, screen and paper."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from offswitch.messages.letter import Letter
from offswitch.messages.words import direction
from offswitch.model.contact import Contact
from offswitch.policy.values import written
from offswitch.review import guardrails, protection, trials
from offswitch.review.by_hand import in_words as by_hand_in
from offswitch.review.chart import PARTS, across, column_width, curves, funnel, ladder, place
from offswitch.review.counted import counted
from offswitch.review.difference import Difference
from offswitch.review.inflight import in_words as edit_in
from offswitch.review.line import LATER, REFUSED, What
from offswitch.review.notes import notes
from offswitch.review.obstacles import in_words as obstacle_in
from offswitch.review.plan import PlanOfWork
from offswitch.review.summary import approver, summary
from offswitch.review.templates import render
from offswitch.review.words import Language, event_in

FIRST, SHOWN = 12, 300  # recipients at a glance, and at all; everybody is in the table of `--people`
SECTIONS = ("journey", "samples", "who", "refusals", "work", "arrivals", "changed", "wrong", "off", "approve")


def as_html(
    plan: PlanOfWork, language: Language = "en", change: Difference | None = None, people: Mapping[str, Contact] | None = None
) -> str:
    """The whole page. `change` is what is different from the plan that was approved last; `people` names those in it."""
    return render(
        "plan.html",
        language,
        plan=plan,
        change=change,
        was="before",
        people=people or {},
        summary=summary(language, plan, change),
        sections=SECTIONS,
        approver=approver(language, plan.approved) if plan.approved else None,
        about={step.name: step.about for step in plan.steps},
        sends=plan.first(What.SEND),
        sending=plan.count(What.SEND),
        first=FIRST,
        shown=SHOWN,
        refusals=[group for group in plan.groups if group.what in (*REFUSED, *LATER)],
        handed=[group for group in plan.groups if group.what is What.HAND_OVER],
        numbers=numbers(plan),
        notes=list(notes(language, plan)),
        arrival_words={"no": "no", "machine": "machine", "people": "enter people", "exit": "exits", "goal": "reached"},
        open_samples=_first_of_each(plan),
        event=lambda one: event_in(language, one.kind, one.about),
        obstacle=partial(obstacle_in, language),
        height=height,
        written=written,
        edit_in=partial(edit_in, language),
        by_hand_in=partial(by_hand_in, language),
        limits=protection.in_words(language, plan.policy),
        trial=partial(trials.sentence, language),
        trial_in=partial(trials.in_words, language),
        **_drawn(plan, language),
    )


def _drawn(plan: PlanOfWork, language: Language) -> dict[str, Any]:
    """What the charts are made of."""
    rungs = plan.policy.rollout.steps
    return {
        "bars": funnel(plan),
        "parts": PARTS,
        "columns": ladder(plan.policy, plan.rung),
        "rung_labels": [str(one) if one.ppm is not None else counted(language, "people", one.contacts or 0) for one in rungs],
        "column": column_width(plan.policy),
        "curves": curves(plan.policy),
        "across": partial(across, rtl=direction(language) == "rtl"),
        "place": place,
        "guard": partial(guardrails.sentence, language),
        "guard_in": partial(guardrails.in_words, language),
        "sizes": guardrails.SIZES,
    }


def _first_of_each(plan: PlanOfWork) -> set[str]:
    """One draft of each message and language: those that are open when the page is."""
    first: dict[tuple[str, str], str] = {}
    for one in plan.samples:
        first.setdefault((one.message, one.language), one.id)
    return set(first.values())


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


def height(letter: Letter, columns: int) -> int:
    """About how many pixels a letter takes when a line holds so many letters; a frame can't measure itself without scripts."""
    lines = sum(max(len(row) / columns, 0.8 if row.strip() else 0.55) for row in letter.text.splitlines())
    return 290 + round(lines * (34 if direction(letter.language) == "rtl" else 29))
