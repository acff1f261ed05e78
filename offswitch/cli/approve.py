"""`offswitch approve`: a second person says yes to exactly what the plan showed."""

from __future__ import annotations

import click

from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.journey.graph import graph_of
from offswitch.policy.approvals import Approval, save_approval
from offswitch.policy.schema import effective
from offswitch.project.plan import said_of
from offswitch.project.project import Project
from offswitch.project.readiness import ReadinessLook, in_standing
from offswitch.review.approve import approvable
from offswitch.review.inflight import stranded
from offswitch.review.record import load_records


@click.command("approve")
@click.argument("flow")
@click.option("--plan", "digest", required=True, help="The digest that the plan shows.")
@click.option("--by", help="Who approves; OFFSWITCH_USER where it is left out.")
@json_option
def command(flow: str, digest: str, by: str | None, as_json: bool) -> None:
    """Approve the plan of FLOW that bears this digest.

    Refused when anything in flow, texts or policy has changed since, for the
    one who asked for it, and while people stand on removed steps of which the
    policy doesn't say where they go. The command line believes the name that it is
    given and proves nothing.
    """
    project = Project()
    journey = project.flows.get(flow)
    said = said_of(project, journey)
    assert said.subject is not None
    assert said.company is not None
    assert said.policy is not None
    who = person(project, by)
    record = approvable(flow, load_records(project.settings.home, flow), said.subject, digest, by=who, company=said.company)
    if graph_of(journey).messages and not record.samples:
        raise Refused(f"plan {digest} showed no draft of a mail: see what `offswitch check` says of the texts, then plan again")
    with project.ledger.read() as book:
        ready = ReadinessLook(project.settings.policies, flow).weigh(book, said, project.clock.now())
        lost = stranded(book, journey, effective(said.policy, said.company))
    if lost:
        raise Refused(str(lost))
    on = project.clock.now().isoformat(timespec="seconds")
    approval = Approval(said.subject, who, ", ".join(record.requested_by), on, len(record.samples))
    path = save_approval(project.settings.policies, flow, approval)
    with project.ledger.write() as book:
        book.audit.say(who, f"approved plan {digest}", flow)
    data = {
        "flow": flow,
        "digest": digest,
        "by": who,
        "requested_by": list(record.requested_by),
        "on": on,
        "samples": list(record.samples),
        "path": str(path),
        "readiness": ready.grade.value if ready else None,
    }
    unready = in_standing(flow, ready).get("unready", "")
    more = f"\nFirst, though, {flow} is {unready}" if unready else ""
    answer(data, as_json, lambda: f"{flow} {digest} is approved by {who}\n  {path}\nTo let it run:  offswitch on {flow}{more}")
