"""What people answer about a flow's readiness, written into its policy file: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from offswitch.errors import Refused
from offswitch.gate.readiness import RUNBOOK, RUNS
from offswitch.policy.edit import rewrite
from offswitch.policy.load import flow_in, load_flow
from offswitch.policy.readiness import runbook_digest
from offswitch.policy.record import Item, with_items
from offswitch.project.agreement import Agreement, Wish, two_people
from offswitch.project.project import Project

WAIVED_FOR = timedelta(days=7)


def write_answers(project: Project, flow: str, by: str, items: Mapping[str, Item]) -> None:
    """Into the section `readiness:` of the flow's file. Raises ConfigError, with the file untouched, when it would not load."""
    folder, company = project.settings.policies, project.company()

    def changed(text: str) -> str:
        new = with_items(text, str(folder / f"{flow}.yaml"), "readiness", items)
        flow_in(new, folder, flow, company)
        return new

    load_flow(folder, flow, company)
    rewrite(folder / f"{flow}.yaml", changed)
    with project.ledger.write() as book:
        book.audit.say(by, f"answered for readiness: {', '.join(items)}", flow)


def know_runbook(project: Project, flow: str, by: str) -> str:
    """Note that this colleague knows the runbook as it is; returns its digest. Raises Refused for who is not in the team."""
    company = project.company()
    policy = load_flow(project.settings.policies, flow, company)
    team = company.teams[policy.team]
    if by not in team:
        raise Refused(f"{by} is not in the team {policy.team}, which works the list of {flow}: {', '.join(team)}")
    digest = runbook_digest(policy.runbook)
    said = policy.readiness.runbook_known if policy.readiness else ()
    kept = [{"by": one.by, "on": str(one.on), "runbook": one.runbook} for one in said if one.by != by]
    write_answers(project, flow, by, {RUNBOOK: [*kept, {"by": by, "on": str(today(project)), "runbook": digest}]})
    return digest


def waive_runs(project: Project, flow: str, by: str, why: str, size: int) -> tuple[Agreement, date]:
    """One person asks, another one agrees: then the manual runs are waived for seven days. Raises Refused for who may not."""
    company, now = project.company(), project.clock.now()
    load_flow(project.settings.policies, flow, company)  # a file that can't be read can't be written either
    wish = Wish("waive", flow, size, f"offswitch readiness {flow} --waive-runs", why)
    until = today(project) + WAIVED_FOR
    with project.ledger.write() as book:
        agreement = two_people(book, company, wish, by, now)
        if not agreement.why:
            raise Refused("say why it can't wait for the manual runs: --why TEXT")
        word = "agreed to waive" if agreement.agreed_by else "asked to waive"
        book.audit.say(by, f"{word} the manual runs: {agreement.why}", flow)
    if agreement.agreed_by:
        people = (agreement.asked_by, agreement.agreed_by)
        write_answers(project, flow, by, {RUNS: {"waived_by": people, "why": agreement.why, "until": str(until)}})
    return agreement, until


def today(project: Project) -> date:
    """The company's day."""
    return project.clock.now().astimezone(ZoneInfo(project.company().zone)).date()
