"""`offswitch send-test`: every message of a flow to a colleague, to see how it arrives."""

from __future__ import annotations

from dataclasses import asdict

import click

from offswitch.cli.output import answer, json_option
from offswitch.errors import Refused
from offswitch.model.receipt import Outcome
from offswitch.project.plan import senders_of
from offswitch.project.project import Project
from offswitch.review.send_test import Tried, send_test


@click.command("send-test")
@click.argument("flow")
@click.option("--to", required=True, help="A colleague's address. A contact's address is refused.")
@click.option("--lang", "languages", multiple=True, help="Only this language, such as en; may be repeated.")
@json_option
def command(flow: str, to: str, languages: tuple[str, ...], as_json: bool) -> None:
    """Send every message of FLOW to one address, with [TEST] in the subject.

    Filled in with made-up values. The flow's own switch doesn't matter; a stop
    of everything, of e-mail or of the mail connector stops tests too.
    """
    address = _address(to)
    project = Project()
    journey = project.flows.get(flow)
    link = project.unsubscribe_link(project.company(), "nobody")
    with project.desk(journey) as desk:
        tried = send_test(desk, project.library, senders_of(project, journey), to=address, languages=languages, link=link)
    if not tried:
        raise Refused(f"{flow} has no message in {', '.join(languages)}" if languages else f"{flow} has no messages")
    answer({"flow": flow, "to": address, "messages": [asdict(one) for one in tried]}, as_json, lambda: "\n".join(map(_line, tried)))
    failed = [one for one in tried if one.outcome != Outcome.PERFORMED]
    if failed:
        raise Refused(f"{len(failed)} of {len(tried)} did not go out")


def _address(to: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(to, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="--to") from error


def _line(one: Tried) -> str:
    return f"{one.outcome:<12} {one.message}.{one.language}  {one.subject}{f'  ({one.reason})' if one.reason else ''}"
