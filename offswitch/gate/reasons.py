"""The machine's reasons in the reader's language. What an author or a colleague wrote stays as they wrote it."""

from __future__ import annotations

from typing import Literal

from offswitch.gate.phrases import Phrases

Language = Literal["en", "ar"]

_RULES = {
    "again": "كان هنا من قبل",
    "rollout": "التوسع",
    "holdout": "مجموعة المقارنة",
    "inflow": "وقت وصول النموذج",
    "release": "استئناف متدرج",
    "retired": "إنهاء المسار",
    "stop": "إيقاف",
    "mode": "وضع الشركة",
    "policy": "القواعد",
    "approval": "الاعتماد",
    "readiness": "الجاهزية",
    "review": "المراجعة",
    "suppression": "عنوان موقوف",
    "consent": "الموافقة",
    "facts": "معلومات ناقصة",
    "ticket": "طلب دعم مفتوح",
    "audience": "الجمهور",
    "exceptions": "استثناء",
    "ask": "حجم الطلب",
    "person": "قرار بشري",
    "late": "متأخرة",
    "quiet hours": "ساعات الهدوء",
    "cap": "حد الرسائل",
    "calendar": "أيام الراحة",
    "rate": "سرعة الإرسال",
    "mass": "موافقة ثانية",
    "silence": "شخص لا يتفاعل",
    "group": "مسار واحد لكل شخص",
    "priority": "الأولوية",
    "exclusive group": "مسار واحد لكل شخص",
    "connector": "نظام متصل",
    "step": "من المسار",
    "at": "فات وقتها",
    "exit": "حدث أنهى المسار",
    "give up": "انتهت المدة",
    "taken": "لدى زميل",
    "unknown": "غير مؤكد",
    "restored": "سجل مستعاد",
    "removed": "خطوة محذوفة",
}

_OCCASIONS = (
    ("ramadan", "رمضان"),
    ("eid_al_fitr", "عيد الفطر"),
    ("arafah", "يوم عرفة"),
    ("eid_al_adha", "عيد الأضحى"),
    ("islamic_new_year", "رأس السنة الهجرية"),
    ("ashura", "عاشوراء"),
    ("mawlid", "المولد النبوي"),
    ("national_day", "اليوم الوطني"),
    ("founding_day", "يوم التأسيس"),
    ("independence_day", "عيد الاستقلال"),
    ("new_years_day", "رأس السنة الميلادية"),
    ("labor_day", "عيد العمال"),
    ("christmas_day", "عيد الميلاد"),
)

_LIFTED = (
    ("quiet_hours", "ساعات الهدوء"),
    ("weekends", "عطلات نهاية الأسبوع"),
    ("blackouts", "أيام الصمت"),
    ("occasions", "المناسبات"),
    ("silence", "قاعدة من لا يتفاعل"),
    ("cap", "حدود الرسائل"),
    ("capacity", "حدود طاقة الفريق"),
    ("tier", "قاعدة الدور بين المسارات"),
    ("hold", "مدة البقاء في كل خطوة"),
)

_OFF = (
    (r"everything is off", "كل شيء متوقف"),
    (r"the company is in freeze", "الشركة في وضع التجميد"),
    (r"the company is in crisis", "الشركة في وضع الأزمة"),
    (r"flow (\S+) is off", r"المسار \1 متوقف"),
    (r"channel (\S+) is off", r"القناة \1 متوقفة"),
    (r"connector (\S+) is off", r"الربط مع \1 متوقف"),
    (r"step (\S+) is off", r"الخطوة \1 متوقفة"),
)


def _day(group: int | str) -> str:
    """A date among Arabic words, whose parts would else be shown in the wrong order."""
    return f"\u2066\\g{group if isinstance(group, str) else f'<{group}>'}\u2069"


