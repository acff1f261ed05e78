"""The words of a forecast, in English and Arabic side by side, so that none can be missing in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

HYPHEN = "\u2011"  # at which no line is broken
Language = Literal["en", "ar"]

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Forecast of", "توقعات المسار"),
    "made": ("Made on", "أُعدّت في"),
    "span": ("{days} days, until {last}", "{days} يومًا حتى {last}"),
    "seed": ("Seed", "البذرة"),
    "clock": ("Days and hours of", "الأيام والساعات بتوقيت"),
    "honest": (
        (
            "This is a forecast: the real journeys, rules and people, run ahead in virtual time. Nothing was sent or changed. "
            "What people will do with a message is measured where there are enough messages, else assumed."
        ),
        (
            "هذه توقعات: المسارات والقواعد والأشخاص الحقيقيون، بزمن افتراضي. لم يُرسل شيء ولم يتغيّر شيء. "
            "ما سيفعله الناس بالرسائل مقيس حيث تكفي الرسائل، ومفترض فيما عدا ذلك."
        ),
    ),
    "all assumed": (
        "For this flow nothing could be measured yet: what people do is assumed throughout.",
        "لم يمكن قياس شيء لهذا المسار بعد: كل ما يفعله الناس مفترض.",
    ),
    "in the way": ("In the way today, and left out here", "ما يمنع اليوم، ولم يُحسب هنا"),
    "mails": ("mails", "رسائل"),
    "a day": ("a day on average", "يوميًا في المتوسط"),
    "busiest": ("on the busiest day, {day}", "في أكثر الأيام، {day}"),
    "now": ("in the first pass", "في الدورة الأولى"),
    "by hand": ("sent by people", "يرسلها الفريق"),
    "newcomers": ("newcomers", "قادمون جدد"),
    "items": ("items for people", "مهام للفريق"),
    "minutes": ("minutes", "دقائق"),
    "minutes most": ("minutes on the fullest day", "دقيقة في أكثر الأيام عملًا"),
    "left": ("inside at the end", "داخل المسار في النهاية"),
    "others": ("mails of other flows", "رسائل المسارات الأخرى"),
    "per day": ("Mails per day", "الرسائل في اليوم"),
    "per week": ("Mails per week", "الرسائل في الأسبوع"),
    "per hour": ("Mails by hour of the day", "الرسائل حسب ساعة اليوم"),
    "work": ("Work for people, in minutes", "عمل الفريق بالدقائق"),
    "no work": ("No work for people comes of it.", "لا ينتج عنه عمل للفريق."),
    "capacity": ("People have {capacity} minutes a day.", "لدى الفريق {capacity} دقيقة في اليوم."),
    "no capacity": (
        "The policy says no `capacity`: nobody has said how much people can do.",
        "لا تذكر القواعد `capacity`: لم يقل أحد كم يستطيع الفريق.",
    ),
    "too much": ("On {n} of the days it is more than that, first on {day}.", "في {n} من الأيام يزيد على ذلك، أولها {day}."),
    "enough": ("It is never more than that.", "ولا يزيد العمل على ذلك أبدًا."),
    "day": ("Day", "اليوم"),
    "week": ("Week from", "الأسبوع من"),
    "hour": ("Hour", "الساعة"),
    "rollout": ("The rollout", "التوسع"),
    "rollout how": (
        "Earliest dates, if the guardrails see no harm and people convert alike:",
        "أقرب المواعيد، إن لم تُظهر حواجز الأمان ضررًا وتساوى التحويل:",
    ),
    "only people": ("Only a person steps up here: this forecast stays on its step.", "لا يتوسع إلا بقرار شخص: تبقى التوقعات على الخطوة."),
    "waits hold": ("the step has not lasted for long enough", "لم تدم الخطوة بما يكفي"),
    "waits matured": ("too small a share of its sends is old enough", "حصة الرسائل التي مضى عليها وقت كافٍ صغيرة"),
    "waits number": ("too few of its sends are old enough", "الرسائل التي مضى عليها وقت كافٍ قليلة"),
    "waits capacity": ("people could not take over the work of the next step", "لا يستطيع الفريق تولي عمل الخطوة التالية"),
    "waits person": ("only a person steps up", "لا يتوسع إلا بقرار شخص"),
    "waits pilot": ("a pilot only: readiness", "تجربة محدودة فقط: الجاهزية"),
    "waits turn": ("another flow comes first", "مسار آخر أولًا"),
    "here": ("now", "الآن"),
    "not in time": ("not in this time", "ليس في هذه المدة"),
    "step": ("Step", "الخطوة"),
    "sight": ("When harm would be noticed", "متى يُلاحظ الضرر"),
    "sees": (
        "{metric}, ceiling {ceiling}: twice as much shows after {sends} sends, that is on {on}, after {days} days (in 8 of 10 cases).",
        "{metric}، السقف {ceiling}: يظهر الضعف بعد {sends} رسالة، أي في {on}، بعد {days} يومًا (في 8 من 10 حالات).",
    ),
    "sees not": (
        "{metric}, ceiling {ceiling}: twice as much shows after {sends} sends, which do not go out in this time.",
        "{metric}، السقف {ceiling}: يظهر الضعف بعد {sends} رسالة، وهي لا تخرج في هذه المدة.",
    ),
    "no guardrails": (
        "No guardrails are written: whatever harm it does, only a person stops it.",
        "لا حواجز أمان مكتوبة: مهما كان الضرر فلن يوقفه إلا شخص.",
    ),
    "complaint": ("complaints", "شكاوى"),
    "unsubscribe": ("opt-outs", "إلغاء اشتراك"),
    "bounce": ("bounces", "ارتداد"),
    "click": ("clicks", "نقرات"),
    "reply": ("replies", "ردود"),
    "goal": ("goal", "الهدف"),
    "put off": ("Put off, left out, turned away", "ما تأجل وما تُرك ومن لم يدخل"),
    "nothing put off": ("Nothing is put off or left out.", "لا شيء يتأجل أو يُترك."),
    "put off by": ("put off by", "تأجلت بسبب"),
    "left out by": ("left out by", "تُركت بسبب"),
    "not entered": ("not entered", "لم يدخلوا"),
    "collisions": ("Who loses room to whom", "من يفقد مكانه لمن"),
    "no collisions": ("No message waits for another one.", "لا رسالة تنتظر رسالة أخرى."),
    "collision": ("{loser} waits for {winner} ({rule})", "ينتظر {loser} بعد {winner} ({rule})"),
    "itself": ("{loser} waits for its own message before ({rule})", "ينتظر {loser} بعد رسالته السابقة ({rule})"),
    "end": ("How it ends for people", "كيف ينتهي بالناس"),
    "nobody ends": ("Nobody comes to an end in this time.", "لا ينتهي أحد في هذه المدة."),
    "inside": ("Who is inside at the end", "من يبقى داخله في النهاية"),
    "nobody inside": ("Nobody is left inside.", "لا يبقى أحد داخله."),
    "waiting": ("waiting", "ينتظر"),
    "held": ("held", "موقوف مؤقتًا"),
    "worklist": ("on the worklist", "في قائمة العمل"),
    "rests": ("What it rests on", "على ماذا تستند"),
    "message": ("Message", "الرسالة"),
    "sends": ("sent then", "تُرسل"),
    "legend": (
        "Shares of messages. Plain: measured here in the last 180 days, from {enough} sends on. * assumed. = said by whoever asked.",
        "نسب من الرسائل. بلا علامة: مقيسة هنا في آخر 180 يومًا، من {enough} رسالة فأكثر. * مفترضة. = ذكرها من طلب التوقعات.",
    ),
    "opened": (
        "Opened: {shares}. Opens decide nothing, and none are foreseen.",
        "فُتحت: {shares}. الفتح لا يقرر شيئًا ولا يُتوقع.",
    ),
    "inflow measured": (
        "Newcomers: {n} a day by {event}, the mean of the last {days}; each is a copy of somebody who really came.",
        "القادمون الجدد: {n} يوميًا عبر {event}، متوسط آخر {days}؛ كل منهم نسخة من شخص جاء فعلًا.",
    ),
    "inflow said": (
        "Newcomers: {n} a day by {event}, as said by whoever asked.",
        "القادمون الجدد: {n} يوميًا عبر {event}، كما ذكر من طلب التوقعات.",
    ),
    "strangers": (
        "Nobody came lately to take after: these newcomers have agreed to nothing.",
        "لم يأت أحد مؤخرًا ليُنسج على منواله: هؤلاء لم يوافقوا على شيء.",
    ),
    "delays": (
        "What people do they do after some hours, on average (assumed): {waits}.",
        "ما يفعله الناس يأتي بعد ساعات، في المتوسط (مفترض): {waits}.",
    ),
    "answers": (
        (
            "Colleagues answer every item {after} after it comes up ({source}), with each answer of a step as likely as the others. "
            "What nobody knows, and what is in doubt, stays on the list."
        ),
        (
            "يجيب الزملاء عن كل مهمة بعد {after} من ظهورها ({source})، وكل إجابة لخطوة محتملة كغيرها. "
            "ما لا يعرفه أحد وما فيه شك يبقى في القائمة."
        ),
    ),
    "assumed": ("assumed", "مفترض"),
    "said": ("as said", "كما ذُكر"),
    "together": ("Other flows that are on run along: {flows}.", "تجري معه المسارات العاملة الأخرى: {flows}."),
    "alone": ("No other flow is on.", "لا يعمل مسار آخر."),
    "not foreseen": (
        (
            "Not foreseen: what a text lacks for somebody, failures of connectors, edits, stops, harm above a ceiling, and on which day "
            "of the week people come. Approvals, readiness, lifted rules and the turn of other flows stay as they are now."
        ),
        (
            "لا يُتوقع: ما ينقص نصًا لشخص ما، ولا أعطال الأنظمة، ولا التعديلات، ولا الإيقاف، ولا ضرر فوق السقف، "
            "ولا أيام قدوم الناس في الأسبوع. وتبقى الاعتمادات والجاهزية والقواعد المرفوعة ودور المسارات الأخرى كما هي الآن."
        ),
    ),
    "again": (
        "The same command with the same seed on the same ledger says the same.",
        "الأمر نفسه بالبذرة نفسها على السجل نفسه يعطي النتيجة نفسها.",
    ),
    "table": ("The same as a table", "الأرقام نفسها في جدول"),
    "chart": ("{what}: from {least} to {most}, {all} in all.", "{what}: من {least} إلى {most}، والمجموع {all}."),
}


def say(language: Language, word: str, **values: object) -> str:
    """A word or sentence. Raises KeyError for one that there isn't."""
    text = WORDS[word][language == "ar"]
    if language == "ar":  # a date, a name or a number with its sign keeps the order of its parts
        values = {
            name: f"\u2068{str(value).replace('-', HYPHEN) if isinstance(value, date) else value}\u2069" for name, value in values.items()
        }
    return text.format(**values) if values else text
