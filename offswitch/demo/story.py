"""Tells the story in order. Every line that it prints comes from a command, a file or the mail server's own journal."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

import click
from standardwebhooks import Webhook

from offswitch.demo.people import as_webhooks, submissions, write_csv
from offswitch.demo.stage import APPROVER, HOOK_SECRET, MARKETER, OPERATOR, Stage
from offswitch.errors import Refused
from offswitch.policy.edit import set_switch
from offswitch.policy.readiness import DRILL
from offswitch.testing.unasked import ask_nothing

BY_WEBHOOK = 100
PATIENCE = 150.0
ANSWERS = "yes\ndocs/welcome.pdf\n" * 3 + "told in their own words\nfive interviews\n" * 4
LEADS = ".example.com"  # everybody else who gets mail is a colleague


def tell(stage: Stage) -> dict[str, Any]:
    """The whole story; returns its final account. Raises Refused where it doesn't go as it must."""
    python = sys.executable
    with stage.process(
        python, "-m", "offswitch.testing.mailbox", "--eml", str(stage.mail), "--journal", str(stage.journal), log="mailbox.log"
    ) as box:
        stage.environment["OFFSWITCH_SMTP_PORT"] = _first_line(box)
        _forms_come_in(stage)
        _review(stage)
        with stage.process(python, "-m", "offswitch", "run", "welcome", "--every", "2s", log="run.log"):
            _off_in_the_middle(stage)
            _people_go_on(stage)
            _on_again(stage)
    return _account(stage)


def _forms_come_in(stage: Stage) -> None:
    _chapter(1, "Forms come in: an export of 200, and 100 signed webhooks")
    rows = submissions(datetime.now(UTC))
    export = stage.root / "forms.csv"
    write_csv(rows[BY_WEBHOOK:], export)
    stage.offswitch("intake", str(export), "--source", "site")
    with stage.process(sys.executable, "-m", "offswitch", "serve", "--port", "0", log="serve.log") as server:
        answers = _post_all(_first_line(server).split()[-1], rows[:BY_WEBHOOK])
    click.echo("webhooks: " + ", ".join(f"{count} answered {status}" for status, count in sorted(answers.items())))


def _review(stage: Stage) -> None:
    _chapter(2, "Review before launch: is it ready, and who would get what, and when")
    _answered(stage)
    page = stage.root / "plan.html"
    stage.offswitch("plan", "welcome", "--by", MARKETER, "--html", str(page), lines=24)
    digest = stage.answer("plan", "welcome", "--by", MARKETER)["digest"]
    stage.offswitch("approve", "welcome", "--plan", digest, "--by", APPROVER)


def _answered(stage: Stage) -> None:
    """What colleagues say before a launch; here people of the story say it."""
    welcome = ("readiness", "welcome")
    stage.offswitch(*welcome, lines=2)
    click.echo("The story's own people answer (yours will have to look, and to mean it):")
    stage.offswitch(*welcome, "--ask", "--by", MARKETER, typed=ANSWERS, lines=1)
    for one in (OPERATOR, APPROVER):
        stage.offswitch(*welcome, "--ack", "--by", one, lines=1)
    stage.offswitch(*welcome, "--waive-runs", "--why", "it is a story", "--by", MARKETER, refused=True)
    stage.offswitch(*welcome, "--waive-runs", "--by", APPROVER, lines=1)
    found = stage.answer(*welcome)
    if found["open"] != [DRILL]:
        raise Refused(f"these should be answered: {found['open']}")
    click.echo("Open is the drill, `offswitch drill welcome`, which takes minutes. The story")
    click.echo("leaves it out: from here on its copy of the policies asks for no readiness.")
    ask_nothing(stage.policy.parent)


def _off_in_the_middle(stage: Stage) -> None:
    _chapter(3, "A live run sends. In the middle of it, somebody edits the policy")
    click.echo("$ offswitch run welcome --every 2s        (its own Prefect starts: some seconds)")
    _until(lambda: len(stage.accepted()) >= 120, "the run to send its first 120 mails")
    set_switch(stage.policy, ("switch",), "off")
    saved = monotonic()
    click.echo(f"policies/welcome.yaml saved with `switch: off` after {len(stage.accepted())} mails")
    sleep(1.5)
    click.echo(since_the_save(stage.accepted(), saved))


