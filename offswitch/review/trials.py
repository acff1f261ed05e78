"""The experiments of a flow as its reviewers read them: what is asked, who gets which text, and how many people it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from offswitch.metrics.size import Size, shown
from offswitch.policy.experiments import Experiment
from offswitch.policy.values import written
from offswitch.review.counted import counted
from offswitch.review.words import Language

DAY = timedelta(days=1)
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("What is tried out", "ما يُجرَّب"),
    "texts": (
        "Texts: {texts}. Each person draws one, with equal chances, and keeps it.",
        "النصوص: {texts}. لكل شخص نص واحد بالقرعة وبفرص متساوية، ويبقى له.",
    ),
    "goal": ("It counts who reaches the goal within {within} after the mail.", "يُحسب من يبلغ الهدف خلال {within} من الرسالة."),
    "click": ("It counts who follows a link within {within} after the mail.", "يُحسب من يتبع رابطًا خلال {within} من الرسالة."),
    "reply": ("It counts who answers within {within} after the mail.", "يُحسب من يرد خلال {within} من الرسالة."),
    "days": ("From {starts} to {ends}; {owner} writes down what was learnt.", "من {starts} إلى {ends}، ويدوّن {owner} ما تعلمناه."),
    "size": (
        "It takes {people} to see the share go from {rate} to {better}.",
        "يظهر تغيّر النسبة من {rate} إلى {better} بعد {people}.",
    ),
    "lasts": ("As people come now, that is {days}.", "وبوتيرة القدوم الحالية يكتمل ذلك بعد {days}."),
    "too long": (
        "As people come now, that is {days}, and it ends after {planned}: look for a larger effect, or give it longer.",
        "وبوتيرة القدوم الحالية يكتمل ذلك بعد {days}، وتنتهي التجربة بعد {planned}: ابحث عن أثر أكبر أو أطِل المدة.",
    ),
    "nobody": ("Nobody has got this mail in the last 14 days.", "لم تصل هذه الرسالة إلى أحد في آخر 14 يومًا."),
    "open": (
        "How many people it takes is open, as nobody knows what share does it now: state it in `baseline`.",
        "عدد من يلزم غير معروف، لأن النسبة الحالية غير معروفة: اكتبها في `baseline`.",
    ),
    "waiting": ("It has not begun: everybody gets own.", "لم تبدأ بعد: يصل النص الأصلي own إلى الجميع."),
    "running": ("It runs now.", "هي جارية الآن."),
    "over": (
        "It is over, and nobody has written what was learnt: everybody gets own.",
        "انتهت ولم يدوّن أحد ما تعلمناه: يصل النص الأصلي own إلى الجميع.",
    ),
    "learnt": ("It is over: everybody gets own. Learnt: {learning}", "انتهت: يصل النص الأصلي own إلى الجميع. ما تعلمناه: {learning}"),
    "settled": ("Everybody gets {winner}. Learnt: {learning}", "يصل {winner} إلى الجميع. ما تعلمناه: {learning}"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One experiment on the day of the plan."""

    message: str
    experiment: Experiment
    size: Size
    today: date

    @property
    def state(self) -> str:
        """waiting, running, settled by a winner, over, or learnt from."""
        one = self.experiment
        if one.winner:
            return "settled"
        if one.over_on(self.today):
            return "learnt" if one.learning else "over"
        return "running" if one.runs_on(self.today) else "waiting"

    def to_json(self) -> dict[str, Any]:
        """For other tools."""
        one = self.experiment
        return {"message": self.message, "state": self.state, **one.canonical(), "owner": one.owner, "size": asdict(self.size)}


def sentence(language: Language, word: str, **values: object) -> str:
    """One of the sentences above. Raises KeyError for one that there isn't."""
    arabic = language == "ar"  # there a value stands apart, so that no date is turned round
    return WORDS[word][arabic].format(**({name: f"\u2068{value}\u2069" for name, value in values.items()} if arabic else values))


def in_words(language: Language, trial: Trial) -> Iterator[str]:
    """Whole sentences, without the hypothesis, which is the reader's own language already."""
    one = trial.experiment
    yield sentence(language, trial.state, winner=one.winner, learning=" ".join(one.learning.split()))
    yield sentence(language, "texts", texts=", ".join(one.variants))
    yield sentence(language, one.metric.value, within=_length(language, one.within))
    yield sentence(language, "days", starts=one.starts, ends=one.ends, owner=one.owner)
    if not one.over_on(trial.today):
        yield " ".join(_size(language, one, trial.size))


def _size(language: Language, one: Experiment, size: Size) -> Iterator[str]:
    if size.people is None or size.rate is None:
        yield sentence(language, "open")
        return
    better = size.rate + one.smallest_effect.ppm / 1_000_000
    yield sentence(language, "size", people=counted(language, "people", size.people), rate=shown(size.rate), better=shown(better))
    planned = (one.ends - one.starts).days + 1
    if size.days is None:
        yield sentence(language, "nobody")
    else:
        days = {"days": counted(language, "days", size.days), "planned": counted(language, "days", planned)}
        yield sentence(language, "too long" if size.days > planned else "lasts", **days)


def _length(language: Language, length: timedelta) -> str:
    return written(length) if length % DAY else counted(language, "days", length // DAY)
