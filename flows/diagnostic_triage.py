"""Diagnostic triage: say the result at once, then lead each segment to what helps it next."""

from offswitch import Decision, Facts, Journey, Plan, days, finish, hand_over, hours, send, update
from offswitch.events import CallBooked, DiagnosticCompleted, Replied

diagnostic_triage = Journey(
    "diagnostic_triage",
    starts_on=DiagnosticCompleted,
    goal=CallBooked,
    give_up_after=days(21),
    needs=("score",),
)


@diagnostic_triage.step
def triage(lead: Facts) -> Decision:
    """A result from half the answers would mislead, so a person asks for the rest."""
    missing = lead.score.missing
    if missing:
        return hand_over(
            f"ask for what is missing: {', '.join(missing)}",
            outcomes={"answered": result, "no answer": finish("answers missing")},
        )
    return Plan(then=result)


@diagnostic_triage.step
def result(lead: Facts) -> Decision:
    """The result was asked for, so everybody gets it at once; the CRM learns it in the same step."""
    score = lead.score
    return Plan(
        send("result", segment=score.segment),
        update(stage=score.stage, tags=list(score.tags), score=score.points, segment=score.segment),
        then=NEXT.get(score.segment, review),
        after=days(1) if score.segment in TAUGHT else days(0),
        or_when={Replied: answer},
    )


@diagnostic_triage.step
def review(lead: Facts) -> Decision:
    """A segment that no path leads on from is for a person to read."""
    return hand_over(
        f"read the answers and choose a path: {lead.score.segment}",
        outcomes={"ready": call, "learning": one_sheet, "not ready": fix_first, "none": finish("no path fits")},
    )


@diagnostic_triage.step
def call(lead: Facts) -> Decision:
    """Ready: a person calls and decides about an offer."""
    return hand_over(
        "call and decide about an offer",
        outcomes={"fit": finish("offer with a person"), "later": one_sheet, "no": finish("not a fit")},
    )


@diagnostic_triage.step
def one_sheet(lead: Facts) -> Decision:
    """Learning: the first exercise."""
    if not lead.may_get("marketing", "email"):
        return finish("no marketing consent")
    return Plan(send("one_sheet"), then=exact_points, after=days(4), or_when={Replied: answer})


@diagnostic_triage.step
def exact_points(lead: Facts) -> Decision:
    """Learning: the second exercise, and the way to a call for those who want one."""
    if not lead.may_get("marketing", "email"):
        return finish("no marketing consent")
    return Plan(send("exact_points"), then=finish("series complete"))


@diagnostic_triage.step
def fix_first(lead: Facts) -> Decision:
    """Not ready: what to mend by hand before any automation."""
    if not lead.may_get("marketing", "email"):
        return finish("no marketing consent")
    return Plan(send("fix_first"), then=finish("advised to fix by hand first"))


@diagnostic_triage.step
def answer(lead: Facts) -> Decision:
    """A reply ends the wait: a person answers and chooses what follows."""
    return hand_over(
        "answer the reply",
        outcomes={"call": call, "advice": exact_points, "in conversation": finish("in conversation")},
        due=hours(4),
    )


NEXT = {"ready": call, "learning": one_sheet, "not_ready": fix_first}
TAUGHT = ("learning", "not_ready")  # whoever gets advice has a day with the result first; a person's call waits for nothing
