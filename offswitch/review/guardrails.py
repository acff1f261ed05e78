"""What stops a flow by itself, as a table that a reviewer can check, and how many sends it takes to see harm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from offswitch.metrics.e_process import sends_to_see, stop_at
from offswitch.policy.schema import Effective, Metric
from offswitch.review.words import Language

SIZES = (50, 100, 200, 500, 1_000, 2_000, 5_000)
SENTENCES: Mapping[str, tuple[str, str]] = {
    "title": ("What stops it by itself", "ما يوقفه تلقائيًا"),
    "none": (
        "No guardrails are written: whatever harm it does, only a person stops it.",
        "لا حواجز أمان مكتوبة: مهما كان الضرر فلن يوقفه إلا شخص.",
    ),
    "table": (
        "Stop at so many, of so many sends (looked at before every batch; a false alarm in at most 5% of flows):",
        "يتوقف عند هذا العدد من هذا العدد من الرسائل (يُفحص قبل كل دفعة، والإنذار الكاذب في 5% من المسارات على الأكثر):",
    ),
    "of": ("of sends", "من رسائل"),
    "complaint": ("complaints", "شكاوى"),
    "unsubscribe": ("opt-outs", "إلغاء اشتراك"),
    "bounce": ("bounces", "ارتداد"),
    "sees": (
        "{metric}, ceiling {ceiling}: twice as much is seen after {twice} sends, three times after {thrice} (in 8 of 10 cases).",
        "{metric}، السقف {ceiling}: يظهر الضعف بعد {twice} رسالة، وثلاثة الأضعاف بعد {thrice} (في 8 من 10 حالات).",
    ),
    "stop": ("Then it is switched off, and its work goes where `when_off` says.", "وعندئذ يتوقف، ويذهب عمله إلى حيث يقول `when_off`."),
    "hold": ("Then its work is held.", "وعندئذ يبقى عمله معلّقًا."),
    "step_back": ("Then its work is held, and the rollout goes one step back.", "وعندئذ يبقى عمله معلّقًا، ويعود التوسع خطوة."),
    "release": (
        "Only a named approver lets it go on: `offswitch rollout {flow} --release`.",
        "ولا يعيده إلا معتمِد باسمه: `offswitch rollout {flow} --release`.",
    ),
    "grows": (
        "While no harm is seen, the machine's share grows by itself, one step at a time.",
        "ما دام لا يظهر ضرر تتوسع حصة الآلة تلقائيًا، خطوة بعد خطوة.",
    ),
}


def sentence(language: Language, word: str, **values: object) -> str:
    """One of the sentences above. Raises KeyError for one that there isn't."""
    return SENTENCES[word][language == "ar"].format(**values)


def limits(policy: Effective) -> dict[Metric, list[int]]:
    """By metric, how many of each of `SIZES` sends are too many."""
    guards = len(policy.guardrails)
    return {metric: [stop_at(ceiling.ppm, guards, sends) for sends in SIZES] for metric, ceiling in policy.guardrails.items()}


def in_words(language: Language, policy: Effective, flow: str) -> Iterator[str]:
    """How much it takes to see harm, what happens then, and what happens while none is seen."""
    guards = len(policy.guardrails)
    for metric, ceiling in policy.guardrails.items():
        twice, thrice = (f"{sends_to_see(ceiling.ppm, guards, times):,}" for times in (2, 3))
        yield sentence(language, "sees", metric=sentence(language, metric.value), ceiling=ceiling, twice=twice, thrice=thrice)
    yield f"{sentence(language, policy.on_breach.value)} {sentence(language, 'release', flow=flow)}"
    if policy.grows_by_itself:
        yield sentence(language, "grows")


def as_lines(policy: Effective) -> Iterator[str]:
    """The table for a terminal."""
    yield "  " + f"{sentence('en', 'of'):<12}" + "".join(f"{sends:>8,}" for sends in SIZES)
    for metric, row in limits(policy).items():
        yield "  " + f"{sentence('en', metric.value):<12}" + "".join(f"{most:>8,}" for most in row)


def as_json(policy: Effective) -> dict[str, Any]:
    """For other tools: `stop_at` maps sends to how many of them are too many, `sees` a rate to the sends that show it."""
    guards, table = len(policy.guardrails), limits(policy)
    return {
        "on_breach": policy.on_breach.value,
        "grows_by_itself": policy.grows_by_itself,
        "metrics": {
            metric.value: {
                "ceiling": str(ceiling),
                "stop_at": {str(sends): most for sends, most in zip(SIZES, table[metric], strict=True)},
                "sees": {f"{times}x": sends_to_see(ceiling.ppm, guards, times) for times in (2, 3)},
            }
            for metric, ceiling in policy.guardrails.items()
        },
    }
