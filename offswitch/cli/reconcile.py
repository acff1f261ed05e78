"""`offswitch reconcile`: what may have been done and nobody knows, after a crash, a restored ledger or a clock that was set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from offswitch.act.unknown import settle_unknown
from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import desks, person
from offswitch.errors import Refused
from offswitch.intake.opt_outs import obey_missing
from offswitch.model.effect import Effect
from offswitch.model.receipt import Outcome
from offswitch.model.work import item_id
from offswitch.policy.effective import SECOND_PERSON_ABOVE
from offswitch.project.agreement import Wish, two_people
from offswitch.project.project import Project
from offswitch.project.recovery import Survey, accept, loss_of, survey

_SCHEMA = "offswitch.reconcile/1"


@click.command("reconcile")
@click.argument("flow", required=False)
@click.option("--accept", "accepts", is_flag=True, help="Go on with a restored ledger: what may have been done is asked first.")
@click.option("--clock", "clock_is_right", is_flag=True, help="Say that this machine's clock is right.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--why", default="", help="The reason, for everybody who looks later.")
@json_option
def command(flow: str | None, accepts: bool, clock_is_right: bool, by: str | None, why: str, as_json: bool) -> None:
    """Find out what nobody knows: asks the connectors, lists what is left.

    After a restored backup it says what is lost and what may go out twice;
    nothing is sent until a named person says --accept --why REASON. Then every
    step that may have been done is a question on the worklist, not a mail.
    """
    project = Project()
    if clock_is_right:
        _believe_clock(project, person(project, by), _reason(why), as_json)
        return
    if accepts and flow:
        raise click.UsageError("a ledger is restored for all flows: say --accept without FLOW")
    applied = obey_missing(project.ledger, project.opt_outs, project.clock.now())
    with desks(project, flow) as open_desks:
        asked = {desk.journey.name: settle_unknown(desk) for desk in open_desks}
    data: dict[str, Any] = {"schema": _SCHEMA, "opt_outs_applied": applied, "flows": {name: _told(*each) for name, each in asked.items()}}
    lines = [*_applied(applied), *(line for name, each in asked.items() for line in _in_words(name, *each))]
    loss = loss_of(project)
    if loss is None:
        if accepts:
            raise Refused("the ledger is whole: there is nothing to accept")
        answer(data | {"restored": None}, as_json, lambda: "\n".join(lines) or "Nothing is in doubt, and the ledger is whole.")
        return
    with desks(project) as open_desks:
        seen = survey(project, loss, open_desks)
        data |= {"restored": _damage(seen)}
        lines += _risk(seen)
        if accepts:
            _accept(project, seen, person(project, by), _reason(why), data, lines, as_json)
            return
    answer(data, as_json, lambda: "\n".join(lines))
    raise Refused("nothing is sent until somebody says: offswitch reconcile --accept --why REASON --by YOU")


def _reason(why: str) -> str:
    if not why.strip():
        raise Refused("say why, for everybody who looks later: --why REASON")
    return why.strip()


def _believe_clock(project: Project, by: str, why: str, as_json: bool) -> None:
    now = project.clock.now()
    with project.ledger.write() as book:
        refusal = project.clock_watch().refusal(book)
        book.audit.say(by, f"said that the clock is right: {why}")
        project.clock_watch().keep(book, forgive=True)
    said = f"It is {now:%Y-%m-%d %H:%M} UTC, says {by}. " + ("The next run goes on." if refusal else "Nobody had doubted it.")
    answer({"schema": _SCHEMA, "clock": {"now": now, "by": by, "why": why, "was": refusal}}, as_json, lambda: said)


def _accept(project: Project, seen: Survey, by: str, why: str, data: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """One person for a few, two for many."""
    _all_flows(project)
    agreed_by, limit = "", project.company().on_resume.second_person_above
    if seen.people > (SECOND_PERSON_ABOVE if limit is None else limit):
        wish = Wish("reconcile", "", seen.people, f'offswitch reconcile --accept --why "{why}"', why)
        with project.ledger.write() as book:
            book.audit.say(by, f"asked to go on with a restored ledger: {why}")
            agreement = two_people(book, project.company(), wish, by, project.clock.now())
        if not agreement.agreed_by:
            answer(data | {"asked": {"by": by, "size": seen.people}}, as_json, lambda: "\n".join(lines))
            raise Refused(f"{seen.people:,} people may be touched: {agreement.text}")
        by, agreed_by, why = agreement.asked_by, agreement.agreed_by, agreement.why
    accept(project, seen, by=by, agreed_by=agreed_by, why=why)
    names = " and ".join(filter(None, (by, agreed_by)))
    done = f"Accepted by {names}: {why}. The next run goes on; what may have been done is asked on the worklist."
    answer(data | {"accepted": {"by": by, "agreed_by": agreed_by, "why": why}}, as_json, lambda: "\n".join([*lines, "", done]))


def _all_flows(project: Project) -> None:
    """Who is in a flow that can't be loaded can't be protected. Raises Refused."""
    with project.ledger.read() as book:
        unseen = {flow: count for flow, count in book.entries.by_flow().items() if flow not in project.flows.journeys}
    if unseen:
        those = ", ".join(f"{flow} ({count:,})" for flow, count in sorted(unseen.items()))
        raise Refused(
            f"there are people in flows that can't be loaded: {those}. Mend or bring back their files first: see `offswitch check`"
        )


def _told(told: int, left: Sequence[Effect]) -> dict[str, Any]:
    items = [{"item": item_id(one.entry_id, one.step, one.visit), "action": one.action, "step": one.step, "since": one.at} for one in left]
    return {"told": told, "in_doubt": items}


def _applied(count: int) -> list[str]:
    return [f"{count:,} opt-outs, bounces and complaints were missing in the ledger and hold now."] if count else []


def _in_words(flow: str, told: int, left: Sequence[Effect]) -> list[str]:
    lines = [f"{flow}: the connectors could tell {told:,}; the next run goes on with them"] if told else []
    if left:
        lines.append(f"{flow}: {len(left):,} in doubt, each a question on the worklist:")
        lines += [f"  {item_id(one.entry_id, one.step, one.visit)}  {one.action}  since {_said(one.at)}" for one in left[:20]]
        lines += [f"  … and {len(left) - 20:,} more: offswitch worklist {flow}"] if len(left) > 20 else []
    return lines


def _damage(seen: Survey) -> dict[str, Any]:
    flows = {
        name: {
            "entries_at_risk": len(damage.risks),
            "due": damage.due,
            "sent_before": damage.found(Outcome.PERFORMED, Outcome.REJECTED),
            "not_sent_before": damage.found(Outcome.RETRY),
            "nobody_can_tell": damage.open,
        }
        for name, damage in seen.flows.items()
    }
    same, gone = seen.loss.same, seen.loss.gone
    return {"older_copy": same, "gone": gone, "since": seen.since, "until": seen.until, "people": seen.people, "flows": flows}


def _risk(seen: Survey) -> list[str]:
    """What is lost, in words and numbers."""
    if seen.loss.same:
        lines = [f"The ledger is a copy of {_said(seen.since)}; what came after is gone, about {_many(seen.loss.gone, 'transaction')}."]
    else:
        lines = ["This is not the ledger that this machine worked with before: it is new, or OFFSWITCH_LEDGER names another one."]
    lines += [
        f"Nobody knows what was sent, answered or entered until {_said(seen.until)}.",
        "A newer copy is better than this one. Else take the forms and events of that time in",
        "again (`offswitch intake`): they become people's work, and replies and goals count.",
    ]
    for name, damage in seen.flows.items():
        if damage.risks:
            found, missing = damage.found(Outcome.PERFORMED, Outcome.REJECTED), damage.found(Outcome.RETRY)
            lines += [
                f"  {name}: {len(damage.risks):,} inside may have had more than the ledger knows,",
                f"    {damage.due:,} of them what is due now",
                f"    mails and writes: {found:,} were done, {missing:,} were not, of {damage.open:,} nobody can tell",
            ]
    return lines


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
