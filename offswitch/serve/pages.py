"""The pages that people see: one sentence, one button, in their language; no script, nothing loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from importlib.resources import files
from string import Template

from offswitch.messages.words import direction, primary

_TEMPLATE = Template(files("offswitch.serve").joinpath("page.html").read_text(encoding="utf-8"))
STYLE = files("offswitch.serve").joinpath("page.css").read_text(encoding="utf-8")


class View(StrEnum):
    """What a page is for."""

    ASK = "ask"
    DONE = "done"
    UNKNOWN = "unknown"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class House:
    """Who writes the mails, and where a person answers."""

    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """`button` is empty where there is nothing to press; `after` leads to the address where a person answers."""

    title: str
    text: str
    button: str = ""
    after: str = ""


_ENGLISH = {
    View.ASK: Words(
        "No more mail from us?",
        "Press the button, and we will send you no more news or offers by email. Answers to what you ask us for still reach you.",
        "Unsubscribe",
    ),
    View.DONE: Words(
        "You are unsubscribed",
        "We will send you no more news or offers by email. Answers to what you ask us for still reach you.",
        after="Was it a mistake? Write to",
    ),
    View.UNKNOWN: Words(
        "This link does not work",
        "Please open it once more from the mail. If that does not help, answer the mail: a person reads it.",
    ),
    View.LATER: Words(
        "Please try again in a minute",
        "We could not save your wish just now. It is our fault, not yours.",
        "Unsubscribe",
    ),
}
_ARABIC = {
    View.ASK: Words(
        "ألا تريد رسائلنا بعد الآن؟",
        "اضغط الزر ولن نرسل إليك بعد ذلك أخبارًا ولا عروضًا بالبريد الإلكتروني. أما الرد على ما تطلبه منا فسيصلك كالمعتاد.",
        "إلغاء الاشتراك",
    ),
    View.DONE: Words(
        "تم إلغاء اشتراكك",
        "لن نرسل إليك أخبارًا ولا عروضًا بالبريد الإلكتروني. أما الرد على ما تطلبه منا فسيصلك كالمعتاد.",
        after="حدث ذلك بالخطأ؟ اكتب إلينا على",
    ),
    View.UNKNOWN: Words(
        "هذا الرابط لا يعمل",
        "افتح الرابط مرة أخرى من الرسالة. وإن لم ينجح ذلك فأجب عن الرسالة نفسها، فهناك من يقرؤها.",
    ),
    View.LATER: Words(
        "حاول مرة أخرى بعد دقيقة",
        "لم نتمكن من حفظ طلبك الآن. الخطأ من جهتنا لا من جهتك.",
        "إلغاء الاشتراك",
    ),
}
_LANGUAGES = {"en": _ENGLISH, "ar": _ARABIC}


def page(view: View, language: str, house: House) -> str:
    """A whole HTML page; English where we have no words of the language."""
    spoken = primary(language) if primary(language) in _LANGUAGES else "en"
    words = _LANGUAGES[spoken][view]
    return _TEMPLATE.substitute(
        language=spoken,
        direction=direction(spoken),
        style=STYLE,
        view=view.value,
        house=escape(house.name),
        title=escape(words.title),
        text=escape(words.text),
        button=_BUTTON % escape(words.button) if words.button else "",
        after=_AFTER % (escape(words.after), *[escape(house.reply_to)] * 2) if words.after and house.reply_to else "",
    )


_BUTTON = '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>%s</button></form>'
_AFTER = '<p class="after">%s <a dir="ltr" href="mailto:%s">%s</a></p>'
