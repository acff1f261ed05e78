"""The words of a plan's summary and table of contents. Arabic sentences are built so that no number asks for another form."""

from __future__ import annotations

from collections.abc import Mapping

SUMMARY_WORDS: Mapping[str, tuple[str, str]] = {
    "in short": ("In short", "باختصار"),
    "contents": ("On this page", "في هذه الصفحة"),
    "short nobody": ("If you approve, nobody gets a mail now", "لو اعتمدتها فلن تصل الآن رسالة إلى أحد"),
    "short reach": ("If you approve, a mail goes out now to {people}", "لو اعتمدتها لوصلت رسالة الآن إلى {people}"),
    "short mails": ("If you approve, {mails} go out now, to {people}", "لو اعتمدتها لوصلت الرسائل الآن إلى {people}، بمجموع {mails}"),
    "short later": ("put off: {n}", "المؤجَّل: {n}"),
    "short refused": ("refused: {n}", "المرفوض: {n}"),
    "short by hand": ("the team gets {items} to do by hand", "ويُطلب من الفريق العمل يدويًا على {items}"),
    "short same": ("Nothing has changed since {by} approved it on {on}.", "لم يتغيّر شيء منذ اعتماد {by} في {on}."),
    "short same but": ("Since {by} approved it on {on} only people have changed", "منذ اعتماد {by} في {on} لم يتغيّر إلا الأشخاص"),
    "short since": ("Changed since {by} approved it on {on}: {what}", "منذ اعتماد {by} في {on} جرى تغيير {what}"),
    "short texts": ("the texts", "النصوص"),
    "short code": ("the code", "الشيفرة"),
    "short newly": (
        "newly reached: {new}, no longer reached: {gone}",
        "عدد من تصلهم الرسائل لأول مرة: {new}، ومن لم تعد تصلهم: {gone}",
    ),
    "short void": ("it needs a new approval", "ويلزم اعتماد جديد"),
    "short covered": ("all of it is stricter, and the approval holds", "وكل ذلك أشدّ فيبقى الاعتماد ساريًا"),
    "short warnings": ("Mind {warnings}", "انتبه إلى {warnings}"),
    "short no warnings": ("No warnings", "لا تنبيهات"),
    "short stranded": ("it can't be approved yet: people stand on removed steps", "ولا يمكن اعتمادها بعد: هناك من هم في خطوات محذوفة"),
    "short stays": ("something else stops it, even after the approval", "وهناك ما يوقف المسار حتى بعد الاعتماد"),
    "short work": (
        "switched off, it would be {n} minutes of work a day, and nobody has said how much people can take over",
        "وعند إيقافه تبلغ دقائق العمل في اليوم {n}، ولم يُكتب كم يستطيع الفريق",
    ),
    "short capacity": (
        "switched off, it would be {n} minutes of work a day, and people have {capacity}",
        "وعند إيقافه تبلغ دقائق العمل في اليوم {n}، وطاقة الفريق {capacity}",
    ),
    "short too much": (
        "switched off, it would be {n} minutes of work a day, more than the {capacity} that people have",
        "وعند إيقافه تبلغ دقائق العمل في اليوم {n}، وهي أكثر من طاقة الفريق {capacity}",
    ),
    "as desktop": ("On a computer", "على الحاسوب"),
    "as phone": ("On a phone", "على الهاتف"),
    "as": ("How wide the mails are shown", "عرض الرسائل كما تظهر"),
    "work sum": (
        "New items: {n}. Minutes of work: {minutes}, at {each} an item. Team:",
        "بنود جديدة: {n}. دقائق العمل: {minutes}، بواقع {each} للبند. الفريق:",
    ),
    "funnel": ("What becomes of those whose turn it is", "مصير من حان دورهم"),
    "part out": ("goes out", "يُرسل"),
    "part hand": ("by hand", "يدويًا"),
    "part later": ("put off", "مؤجَّل"),
    "part refused": ("refused", "مرفوض"),
    "part on": ("goes on", "ينتقل"),
    "ladder": ("Where the rollout stands", "موضع التوسع الآن"),
    "ladder now": ("now", "الآن"),
    "ladder about": (
        "Step {n} of {all}: {share} by the machine. A step lasts at least {hold}.",
        "الخطوة {n} من {all}: حصة الآلة {share}. أقل مدة للخطوة {hold}.",
    ),
    "capacity bar": ("Work a day by hand, against what people can take over", "العمل اليدوي في اليوم مقابل طاقة الفريق"),
    "guard chart": ("How many of so many sends are too many", "كم من كذا رسالة هو فوق الحد"),
    "guard of": ("{most} of {sends}", "{most} من {sends}"),
    "guard axes": ("across: mails sent; up: how many are too many", "أفقيًا: الرسائل المرسلة، ورأسيًا: ما هو فوق الحد"),
    "capacity work": ("the work: {n} minutes a day", "العمل بالدقائق في اليوم: {n}"),
    "capacity room": ("what people have: {n} minutes a day", "طاقة الفريق بالدقائق في اليوم: {n}"),
}
