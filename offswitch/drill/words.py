"""The words of the drill's report, in English and Arabic side by side, so that none can be missing in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "ar"]

# Each invariant: a short name, and what it promises.
INVARIANT_WORDS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "ends": (
        ("comes to its end", "Every run goes through; nothing in the engine breaks down."),
        ("تبلغ نهايتها", "كل جولة تكتمل، ولا يتعطل شيء في المحرك."),
    ),
    "once": (
        ("sent once", "No message is accepted twice, by the provider's own journal."),
        ("تُرسل مرة واحدة", "لا تُقبل رسالة مرتين، بحسب سجل مزوّد البريد نفسه."),
    ),
    "conserved": (
        ("nobody lost", "Everybody who came in stands in exactly one place, after every kill and at the end."),
        ("لا يضيع أحد", "كل من دخل يقف في موضع واحد فقط، بعد كل توقف مفاجئ وفي النهاية."),
    ),
    "off": (
        ("off is off", "Nothing starts after a stop is in force."),
        ("الإيقاف يوقف", "لا يبدأ شيء بعد سريان الإيقاف."),
    ),
    "listed": (
        ("list is the work", "The worklist holds all pending work and nothing else, with finished drafts."),
        ("القائمة هي العمل", "قائمة العمل تضم كل العمل المنتظر ولا شيء غيره، ومسودات جاهزة."),
    ),
    "same": (
        ("killed = undisturbed", "Killed and resumed, everybody gets what they would have got, in the same order."),
        ("كأن شيئًا لم يكن", "بعد التوقف المفاجئ والاستئناف يصل كلَّ شخص ما كان سيصله، وبالترتيب نفسه."),
    ),
    "doubts": (
        ("doubts are asked", "A person is asked about what was in doubt, and about nothing else."),
        ("الشك يُسأل عنه", "يُسأل شخص عما وقع فيه الشك، ولا يُسأل عن غيره."),
    ),
    "by_hand": (
        ("by hand stays", "What was done by hand is never sent by the machine."),
        ("ما أُنجز يدويًا يبقى", "ما أنجزه شخص لا يرسله النظام أبدًا."),
    ),
    "obeyed": (
        ("opt-outs obeyed", "Opt-outs, bounces, missing consent, a person's decision and the edge of the rollout hold."),
        ("احترام الرغبات", "إلغاء الاشتراك والعناوين المرتدة وغياب الموافقة وقرار الأشخاص وحدود التوسع كلها تسري."),
    ),
    "limits": (
        ("limits kept", "Limits per person and quiet hours hold, by machine and by hand together."),
        ("احترام الحدود", "حدود الرسائل لكل شخص وساعات الهدوء محفوظة، آليًا ويدويًا معًا."),
    ),
    "storm": (
        ("no storm", "After a stop, messages go out no faster than the policy releases them, and nothing stale."),
        ("لا اندفاع", "بعد الإيقاف لا تخرج الرسائل أسرع مما تسمح به القواعد، ولا يخرج ما فات وقته."),
    ),
    "untouched": (
        ("neighbours untouched", "Another flow's mail is the same, to the minute, with and without the stop."),
        ("المسارات الأخرى سليمة", "رسائل المسار الآخر هي نفسها، بالدقيقة، مع الإيقاف ودونه."),
    ),
    "figures": (
        ("figures add up", "Reported figures can be counted again from the outside."),
        ("الأرقام صحيحة", "الأرقام المعلنة يمكن عدّها من جديد من الخارج."),
    ),
    "audit": (
        ("history unchanged", "The log of changes is complete, and nothing in it was altered."),
        ("السجل سليم", "سجل التغييرات كامل، ولم يُبدَّل فيه شيء."),
    ),
    "repeatable": (
        ("repeatable", "The same seed gives the same result."),
        ("قابل للإعادة", "البذرة نفسها تعطي النتيجة نفسها."),
    ),
}

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Switch-off drill of", "تمرين إيقاف المسار"),
    "passed": ("Passed", "نجح"),
    "failed": ("Failed", "لم ينجح"),
    "passed lead": (
        "It was killed and switched off in every way below. Nobody was lost, and nothing went out twice.",
        "أُوقف فجأة وأُوقف بكل الطرق أدناه، ولم يضع أحد ولم تخرج رسالة مرتين.",
    ),
    "failed lead": (
        "Something happened that must never happen. Don't switch this flow on before it is mended.",
        "حدث ما يجب ألا يحدث أبدًا. لا تشغّل هذا المسار قبل إصلاحه.",
    ),
    "missed lead": (
        "Nothing was broken, but some places were never reached, so nothing is proven about them.",
        "لم يختلّ شيء، لكن مواضع لم يصل إليها أحد، فلا شيء مثبت عنها.",
    ),
    "made": ("Made on", "أُجري في"),
    "by": ("By", "أجراه"),
    "digest": ("Of version", "للإصدار"),
    "seed": ("Seed", "البذرة"),
    "took": ("Took", "استغرق"),
    "seconds": ("s", "ث"),
    "runs": ("runs of 30 days", "جولة من 30 يومًا"),
    "kills": ("workers killed", "عامل أُوقف فجأة"),
    "boundaries": ("places to die, all tried", "موضع توقف جُرّبت كلها"),
    "boundaries some": ("of the places to die tried", "من مواضع التوقف جُرّبت"),
    "letters": ("messages accepted", "رسالة قُبلت"),
    "checks": ("checks", "فحصًا"),
    "violations": ("violations", "مخالفة"),
    "what must hold": ("What must always hold", "ما يجب أن يصح دائمًا"),
    "checked": ("Checked", "مرات الفحص"),
    "broken": ("Broken", "المخالفات"),
    "ways": ("How it was switched off", "كيف أُوقف"),
    "times": ("times", "مرات"),
    "first": ("What went wrong first", "أول ما اختل"),
    "more": ("more of these", "أخرى مثلها"),
    "missed": ("Never reached", "لم يصل إليها أحد"),
    "missed why": (
        "No made-up person came there: look whether the step can be reached at all, or drill with more people:",
        "لم يصل إلى هناك أي شخص افتراضي: تأكد أن الخطوة يمكن بلوغها، أو أجرِ التمرين بأشخاص أكثر:",
    ),
    "notes": ("Notes", "ملاحظات"),
    "again": ("The same drill again", "التمرين نفسه مرة أخرى"),
    "copy": (
        "All of it happened on a copy, with made-up people and virtual time. Nothing left this machine.",
        "جرى كل ذلك على نسخة، بأشخاص افتراضيين وزمن افتراضي، ولم يخرج شيء من هذا الجهاز.",
    ),
    "place": ("Place", "الموضع"),
}

# The ways to switch off, by their English names.
WAYS_IN_ARABIC: Mapping[str, str] = {
    "file replaced by an editor": "استبدال الملف من محرر",
    "file truncated, then written": "تفريغ الملف ثم كتابته",
    "swap file of an editor": "ملف مؤقت من محرر",
    "file deleted": "حذف الملف",
    "file unreadable (chmod 000)": "ملف لا يُقرأ (chmod 000)",
    "invalid edit": "تعديل غير صالح",
    "switch: closing": "switch: closing",
    "when_off: hold": "when_off: hold",
    "company switch": "مفتاح الشركة كلها",
    "channel": "إيقاف القناة",
    "connector": "إيقاف الربط",
    "one step": "إيقاف خطوة واحدة",
    "stop file of the flow": "ملف إيقاف المسار",
    "stop file of everything": "ملف إيقاف كل شيء",
    "environment": "متغير البيئة",
    "ledger row": "الأمر offswitch off",
    "off in the middle of a batch": "إيقاف في منتصف دفعة",
    "stop file in the middle of a batch": "ملف إيقاف في منتصف دفعة",
    "ledger row in the middle of a batch": "سطر إيقاف في السجل في منتصف دفعة",
    "off while another worker is paused": "إيقاف وعامل آخر متجمد",
    "overtaken by another worker while paused": "عامل متجمد تولى آخر عمله",
    "off and on within a second": "إيقاف وتشغيل خلال ثانية",
    "off and on fifty times": "إيقاف وتشغيل خمسين مرة",
    "code changed while off": "تغيير الشيفرة أثناء الإيقاف",
    "off for fourteen days": "إيقاف أربعة عشر يومًا",
    "a worker process killed (SIGKILL)": "قتل عملية عامل (SIGKILL)",
    "a worker process frozen (SIGSTOP)": "تجميد عملية عامل (SIGSTOP)",
    "a worker process asked to end (SIGTERM)": "طلب إنهاء عملية عامل (SIGTERM)",
}


def say(language: Language, word: str) -> str:
    """A word of the report."""
    return WORDS[word][language == "ar"]


def invariant_in(language: Language, name: str) -> tuple[str, str]:
    """Its short name and its promise."""
    return INVARIANT_WORDS[name][language == "ar"]


def way_in(language: Language, way: str) -> str:
    """A way to switch off."""
    return WAYS_IN_ARABIC.get(way, way) if language == "ar" else way