def since_the_save(mails: Collection[Mapping[str, Any]], saved: float) -> str:
    """When the last customer got mail. That colleagues are told of the stop comes after it, and is no mail of the flow."""
    times = [mail["t"] for mail in mails if mail["to"].endswith(LEADS)]
    last = (max(times) - saved) * 1000
    when = f"{abs(last):.1f} ms {'after' if last > 0 else 'before'} the save"
    return f"last mail to a customer {when}; mails after it: {sum(at > saved for at in times)}"


def _people_go_on(stage: Stage) -> None:
    _chapter(4, "Off is not the end: the work is on the list, drafts ready")
    _until(lambda: len(stage.answer("worklist", "list")["items"]) > 0, "the worklist")
    stage.offswitch("worklist", "list", lines=6)
    items = stage.answer("worklist", "list")["items"]
    stage.offswitch("worklist", "show", items[0]["id"], lines=16)
    for item in items[:3]:
        stage.offswitch("worklist", "done", item["id"], "--by", OPERATOR, "--minutes", "2")
    stage.offswitch("worklist", "export", str(stage.root / "worklist.html"))
    stage.offswitch("worklist", "export", str(stage.root / "worklist.csv"))


def _on_again(stage: Stage) -> None:
    _chapter(5, "On again: what is done stays done, the rest goes on")
    stage.offswitch("on", "welcome", "--yes")
    _until(lambda: _confirmed(stage), "the run to send the rest")


def _confirmed(stage: Stage) -> bool:
    flow = stage.answer("metrics", "welcome")["flows"][0]
    return not any(row["step"] == "confirm" and row["state"] == "reserved" for row in flow["by_step"]) and flow["due"] == 0


def _account(stage: Stage) -> dict[str, Any]:
    _chapter(6, "The account, by the ledger and by the mail server's own journal")
    stage.offswitch("metrics", "welcome")
    flow = stage.answer("metrics", "welcome")["flows"][0]
    mails = stage.accepted()
    copies = Counter(mail["message_id"] for mail in mails if mail["to"].endswith(LEADS))
    twice = sum(1 for count in copies.values() if count > 1)
    people = {mail["to"] for mail in mails if mail["to"].endswith(LEADS)}
    alerts = len(mails) - sum(copies.values())
    click.echo(f"the mail server's journal: {len(copies)} mails to {len(people)} people, {alerts} alerts to the team")
    click.echo(f"sent {flow['sent']}, by hand {flow['sent_by_hand']}, held {flow['held']}, duplicates {twice}, lost {flow['lost']}")
    for what, path in (("mails", stage.mail), ("plan", stage.root / "plan.html"), ("worklist", stage.root / "worklist.html")):
        click.echo(f"  {what:<9} {path}")
    account = {"sent": flow["sent"], "accepted": len(copies), "by_hand": flow["sent_by_hand"], "duplicates": twice, "lost": flow["lost"]}
    if twice or flow["lost"] or flow["sent"] != len(copies):
        raise Refused(f"the account doesn't balance: {account}")
    return account


def _post_all(url: str, rows: list[dict[str, str]]) -> Counter[int]:
    hook = Webhook(HOOK_SECRET)
    answers: Counter[int] = Counter()
    for number, body in enumerate(as_webhooks(rows)):
        text = json.dumps(body, ensure_ascii=False)
        now, name = datetime.now(UTC), f"msg_{number}"
        signed = {"webhook-id": name, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": hook.sign(name, now, text)}
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            f"{url}/hooks/site", text.encode(), {"content-type": "application/json", **signed}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                answers[response.status] += 1
        except urllib.error.HTTPError as error:
            answers[error.code] += 1
    return answers


def _first_line(process: Any) -> str:
    line: str = process.stdout.readline().strip()
    if not line:
        raise Refused("a part of the demo did not start: see the logs beside it")
    return line


def _until(true: Callable[[], bool], what: str) -> None:
    end = monotonic() + PATIENCE
    while not true():
        if monotonic() > end:
            raise Refused(f"waited {PATIENCE:.0f} s for {what}: see run.log")
        sleep(0.02)


def _chapter(number: int, title: str) -> None:
    click.secho(f"\n{number}. {title}", bold=True)
