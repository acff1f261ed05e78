"""What a runbook must say so that a colleague can do the work with this one sheet alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LINES, COLUMNS = 60, 100  # of one sheet of paper


class Lack(StrEnum):
    """What a runbook lacks, in the order in which people read one."""

    SHORT = "short"
    TRIGGER = "trigger"
    OWNER = "owner"
    DUE = "due"
    STEPS = "steps"
    BY_HAND = "by hand"
    DECISIONS = "decisions"
    END = "end"


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong, what to write, and both in Arabic."""

    what: str
    fix: str
    arabic: str


SAID: Mapping[Lack, Said] = {
    Lack.SHORT: Said("fills more than one sheet", f"keep to {LINES} lines", f"أطول من ورقة واحدة: اكتبه في {LINES} سطرًا على الأكثر"),
    Lack.TRIGGER: Said("doesn't say when the work begins", "add a line `When: …`", "لا يقول متى يبدأ العمل: أضف سطر «متى: …»"),
    Lack.OWNER: Said("doesn't say who does it", "add a line `Who: …`", "لا يقول من ينفّذه: أضف سطر «المسؤول: …»"),
    Lack.DUE: Said("doesn't say by when", "add a line `By when: …`", "لا يقول ما المهلة: أضف سطر «المهلة: …»"),
    Lack.STEPS: Said("has no numbered steps", "write 1., 2., 3. before them", "بلا خطوات مرقّمة: رقّمها 1. 2. 3."),
    Lack.BY_HAND: Said(
        "tells people to run the tool",
        "say what to do by hand, for the day when it is off",
        "يطلب تشغيل الأداة: اكتب ما يُفعل يدويًا وهي متوقفة",
    ),
    Lack.DECISIONS: Said(
        "doesn't say what people decide", "add a line `Decide: …`, or `In doubt: …`", "لا يقول ما القرارات: أضف سطر «القرارات: …»"
    ),
    Lack.END: Said("doesn't say when it ends", "add a line `It ends: …`", "لا يقول متى ينتهي: أضف سطر «ينتهي: …»"),
}

# How a line, or a sentence, begins that says it. A colon or the end of the line follows soon, unless the words end with "…".
WORDS: Mapping[Lack, tuple[str, ...]] = {
    Lack.TRIGGER: (
        "when", "trigger", "start", "starts", "it starts", "begins", "it begins", "it begins when…",
        "متى", "البداية", "يبدأ", "تبدأ", "يبدأ عندما…",
    ),
    Lack.OWNER: ("who", "owner", "team", "responsible", "من", "المسؤول", "المسؤولة", "الفريق", "المنفّذ"),
    Lack.DUE: ("by when", "due", "deadline", "sla", "time", "within", "المهلة", "الموعد", "قبل متى", "حتى متى", "خلال", "المدة"),
    Lack.DECISIONS: (
        "decide", "decision", "decisions", "you decide", "exceptions", "in doubt…", "if in doubt…",
        "القرار", "القرارات", "قرّر", "الاستثناءات", "عند الشك…", "في حال الشك…",
    ),
    Lack.END: (
        "end", "ends", "it ends", "it ends when…", "it is over when…", "exit", "finished", "done", "done when",
        "النهاية", "ينتهي", "تنتهي", "ينتهي عندما…", "تنتهي عندما…", "ينتهي العمل…",
    ),
}  # fmt: skip
TOOL = ("offswitch", "run the flow", "start the flow", "run the tool", "شغّل المسار", "تشغيل المسار", "شغّل الأداة")


def lacks(text: str) -> tuple[Lack, ...]:
    """What is missing or wrong; nothing of a runbook that a colleague can work by."""
    plain = _plain(text.strip())
    return tuple(lack for lack in Lack if _has(lack, plain) is (lack in (Lack.SHORT, Lack.BY_HAND)))


def _has(lack: Lack, plain: str) -> bool:
    if lack is Lack.SHORT:
        return sum(max(1, -(-len(line) // COLUMNS)) for line in plain.splitlines()) > LINES
    if lack is Lack.STEPS:
        return len(_NUMBERED.findall(plain)) > 1
    if lack is Lack.BY_HAND:
        return any(_plain(words) in plain for words in TOOL)
    return _BEGINS[lack].search(plain) is not None


def _plain(text: str) -> str:
    """Small letters without marks: with and without vowels, hamza or accents it is the same word."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(letter) != "Mn")


def _begins(words: tuple[str, ...]) -> re.Pattern[str]:
    """A line or a sentence begins so, marked as a heading or not."""
    labels = "|".join(re.escape(_plain(word)) for word in words if not word.endswith("…"))
    openings = "|".join(re.escape(_plain(word.removesuffix("…"))) for word in words if word.endswith("…"))
    said = rf"(?:{labels})\b(?:[^.:：\n]{{0,24}}(?::|$))" + (rf"|(?:{openings})\b" if openings else "")
    return re.compile(rf"(?:^|(?<!\d)[.!?؟]\s)[\s#*_>-]*(?:{said})", re.MULTILINE)


_BEGINS = {lack: _begins(words) for lack, words in WORDS.items()}
_NUMBERED = re.compile(r"(?:^|[.!?؟]\s)\s*\d{1,2}\s?[.):-]\s", re.MULTILINE)
