"""What sends while `bench.stop` switches off: `python -m bench.sender worker|bare PORT HOME POLICIES [LEDGER]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import sleep

from bench.site import ROOT
from connectors.email.smtp import Smtp, SmtpSettings
from connectors.email.smtp.session import Envelope, Session
from flows.welcome import welcome
from offswitch.act.run import run
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FakeCrm, make_permit

IDLE = 0.005  # seconds between two looks while nothing may be sent


def worker(port: int, settings: Settings) -> None:
    """Pass after pass, as `offswitch run` does it."""
    smtp = Smtp(SmtpSettings(host="127.0.0.1", port=port))
    with Project(settings, mailer=smtp, crm=FakeCrm()).desk(welcome) as desk:
        while True:
            run(desk)
            sleep(IDLE)


def bare(port: int, settings: Settings) -> None:
    """A look at the file before each message, and nothing else."""
    policy = str(settings.policies / "welcome.yaml")
    session = Session("127.0.0.1", port, "bench", 30)
    session.ehlo_or_helo_if_needed()
    envelope, permit = Envelope("us@example.org", "p@example.com"), make_permit(seconds=600)
    message = b"Subject: hello\r\n\r\n" + b"so many words\r\n" * 300
    seen, on = None, False
    while True:
        found = os.stat(policy)  # noqa: PTH116 - the bound is the bare call
        version = found.st_mtime_ns, found.st_ino, found.st_size
        if version != seen:
            seen, on = version, Path(policy).read_text("utf-8").startswith("switch: on")
        if on:
            session.deliver(envelope, message, permit, 30)
        else:
            sleep(IDLE)


if __name__ == "__main__":
    kind, at, home, policies, *ledger = sys.argv[1:]
    place = Settings(home=Path(home), ledger="".join(ledger), policies=Path(policies), messages=ROOT / "messages", flows=ROOT / "flows")
    {"worker": worker, "bare": bare}[kind](int(at), place)
