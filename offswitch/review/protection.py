"""What protects people from too much, at the wrong time or from two flows at once: each limit of the policy in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from offswitch.gate.reasons import occasion_in
from offswitch.policy.pace import PRIORITY, Pace
from offswitch.policy.schema import Effective
from offswitch.policy.values import written
from offswitch.review.change_words import value_in
from offswitch.review.words import Language, say

WORDS: Mapping[str, tuple[str, str]] = {
    "rate": ("This flow begins at most", "أقصى ما يبدؤه هذا المسار"),
    "company rate": ("All flows together begin at most", "أقصى ما تبدؤه المسارات معًا"),
    "weekends": ("Weekends in the person's country", "عطلة نهاية الأسبوع في بلد الشخص"),
    "quiet": ("marketing waits for the next working day", "ينتظر التسويق أول يوم عمل"),
    "blackouts": ("No marketing", "أيام بلا تسويق"),
    "occasions": ("Feasts and national days without marketing", "أعياد ومناسبات بلا تسويق"),
    "silence": ("Whoever doesn't answer", "من لا يتفاعل"),
    "slower": (
        "from {after} messages on pauses grow {slower}; after {stop} nothing more is sent",
        "تطول المدة بعد {after} رسائل ({slower})، ولا شيء بعد {stop}",
    ),
    "priority": ("Its rank where two flows want one person (1 to 100)", "أولويته حين يتنافس مساران على شخص (1 إلى 100)"),
    "group": ("Only one flow of this group acts for a person at a time", "لا يعمل للشخص إلا مسار واحد من هذه المجموعة"),
    "asks": ("How much a mail may ask, by stage (0 to 4)", "أقصى ما تطلبه الرسالة في كل مرحلة (0 إلى 4)"),
}


class Limit(NamedTuple):
    """One line of the box. `value` is written as in the policy where `plain` is no."""

    label: str
    value: str
    plain: bool = False


def in_words(language: Language, policy: Effective) -> Iterator[Limit]:
    """Every limit that this policy has, the most important first."""
    yield Limit(say(language, "cap"), ", ".join(map(str, policy.caps)))
    yield Limit(say(language, "quiet"), str(policy.quiet or "—"))
    yield from _pace(language, policy.pace)
    if policy.facts.max_ask:
        yield Limit(_word(language, "asks"), ", ".join(f"{stage} {ask}" for stage, ask in policy.facts.max_ask.items()))
    yield Limit(say(language, "ramp"), " → ".join(map(str, policy.rollout.steps)))
    yield Limit(say(language, "outside"), say(language, f"outside {policy.rollout.outside.value}"), plain=True)
    late = f"{say(language, 'late')} {value_in(language, written(policy.late_after))}"
    yield Limit(late, say(language, f"late {policy.late_then.value}"), plain=True)
    yield Limit(say(language, "humans"), ", ".join(sorted(policy.humans_decide)))


def _pace(language: Language, pace: Pace) -> Iterator[Limit]:
    for name, rate in (("rate", pace.flow_rate), ("company rate", pace.company_rate)):
        if rate is not None:
            yield Limit(_word(language, name), str(rate))
    days = pace.calendar
    if days.weekends:
        yield Limit(_word(language, "weekends"), _word(language, "quiet"), plain=True)
    for one in days.blackouts:
        yield Limit(_word(language, "blackouts"), f"{one.first} – {one.last}: {one.why}")
    if days.occasions:
        yield Limit(_word(language, "occasions"), ", ".join(occasion_in(language, one.name.value) for one in days.occasions), plain=True)
    if pace.silence is not None:
        said = {"after": pace.silence.after, "slower": pace.silence.slower, "stop": pace.silence.stop}
        yield Limit(_word(language, "silence"), _word(language, "slower", **said), plain=True)
    if pace.priority != PRIORITY:
        yield Limit(_word(language, "priority"), str(pace.priority))
    if pace.group:
        yield Limit(_word(language, "group"), pace.group)


def as_json(policy: Effective) -> dict[str, Any]:
    """The same for other tools; what the policy doesn't limit is null or empty."""
    pace = policy.pace
    return {
        "per_contact": [str(cap) for cap in policy.caps],
        "quiet_hours": str(policy.quiet) if policy.quiet else None,
        "rate": str(pace.flow_rate) if pace.flow_rate else None,
        "company_rate": str(pace.company_rate) if pace.company_rate else None,
        "weekends": {where: [day.value for day in days] for where, days in pace.calendar.weekends.items()},
        "blackouts": [{"from": one.first, "to": one.last, "why": one.why} for one in pace.calendar.blackouts],
        "occasions": [one.name.value for one in pace.calendar.occasions],
        "silence": str(pace.silence) if pace.silence else None,
        "priority": pace.priority,
        "exclusive_group": pace.group or None,
        "max_ask": dict(policy.facts.max_ask),
        "rollout": [str(rung) for rung in policy.rollout.steps],
        "outside": policy.rollout.outside.value,
        "late_after": written(policy.late_after),
        "late_then": policy.late_then.value,
        "humans_decide": sorted(policy.humans_decide),
        "when_off": policy.when_off.value,
    }


def _word(language: Language, word: str, **values: object) -> str:
    return WORDS[word][language == "ar"].format(**values)
