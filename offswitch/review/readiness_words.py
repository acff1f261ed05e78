"""What readiness asks, in English and Arabic side by side: the question, what a no means, and what to do first, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from offswitch.gate.readiness import RUNBOOK, RUNS, SHEET, STABILITY, Grade, Reading, State
from offswitch.policy.readiness import DRILL


class Asks(NamedTuple):
    """One item in one language."""

    question: str
    means: str
    first: str


ITEMS: Mapping[str, tuple[Asks, Asks]] = {
    "manual_process_is_clear": (
        Asks(
            "Is the process clear by hand, on one sheet, from first touch to delivery?",
            "What nobody can explain, the machine repeats faster, mistakes included.",
            "Do it by hand with one customer and write each step down on one page.",
        ),
        Asks(
            "هل العملية واضحة يدويًا، على ورقة واحدة، من أول تواصل حتى التسليم؟",
            "ما لا يستطيع أحد شرحه تكرره الآلة أسرع، بأخطائه.",
            "نفّذها يدويًا مع عميل واحد، واكتب كل خطوة في صفحة واحدة.",
        ),
    ),
    "conversion_points_are_known": (
        Asks(
            "Is it known exactly when a visitor is a lead, a lead an opportunity, and who is ready to buy?",
            "The machine will speak of buying to people who have only just arrived.",
            "Look at the last ten customers and name the act that made each of them move on.",
        ),
        Asks(
            "هل نعرف بدقة متى يصبح الزائر عميلًا محتملًا، ومتى يصبح فرصة، ومن هو الجاهز للشراء؟",
            "ستتحدث الآلة عن الشراء مع من وصل للتو.",
            "راجع آخر عشرة عملاء، وسمِّ الفعل الذي نقل كلًّا منهم إلى المرحلة التالية.",
        ),
    ),
    "serves_the_customer": (
        Asks(
            "Does it serve the customer, and not only the team?",
            "It saves your time and costs you their trust.",
            "Read the drafts of `offswitch plan` as if you were the customer; take out what you wouldn't miss.",
        ),
        Asks(
            "هل تخدم العميل، لا الفريق وحده؟",
            "توفّر وقتك وتخسر ثقته.",
            "اقرأ مسودات `offswitch plan` كأنك العميل، واحذف ما لن تفتقده.",
        ),
    ),
    DRILL: (
        Asks(
            "Can it be switched off without collapse? (Only a drill answers this.)",
            "On the day when you must stop it, customers are lost.",
            "Let one of the team run `offswitch drill {flow} --by ADDRESS`, and mend what it finds. It counts for the flow as it is now.",
        ),
        Asks(
            "هل يمكن إيقافها دون انهيار المشروع؟ (لا يجيب عن هذا إلا تجربة الإيقاف.)",
            "يوم تضطر إلى إيقافها ستفقد عملاء.",
            "ليشغّل أحد الفريق `offswitch drill {flow} --by ADDRESS` ثم أصلحوا ما يكشفه. نتيجته تخص المسار كما هو الآن.",
        ),
    ),
    "worry": (
        Asks(
            "What really worries the customer here?",
            "The first message answers a question that nobody asked.",
            "Ask five customers what worried them before they wrote to you. Note their words.",
        ),
        Asks(
            "ما الذي يقلق العميل فعليًا؟",
            "ستجيب الرسالة الأولى عن سؤال لم يطرحه أحد.",
            "اسأل خمسة عملاء عما أقلقهم قبل أن يراسلوكم، ودوّن كلماتهم.",
        ),
    ),
    "hesitation": (
        Asks(
            "What makes the customer hesitate?",
            "The machine will press where people need time or an answer.",
            "Talk to three who did not go on, and write down what held them back.",
        ),
        Asks(
            "ما الذي يجعل العميل يتردد؟",
            "ستضغط الآلة حيث يحتاج الناس إلى وقت أو إلى جواب.",
            "تحدّث مع ثلاثة لم يكملوا الطريق، واكتب ما أوقفهم.",
        ),
    ),
    "moment_of_commitment": (
        Asks(
            "When does the customer decide?",
            "The offer comes too early or too late.",
            "Go through your last conversations and mark the moment in which the decision fell.",
        ),
        Asks(
            "متى يتخذ العميل قراره؟",
            "سيصل العرض قبل أوانه أو بعده.",
            "راجع آخر محادثاتكم وحدّد اللحظة التي اتُّخذ فيها القرار.",
        ),
    ),
    "language": (
        Asks(
            "In which words does the customer speak of it?",
            "The messages sound like you, and not like them.",
            "Collect ten sentences from forms and replies, word for word.",
        ),
        Asks(
            "بأي كلمات يتحدث العميل عن الأمر؟",
            "ستشبه الرسائل كلامكم لا كلامهم.",
            "اجمع عشر جمل من النماذج والردود كما كُتبت.",
        ),
    ),
    SHEET: (
        Asks(
            "Does the runbook say it all on one sheet: when, who, by when, steps, decisions, the end?",
            "Whoever takes over has to guess, or to ask the one who is on holiday.",
            "Write it for a colleague who starts today, in {flow}.yaml; `offswitch check` says what is missing.",
        ),
        Asks(
            "هل يقول دليل العمل كل شيء على ورقة واحدة: متى ومن والمهلة والخطوات والقرارات والنهاية؟",
            "من يتولى العمل سيخمّن، أو سيسأل من هو في إجازة.",
            "اكتبه في {flow}.yaml لزميل يبدأ اليوم، و`offswitch check` يبيّن ما ينقصه.",
        ),
    ),
    RUNBOOK: (
        Asks(
            "Do two people of the team know the runbook as it is now?",
            "When the flow is off, nobody knows what to do, or everybody does something else.",
            "Let two of the team read it and say so: `offswitch readiness {flow} --ack --by ADDRESS`.",
        ),
        Asks(
            "هل يعرف اثنان من الفريق دليل العمل كما هو الآن؟",
            "حين يتوقف المسار لن يعرف أحد ما العمل، أو سيفعل كل واحد شيئًا مختلفًا.",
            "ليقرأه اثنان من الفريق ثم يؤكدا ذلك: `offswitch readiness {flow} --ack --by ADDRESS`.",
        ),
    ),
    RUNS: (
        Asks(
            "Did it work by hand often enough?",
            "Never automate what has not worked by hand.",
            "Leave the flow off: its work is on the list, `offswitch worklist`. Do {left} more to the end.",
        ),
        Asks(
            "هل نجحت يدويًا مرات كافية؟",
            "لا تُؤتمت شيئًا لم ينجح يدويًا أولًا.",
            "أبقِ المسار متوقفًا: عمله في القائمة، `offswitch worklist`. الباقي حتى النهاية: {left}.",
        ),
    ),
    STABILITY: (
        Asks(
            "Does it go the same way from case to case?",
            "The machine knows one way; the others go wrong without a sound.",
            "Compare the cases that went another way, and agree on one; write the exceptions into the runbook.",
        ),
        Asks(
            "هل تسير بالطريقة نفسها من حالة إلى أخرى؟",
            "الآلة تعرف طريقًا واحدًا، وما عداه يفشل دون أن ينتبه أحد.",
            "قارن الحالات التي خالفت الطريق واتفقوا على طريق واحد، واكتبوا الاستثناءات في دليل العمل.",
        ),
    ),
}
GRADES: Mapping[Grade, tuple[str, str]] = {
    Grade.ELIGIBLE: ("eligible: the machine may go as far as the rollout goes", "مؤهل: للآلة أن تمضي بقدر ما يسمح به التوسع"),
    Grade.PILOT: ("pilot only: 5% of people, or 50 of them", "تجربة محدودة فقط: 5% من الناس أو 50 شخصًا"),
    Grade.BLOCKED: ("blocked: people do the work", "موقوف: يتولى الفريق العمل يدويًا"),
}
READINGS: Mapping[Reading, tuple[str, str]] = {
    Reading.MOSTLY_NO: (
        "Mostly no: the automation comes before the system. Stop here, and work by hand first.",
        "معظمها لا: الأتمتة تسبق النظام. توقّف هنا، واعمل يدويًا أولًا.",
    ),
    Reading.WAVERING: (
        "Wavering: the danger zone, and repairable. Mend what is open before you grow.",
        "إجابات مترددة: منطقة خطِرة لكنها قابلة للإصلاح. أصلح ما بقي قبل أن تتوسع.",
    ),
    Reading.MOSTLY_YES: (
        "Mostly yes: the automation is conscious. Look again when an answer runs out.",
        "معظمها نعم: أتمتة واعية. أعد النظر حين تنتهي صلاحية إجابة.",
    ),
}
STATES: Mapping[State, tuple[str, str]] = {
    State.YES: ("yes", "نعم"),
    State.NO: ("no", "لا"),
    State.UNSURE: ("unsure", "غير متأكد"),
    State.MISSING: ("missing", "ناقص"),
    State.EXPIRED: ("expired", "انتهت صلاحيته"),
    State.CHANGED: ("changed since", "تغيّر بعدها"),
    State.WAIVED: ("waived", "مُعفى منه"),
    State.TOO_FEW: ("too few to judge", "أقل من أن يُحكم عليه"),
    State.UNPRACTISED: ("by nobody of the team", "لم يُجرِه أحد من الفريق"),
    State.QUICK: ("quick, for a pilot only", "تجربة سريعة، لتجربة محدودة فقط"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("READINESS OF {flow}", "جاهزية المسار {flow}"),
    "four": ("THE FOUR QUESTIONS ({yes} of 4 are yes)", "الأسئلة الأربعة (الإجابات بنعم: {yes} من 4)"),
    "customer": ("THE CUSTOMER", "العميل"),
    "hands": ("THE WORK BY HAND", "العمل اليدوي"),
    "means": ("What it means", "معنى ذلك"),
    "first": ("First, by hand", "أولًا، يدويًا"),
    "evidence": ("Evidence", "الدليل"),
    "counts until": ("counts until {until}", "يُحتسب حتى {until}"),
    "ran out": ("ran out after {until}", "انتهى بعد {until}"),
    "have people": ("{have} of {need} people", "الأشخاص: {have} من {need}"),
    "have runs": ("{have} of {need} finished by hand", "ما اكتمل يدويًا: {have} من {need}"),
    "have share": ("{have}% took one path, {need}% are needed", "سلكت طريقًا واحدًا: {have}%، والمطلوب {need}%"),
    "need share": ("judged from 5 on; {need}% must take one path", "يُحكم عليه بعد 5 حالات، والمطلوب {need}% على طريق واحد"),
    "waived": ("waived until {until} by {by}: {why}", "أعفى منه حتى {until}: {by}. السبب: {why}"),
    "waiver over": ("the waiver of {by} ended after {until}", "انتهى بعد {until} إعفاء {by}"),
    "answer them": ("To answer what is open:", "للإجابة عما بقي:"),
    "not asked": (
        "Nothing is asked of {flow}: neither company.yaml nor {flow}.yaml has a section readiness.",
        "لا يُسأل المسار {flow} عن شيء: لا قسم readiness في company.yaml ولا في {flow}.yaml.",
    ),
    "to ask": (
        "To ask every flow, write `readiness: {{}}` into company.yaml. Flows without answers then go to people.",
        "ليُسأل كل مسار اكتب `readiness: {{}}` في company.yaml، وعندها ينتقل كل مسار بلا إجابات إلى الفريق.",
    ),
    "turned on": (
        "From now on readiness is asked of {flow}: until all is answered, people do its work.",
        "من الآن يُسأل المسار {flow} عن جاهزيته، ويتولى الفريق عمله حتى تكتمل الإجابات.",
    ),
    "ask": ("yes, no or unsure (empty: leave it)", "نعم أو لا أو غير متأكد (فارغ: اتركه)"),
    "tell": ("In a sentence (empty: leave it)", "في جملة (فارغ: اتركه)"),
    "show": ("Where can it be seen? (page, file, notes)", "أين الدليل؟ (صفحة أو ملف أو ملاحظات)"),
    "not understood": ("answer yes, no or unsure", "أجب بنعم أو لا أو غير متأكد"),
    "needs evidence": ("an answer needs evidence", "الإجابة تحتاج إلى دليل"),
    "recorded": ("Written into {path}: {names}", "كُتب في {path}: {names}"),
    "nothing new": ("Nothing was answered; nothing is written.", "لم تُكتب إجابة، ولم يتغيّر شيء."),
    "known": ("{by} knows the runbook ({digest}).", "أكّد {by} معرفته دليل العمل ({digest})."),
    "waive now": ("waived until {until} by {by}", "أُعفي حتى {until} بقرار من {by}"),
}