_REASONS = Phrases(
    (
        (r"outside the rollout", "خارج التوسع"),
        (r"outside the pilot", "خارج التجربة المحدودة"),
        (r"not ready: (\d+) of (\d+) are open, see `(.+)`", r"غير جاهز بعد: بقي \1 من \2، انظر `\3`"),
        (r"ready for a pilot only: at most 5% or 50 contacts, see `(.+)`", r"جاهز لتجربة محدودة فقط: 5% أو 50 شخصًا على الأكثر، انظر `\1`"),
        (r"the manual runs are waived until (\S+) by (\S+) and (\S+): (?P<rest>.+)", r"أُعفي من التنفيذ اليدوي حتى \1 بقرار من \2 و\3"),
        (r"readiness runs out on (\S+): see `(.+)`", r"تنتهي الجاهزية في \1: انظر `\2`"),
        (
            r"nobody has looked at it since; a review was due on (\S+ \S+ UTC), see `(.+)`",
            rf"لم يراجعه أحد بعد، وكان موعد المراجعة {_day(1)}، انظر `\2`",
        ),
        (r"a review is due on (\S+ \S+ UTC), see `(.+)`", rf"موعد المراجعة {_day(1)}، انظر `\2`"),
        (r"next review until (\S+ \S+ UTC), last by (\S+) on (\S+)", rf"المراجعة القادمة قبل {_day(1)}، وآخر من راجع \2 في {_day(3)}"),
        (r"next review until (\S+ \S+ UTC), none yet", rf"المراجعة الأولى قبل {_day(1)}"),
        *(
            (rf"{rule} lifted until (\S+) by (.+?) and (.+?): (.+)", rf"{arabic} مرفوعة حتى {_day(1)} بقرار من \2 و\3: \4")
            for rule, arabic in _LIFTED
        ),
        (r"never enters, for comparison", "لا يدخل أبدًا، للمقارنة"),
        (r"waits for (\S+): (?P<rest>.+)", r"ينتظر المسار \1"),
        (r"its policy can't be read", "ملف قواعده غير مقروء"),
        (r"it is off", "هو متوقف"),
        (r"it is on step (\d+) of (\d+)", r"هو في الخطوة \1 من \2"),
        (r"it was off in the last (\S+)", r"كان متوقفًا خلال آخر \1"),
        (r"less than (\S+) on its last step", r"أقل من \1 في خطوته الأخيرة"),
        (r"complaint ([\d,]+) of ([\d,]+) sends, too many for a ceiling of (\S+)", r"شكاوى: \1 من \2 رسالة، والسقف \3"),
        (r"unsubscribe ([\d,]+) of ([\d,]+) sends, too many for a ceiling of (\S+)", r"إلغاء اشتراك: \1 من \2 رسالة، والسقف \3"),
        (r"bounce ([\d,]+) of ([\d,]+) sends, too many for a ceiling of (\S+)", r"ارتداد: \1 من \2 رسالة، والسقف \3"),
        (r"not one of those whom the flow is for", "ليس ممن يخصهم المسار"),
        (r"perhaps not for them; not known: (.+)", r"ربما لا يخصه المسار، وغير معروف: \1"),
        (r"perhaps an exception; not known: (.+)", r"ربما هو استثناء، وغير معروف: \1"),
        (r"not known: stage; it asks (\d) of 4", r"مرحلته غير معروفة، والرسالة تطلب \1 من 4"),
        (r"asks (\d) of 4; at the stage (\S+) at most (\d)", r"تطلب \1 من 4، والحد في المرحلة \2 هو \3"),
        (r"the trigger is too old to be acted on unseen", "النموذج قديم فيراجعه شخص أولًا"),
        (r"came while the flow was off", "وصل والمسار متوقف"),
        (r"the flow is retired", "أُنهي المسار"),
        (r"retired", "أُنهي المسار"),
        (r"retired by (\S+) and (\S+) at (.+ UTC).*", r"أنهاه \1 و\2، والموعد \3"),
        (r"([\d,]+) waited for the end of a stop: (\d+) per hour go out", r"انتظر \1 انتهاء الإيقاف، ويخرج \2 في الساعة"),
        (r"([\d,]+) waited for the end of a stop: (.+) go out", r"انتظر \1 انتهاء الإيقاف، والخروج متدرج: \2"),
        (r"a dry run", "تشغيل تجريبي"),
        (r"the flow is closing", "المسار في طور الإغلاق"),
        (r"was in this flow before", "كان في هذا المسار من قبل"),
        (r"was in this flow before for the same subject", "كان في هذا المسار من قبل للأمر نفسه"),
        (r"was in this flow not long ago", "كان في هذا المسار منذ وقت قريب"),
        (r"no consent for marketing by email", "لا توجد موافقة على الرسائل التسويقية بالبريد"),
        (r"no consent for (.+) by (.+)", r"لا توجد موافقة على \1 عبر \2"),
        (r"this address is suppressed for email", "هذا العنوان موقوف عن البريد"),
        (r"this address is suppressed for (.+)", r"هذا العنوان موقوف عن \1"),
        (r"already (\d+) in ([\d.]+) d", r"وصله \1 خلال \2 يوم"),
        (r"already (\d+) in ([\d.]+) h", r"وصله \1 خلال \2 ساعة"),
        (r"weekend in ([A-Z]{2})", r"عطلة نهاية الأسبوع في \1"),
        (r"weekend", "عطلة نهاية الأسبوع"),
        (r"blackout until (\S+): (.+)", r"لا رسائل تسويقية حتى \1: \2"),
        *((rf"{name} until (\S+), not confirmed", rf"{arabic}، حتى \1، والتاريخ غير مؤكد") for name, arabic in _OCCASIONS),
        *((rf"{name} until (\S+)", rf"{arabic}، حتى \1") for name, arabic in _OCCASIONS),
        (r"(\d+) begun already, at most (\d+) per minute", r"بدأ إرسال \1، والحد \2 في الدقيقة"),
        (r"(\d+) begun already, at most (\d+) per hour", r"بدأ إرسال \1، والحد \2 في الساعة"),
        (r"(\d+) begun already, at most (\d+) per day", r"بدأ إرسال \1، والحد \2 في اليوم"),
        (r"(\d+) begun already, at most (\d+) per (\S+)", r"بدأ إرسال \1، والحد \2 خلال \3"),
        (r"more than (\d+) per day: a second person has to approve", r"أكثر من \1 في اليوم، ويلزم اعتماد شخص ثانٍ"),
        (r"more than (\d+) per (\S+): a second person has to approve", r"أكثر من \1 خلال \2، ويلزم اعتماد شخص ثانٍ"),
        (r"a ticket is open, and it waited 7 days", "لديه طلب دعم مفتوح، وانتظرت الرسالة 7 أيام"),
        (r"a ticket is open", "لديه طلب دعم مفتوح"),
        (r"silent: (\d+) messages without an answer", r"لم يتفاعل بعد \1 رسائل"),
        (r"(\d+) messages without an answer: pauses grow (\S+)x", r"\1 رسائل بلا تفاعل، فتطول المدة بينها \2 مرات"),
        (r"the flow (\S+) of the group (\S+) goes first", r"المسار \1 من المجموعة \2 قبله"),
        (r"the flow (\S+) goes first; room for (\d+) under (.+)", r"المسار \1 قبله، والحد المشترك لا يتسع لغيره"),
        (r"is in the flow (\S+) of the same group", r"هو في المسار \1 من المجموعة نفسها"),
        (r"quiet hours in (.+)", r"ساعات الهدوء بتوقيت \1"),
        (r"(\d+) hours late", r"متأخرة \1 ساعة"),
        (r"a person decides: (.+)", r"القرار لشخص: \1"),
        (r"not known: (.+)", r"غير معروف: \1"),
        (r"(\S+) is not known and has no fallback", r"القيمة \1 غير معروفة ولا بديل لها في النص"),
        (r"(\S+) is not an address that a letter can go to", r"القيمة \1 ليست عنوانًا صالحًا للمراسلة"),
        (r"put off for too long: (?P<rest>.+)", "أُجّلت أطول من المسموح"),
        (r"held too long: ?(?P<rest>.*)", "أُوقفت مؤقتًا أطول من المسموح"),
        (r"in the hands of (.+)", r"يتولاها \1"),
        (r"the step (\S+) asks for a person", r"الخطوة \1 تحتاج إلى شخص"),
        (r"the step '?(.+?)'? is not in the flow any more", r"الخطوة \1 لم تعد في المسار"),
        (r"the step was removed", "حُذفت الخطوة التي كان فيها"),
        (r"done by hand", "أنجزه شخص"),
        (r"the step failed: (.+)", r"تعطّلت الخطوة: \1"),
        (r"the step returned (.+), not a decision", r"أعادت الخطوة \1 بدل قرار"),
        (r"(\w+:\S+): (?P<rest>.+)", r"\1"),
        (r"the worker died while it was on its way", "توقّف البرنامج والرسالة في طريقها"),
        (r"its time is over", "فات وقتها"),
        (r"may have gone out before the ledger was restored", "ربما أُرسلت قبل استعادة السجل"),
        (r"may have been answered already, before the ledger was restored", "ربما رُدّ عليه قبل استعادة السجل"),
        (
            r"(?P<rest>.+)\. May have been done already, before the ledger was restored: make sure first",
            "ربما أُنجز قبل استعادة السجل، فتأكد أولًا",
        ),
        (r"goal reached", "بلغ الهدف"),
        (r"gave up", "انتهت مدة المسار"),
        (r"no marketing consent", "لا توجد موافقة على الرسائل التسويقية"),
        (r"series complete", "اكتملت السلسلة"),
        *(
            (rf"{off} \((?P<by>[^)]*)\) until (?P<end>\S+ \S+ UTC)(?:: (?P<rest>.+))?", rf"{ar} (\g<by>) حتى {_day('<end>')}")
            for off, ar in _OFF
        ),
        *((rf"{off} \(guardrail\)(?:: (?P<rest>.+))?", rf"{ar} (حاجز أمان)") for off, ar in _OFF),
        *((rf"{off} \((?P<by>[^)]*)\)(?:: (?P<rest>.+))?", rf"{ar} (\g<by>)") for off, ar in _OFF),
        (r"by (\S+@\S+)", r"أوقفه \1"),
        (r"flow (\S+) is closing: nobody enters", r"المسار \1 في طور الإغلاق: لا يدخله أحد"),
        (r"not approved yet: see `(.+)`", "لم يُعتمد بعد"),
        (r"approved on (\S+) for (\S+): read the plan again, `(.+)`", r"اعتُمد في \1 لمدة \2، فأعد قراءة الخطة: `\3`"),
        (
            r"approved for ([\d,]+) people, and ([\d,]+) have entered since: read the plan again, `(.+)`",
            r"اعتُمد لعدد \1 من الناس ودخل بعدها \2، فأعد قراءة الخطة: `\3`",
        ),
        (r"the approval ends on (\S+): read the plan again, `(.+)`", r"ينتهي الاعتماد في \1، فأعد قراءة الخطة: `\2`"),
        (r"changed since approval: (.+)", r"تغيّر بعد الاعتماد: \1"),
        (r"there is no policy for this flow", "لا توجد قواعد لهذا المسار"),
        (r"(?P<rest>.+); a named approver ends it: `(.+)`", "لا ينهيه إلا معتمِد باسمه"),
    )
)


def reason_in(language: Language, text: str) -> str:
    """A reason, translated where it is one of the machine's own."""
    return text if language == "en" else _REASONS.arabic(text) or text


def occasion_in(language: Language, name: str) -> str:
    """A feast or a national day."""
    return dict(_OCCASIONS).get(name, name) if language == "ar" else name.replace("_", " ")


def rule_in(language: Language, rule: str) -> str:
    """The name of a rule."""
    return _RULES.get(rule, rule) if language == "ar" else rule


def why_in(language: Language, why: str) -> str:
    """A rule and its reason, written as `rule: reason`; also a reason alone."""
    rule, colon, reason = why.partition(": ")
    if colon and rule in _RULES:
        return f"{rule_in(language, rule)}: {reason_in(language, reason)}"
    return reason_in(language, why)
