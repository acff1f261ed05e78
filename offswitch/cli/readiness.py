"""`offswitch readiness`: may this flow go live, what is open, what to do first; and the answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from offswitch.cli.output import answer, json_option, say
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.gate.readiness import Item, Known, Weighed, weigh
from offswitch.gate.reasons import Language, reason_in
from offswitch.policy.readiness import CUSTOMER, PROCESS, Reply, Thresholds, asked_of
from offswitch.project.answers import know_runbook, today, waive_runs, write_answers
from offswitch.project.files import Said
from offswitch.project.plan import said_of
from offswitch.project.project import Project
from offswitch.project.readiness import ReadinessLook
from offswitch.review.readiness import as_json as json_of
from offswitch.review.readiness import as_text, asks, wrapped
from offswitch.review.readiness import say as word

_REPLIES = {
    **{reply.value: reply for reply in Reply},
    "y": Reply.YES,
    "n": Reply.NO,
    "نعم": Reply.YES,
    "لا": Reply.NO,
    "غير متأكد": Reply.UNSURE,
}


@click.command("readiness")
@click.argument("flow")
@click.option("--lang", "language", type=click.Choice(["en", "ar"]), default="en", help="English or Arabic.")
@click.option("--by", metavar="ADDRESS", help="Who you are; else OFFSWITCH_USER.")
@click.option("--ask", is_flag=True, help="Ask what is open, and write the answers down.")
@click.option("--ack", is_flag=True, help="You have read the runbook and know what to do.")
@click.option("--waive-runs", "waive", is_flag=True, help="Go on for 7 days without the manual runs; takes two people.")
@click.option("--why", default="", help="The reason of a waiver.")
@json_option
def command(flow: str, language: Language, by: str | None, ask: bool, ack: bool, waive: bool, why: str, as_json: bool) -> None:
    """Say whether FLOW may go live, and what is to be done first.

    Blocked: people do the work. Pilot only: the machine takes a few. Eligible:
    it goes as far as the rollout goes. Answers are written into the policy of the
    flow, with your name and today's date; its comments stay.
    """
    if ask + ack + waive > 1:
        raise click.UsageError("one at a time: --ask, --ack or --waive-runs")
    project = Project()
    flow = project.flows.get(flow).name
    done: dict[str, Any] = {}
    if ask:
        done = _ask(project, flow, person(project, by), language)
    elif ack:
        name = person(project, by)
        done = {"known": name, "says": word(language, "known", by=name, digest=know_runbook(project, flow, name))}
    elif waive:
        done = _waive(project, flow, person(project, by), why, language)
    _, found = _weighed(project, flow)
    besides = _besides(project, flow)
    foot = "".join(f"\n{line}" for one in besides for line in wrapped(reason_in(language, one)))
    if found is None:
        lines = [word(language, "not asked", flow=flow), word(language, "to ask")]
        none = {"schema": "offswitch.readiness/1", "flow": flow, "asked": False, "besides": besides}
        answer(none, as_json, lambda: "\n".join(lines) + foot)
        return
    head = "\n".join([*wrapped(done["says"]), "", ""]) if done else ""
    data = {**json_of(flow, found, language), "done": done or None, "besides": besides}
    answer(data, as_json, lambda: head + as_text(flow, found, language) + (f"\n{foot}" if foot else ""))


def _besides(project: Project, flow: str) -> list[str]:
    """Rules that are lifted, and when somebody looks at the flow next."""
    with project.ledger.read() as book:
        standing = project.switchboard(project.flows.get(flow)).look(book)
    return [*map(str, standing.lifted), *([str(standing.review)] if standing.review else [])]


def _weighed(project: Project, flow: str) -> tuple[Said, Weighed | None]:
    said = said_of(project, project.flows.get(flow))
    with project.ledger.read() as book:
        return said, ReadinessLook(project.settings.policies, flow).weigh(book, said, project.clock.now())


def _ask(project: Project, flow: str, by: str, language: Language) -> dict[str, Any]:
    """Everything that is open and a person can answer. Broken off, nothing is written."""
    said, found = _weighed(project, flow)
    assert said.policy is not None
    assert said.company is not None
    if found is None:
        say(word(language, "turned on", flow=flow))
        asked = asked_of(None, Thresholds(), said.policy.runbook, ())
        assert asked is not None
        found = weigh(asked, Known(project.clock.now().date()))
    on = str(today(project))
    items: dict[str, Mapping[str, str]] = {}
    for item in found.open:
        if item.name in (*PROCESS, *CUSTOMER) and (told := _asked(flow, item, language)):
            items[item.name] = {"answer": told[0], "by": by, "on": on, "evidence": told[1]}
    if not items:
        return {"answered": [], "says": word(language, "nothing new")}
    write_answers(project, flow, by, items)
    path = Path(project.settings.policies) / f"{flow}.yaml"
    return {"answered": list(items), "says": word(language, "recorded", path=path, names=", ".join(items))}


def _asked(flow: str, item: Item, language: Language) -> tuple[str, str] | None:
    """An answer and its evidence; None when it is left open."""
    say("")
    say(asks(language, flow, item).question)
    closed = item.name in PROCESS
    told = click.prompt(
        word(language, "ask" if closed else "tell"),
        default="",
        show_default=False,
        err=True,
        value_proc=lambda text: _reply(text, language) if closed else text.strip(),
    )
    if not told:
        return None
    return told, click.prompt(word(language, "show"), err=True, value_proc=lambda text: _said(text, language))


def _reply(text: str, language: Language) -> str:
    if not text.strip():
        return ""
    found = _REPLIES.get(text.strip().casefold())
    if found is None:
        raise click.BadParameter(word(language, "not understood"))
    return found.value


def _said(text: str, language: Language) -> str:
    if not text.strip():
        raise click.BadParameter(word(language, "needs evidence"))
    return text.strip()


def _waive(project: Project, flow: str, by: str, why: str, language: Language) -> dict[str, Any]:
    """Raises Refused, with what the second person types, while it is one."""
    _, found = _weighed(project, flow)
    if found is None:
        raise Refused(word(language, "not asked", flow=flow))
    runs = next(item for item in found.items if item.name == "manual_runs")
    if runs.have >= runs.need:
        raise Refused(f"nothing is to be waived: {runs.have} of {runs.need} were finished by hand")
    agreement, until = waive_runs(project, flow, by, why, runs.need)
    if not agreement.agreed_by:
        raise Refused(f"asked by {by}; nothing has changed. {agreement.text}")
    people = f"{agreement.asked_by}, {agreement.agreed_by}"
    return {
        "waived_by": [agreement.asked_by, agreement.agreed_by],
        "until": until,
        "says": word(language, "waive now", until=until, by=people),
    }
