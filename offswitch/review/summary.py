"""A plan in three sentences, for whoever has a minute to decide: what would happen, what has changed, and what to mind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from babel.dates import format_date
from babel.lists import format_list

from offswitch.review.counted import counted
from offswitch.review.difference import Difference
from offswitch.review.line import LATER, REFUSED, What
from offswitch.review.plan import Approved, PlanOfWork
from offswitch.review.words import Language, say

BOTH = {"en": ("; ", ", "), "ar": ("؛ ", "، ")}


def summary(language: Language, plan: PlanOfWork, change: Difference | None = None) -> tuple[str, str, str]:
    """`change` is what is different from the plan that was approved last, where that is kept."""
    return (_what(language, plan), _since(language, plan, change), _mind(language, plan))


def _what(language: Language, plan: PlanOfWork) -> str:
    sends, people = plan.count(What.SEND), counted(language, "people", plan.reached)
    if not sends:
        parts = [say(language, "short nobody")]
    elif sends == plan.reached:
        parts = [say(language, "short reach", people=people)]
    else:
        parts = [say(language, "short mails", people=people, mails=counted(language, "mails", sends))]
    for word, n in (("short later", plan.count(*LATER)), ("short refused", plan.count(*REFUSED))):
        if n:
            parts.append(say(language, word, n=f"{n:,}"))
    if handed := plan.count(What.HAND_OVER):
        parts.append(say(language, "short by hand", items=counted(language, "items", handed)))
    return _sentence(language, parts)


def _since(language: Language, plan: PlanOfWork, change: Difference | None) -> str:
    if plan.approved is None:
        return say(language, "never")
    told = list(_changed(language, plan, change))
    who = approver(language, plan.approved)
    if not told and not (change and (change.newly.count or change.gone.count)):
        return say(language, "short same", **who)
    parts = [say(language, "short since", what=_listed(language, told), **who)] if told else [say(language, "short same but", **who)]
    if change is not None and (change.newly.count or change.gone.count):
        parts.append(say(language, "short newly", new=f"{change.newly.count:,}", gone=f"{change.gone.count:,}"))
    if told:
        parts.append(say(language, "short void" if any(one.voids for one in plan.changes) else "short covered"))
    return _sentence(language, parts)


def _changed(language: Language, plan: PlanOfWork, change: Difference | None) -> Iterator[str]:
    """How many texts, steps and settings; of texts and steps only that, where the approved plan isn't kept."""
    keys = {one.key for one in plan.changes}
    if "texts" in keys:
        yield counted(language, "texts", len(change.texts)) if change and change.texts else say(language, "short texts")
    if "code" in keys:
        yield counted(language, "steps", len(change.steps)) if change and change.steps else say(language, "short code")
    if settings := len(keys - {"texts", "code"}):
        yield counted(language, "settings", settings)


def _mind(language: Language, plan: PlanOfWork) -> str:
    mind = [counted(language, "warnings", len(plan.warnings))] if plan.warnings else []
    parts = [say(language, "short warnings", warnings=mind[0]) if mind else say(language, "short no warnings")]
    if plan.stranded:
        parts.append(say(language, "short stranded"))
    elif plan.stays:
        parts.append(say(language, "short stays"))
    day = plan.by_hand
    if day.capacity is None:
        parts.append(say(language, "short work", n=f"{day.minutes:,}"))
    else:
        word = "short too much" if day.too_much else "short capacity"
        parts.append(say(language, word, n=f"{day.minutes:,}", capacity=f"{day.capacity:,}"))
    return _sentence(language, parts)


def approver(language: Language, one: Approved) -> dict[str, str]:
    """Who said yes, who asked for it, and the day, as people write them."""
    names = format_list([isolated(name) for name in one.by.split(", ")], locale=language)
    return {"by": names, "on": day_in(language, one.on), "requested_by": isolated(one.requested_by)}


def day_in(language: Language, on: str) -> str:
    """The day of a time in ISO 8601."""
    return format_date(datetime.fromisoformat(on), "d MMMM y", locale=language)


def isolated(name: str) -> str:
    """A name that keeps its own direction within a sentence."""
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def _listed(language: Language, parts: list[str]) -> str:
    return format_list(parts, locale=language)


def _sentence(language: Language, parts: list[str]) -> str:
    return f"{BOTH[language][0].join(parts)}."
