"""`offswitch approve`: a second person says yes to exactly what the plan showed."""

from __future__ import annotations

import click

from offswitch.cli.output import answer, json_option
from offswitch.cli.verb import person
from offswitch.errors import Refused
from offswitch.journey.graph import graph_of
from offswitch.policy.approvals import save_approval
from offswitch.policy.effective import launch_of
from offswitch.policy.schema import effective
from offswitch.project.approval import ending
from offswitch.project.plan import said_of
from offswitch.project.project import Project
from offswitch.project.readiness import ReadinessLook, in_standing
from offswitch.review.approve import approvable, lacks_second, signed
from offswitch.review.inflight import stranded
from offswitch.review.kept import approve_kept
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
    policy doesn't say where they go. Given again by another approver, it adds the
    second name, which more than `mass` messages need. The command line believes the name that it is
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
        still = None if project.switchboard(journey).look(book).unapproved else said.approval
        lost = stranded(book, journey, effective(said.policy, said.company))
    if lost:
        raise Refused(str(lost))
    launch = launch_of(said.policy, said.company)
    now = project.clock.now()
    approval = signed(record, None if still is None or ending(flow, still, launch, now) else still, who, now, said.company)
    path = save_approval(project.settings.policies, flow, approval)
    approve_kept(project.settings.home, flow, digest)
    names = " and ".join(approval.approvers)
    with project.ledger.write() as book:
        book.audit.say(who, f"approved plan {digest}: by {names}, asked for by {approval.requested_by}", flow)
    lacking = lacks_second(record, approval, launch.mass)
    data = {
        "flow": flow,
        "digest": digest,
        "by": who,
        "requested_by": list(record.requested_by),
        "approvers": list(approval.approvers),
        "on": approval.on,
        "second_approver": bool(lacking),
        "samples": list(record.samples),
        "path": str(path),
        "readiness": ready.grade.value if ready else None,
    }
    unready = in_standing(flow, ready).get("unready", "")
    answer(data, as_json, lambda: f"{flow} {digest} is approved by {names}\n  {path}" + _next(flow, digest, lacking, unready))


def _next(flow: str, digest: str, lacking: str, unready: str) -> str:
    """What is to do now."""
    alone = f"\n{lacking}:\n  offswitch approve {flow} --plan {digest} --by NAME" if lacking else ""
    more = f"\nFirst, though, {flow} is {unready}" if unready else ""
    return f"{alone}\nTo let it run:  offswitch on {flow}{more}"
