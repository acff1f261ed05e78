"""The words for what is different between two plans, in English and Arabic side by side, and a policy's values in Arabic."""

from __future__ import annotations

from collections.abc import Mapping

from offswitch.gate.phrases import Phrases

CHANGE_WORDS: Mapping[str, tuple[str, str]] = {
    "diff title": ("Difference in", "الفرق في المسار"),
    "diff from": ("From the plan", "من الخطة"),
    "diff to": ("to the plan", "إلى الخطة"),
    "diff what": ("What is different", "ما الذي يختلف"),
    "diff changed": ("Changed: {what}.", "جرى تغيير {what}."),
    "diff none": ("Nothing is different.", "لا فرق بينهما."),
    "diff voids": ("What changed needs an approval.", "ما تغيّر يحتاج إلى اعتماد."),
    "diff covered": (
        "All of it is stricter or only about people: the approval still holds.",
        "كل ما تغيّر أشدّ أو يخص الأشخاص وحدهم: ويبقى الاعتماد ساريًا.",
    ),
    "reach": ("Who is reached", "من تصله الرسائل"),
    "newly": ("Newly reached", "من تصلهم لأول مرة"),
    "gone": ("No longer reached", "من لم تعد تصلهم"),
    "same people": ("The same people as before.", "الأشخاص أنفسهم كما كانوا."),
    "first of them": ("The first {n} of them", "أول {n} منهم"),
    "per message": ("How many get each mail", "عدد من تصلهم كل رسالة"),
    "policy says": ("What the policy says", "ما يقوله ملف القواعد"),
    "earlier": ("Before", "قبل"),
    "setting": ("Setting", "الإعداد"),
    "verdict on it": ("Approval", "الاعتماد"),
    "changed texts": ("What people read", "ما يقرؤه الناس"),
    "changed texts about": (
        "Each text as it reads, with made-up values. Struck through: what went. Underlined: what came.",
        "كل نص كما يُقرأ، بقيم مفترضة. المشطوب حُذف، والمسطّر أُضيف.",
    ),
    "text new": ("is new", "جديد"),
    "text gone": ("is gone", "حُذف"),
    "text changed": ("has changed", "تغيّر"),
    "purpose changed": ("Purpose: {before}, now {now}", "الغرض: {before}، والآن {now}"),
    "subject": ("Subject", "الموضوع"),
    "removed": ("removed", "حُذف"),
    "added": ("added", "أُضيف"),
    "changed steps": ("What the steps do", "ما تفعله الخطوات"),
    "changed steps about": (
        "The code of each step that changed, line by line. Who doesn't read code: ask whoever changed it what is different for people.",
        "شيفرة كل خطوة تغيّرت، سطرًا سطرًا. من لا يقرأ الشيفرة يسأل من غيّرها: ما الذي يختلف عند الناس؟",
    ),
    "step new": ("is new", "جديدة"),
    "step gone": ("is gone", "حُذفت"),
    "step changed": ("has changed", "تغيّرت"),
    "elsewhere": (
        "The code has changed, but in none of the steps themselves: in what they use.",
        "تغيّرت الشيفرة، لكن ليس في الخطوات نفسها بل فيما تستعمله.",
    ),
    "new warnings": ("New warnings", "تنبيهات جديدة"),
}

_VALUES = Phrases(
    (
        (r"worklist|hand_over", "يتولاها الفريق"),
        (r"none|—", "لا شيء"),
        (r"hold", "توقف مؤقتًا"),
        (r"review", "يراجعها شخص أولًا"),
        (r"skip", "لا تُرسل"),
        (r"send", "تُرسل"),
        (r"stop", "إيقاف"),
        (r"step_back", "خطوة إلى الوراء"),
        (r"yes", "نعم"),
        (r"no", "لا"),
        (r"quiet", "صمت"),
        (r"wall", "بالساعة"),
        (r"active", "أثناء العمل"),
        (r"restart", "من جديد"),
        (r"decision", "قرار"),
        (r"offer", "عرض"),
        (r"price", "سعر"),
        (r"closing", "إتمام صفقة"),
        (r"compensation", "تعويض"),
        (r"major_donor", "متبرع كبير"),
        (r"mass", "رسالة جماعية"),
        (r"ai_text", "نص كتبه الذكاء الاصطناعي"),
        (r"public_reply", "رد علني"),
        (r"1 contacts", "شخص واحد"),
        (r"(\d+) contacts", r"عدد الأشخاص \1"),
        (r"([\d,]+) per minute", r"\1 في الدقيقة"),
        (r"([\d,]+) per hour", r"\1 في الساعة"),
        (r"([\d,]+) per day", r"\1 في اليوم"),
        (r"([\d,]+) per week", r"\1 في الأسبوع"),
        (r"([\d.]+)h", r"\1 ساعة"),
        (r"([\d.]+)d", r"\1 يوم"),
        (r"([\d.]+)m", r"\1 دقيقة"),
        (r"complaint: (\S+)", r"شكاوى \1"),
        (r"unsubscribe: (\S+)", r"إلغاء اشتراك \1"),
        (r"bounce: (\S+)", r"ارتداد \1"),
    )
)


def value_in(language: str, text: str) -> str:
    """A value of a policy as a plan shows it, each part of a list by itself; what an author has named stays."""
    if language == "en":
        return text
    return "، ".join(_VALUES.arabic(part) or part for part in text.split(", "))
