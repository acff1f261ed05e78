"""A project that runs: the sample flows and messages, policies of its own, a ledger with people in it, a real SMTP server."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from offswitch.intake.receive import receive
from offswitch.model.submission import Consent, Submission
from offswitch.policy.approvals import Approval, save_approval
from offswitch.project.files import Files
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.journal import Taken
from offswitch.testing.smtp_sink import SinkSmtpServer
from offswitch.testing.unasked import ask_nothing

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class SmallProject:
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "state"

    @property
    def policies(self) -> Path:
        return self.folder / "policies"

    def project(self) -> Project:
        return Project(Settings(home=self.home, policies=self.policies, messages=ROOT / "messages", flows=ROOT / "flows"))

    def environment(self, smtp_port: int, **more: str) -> dict[str, str]:
        """What a command of this project runs with. Other settings of the test's own environment stay out."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "OFFSWITCH_"))}
        mine = {"HOME": self.home, "POLICIES": self.policies, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": smtp_port}
        return kept | {f"OFFSWITCH_{name}": str(value) for name, value in mine.items()} | more


def small_project(folder: Path, people: int, flow: str = "welcome") -> SmallProject:
    """`flow` is on and approved, and so many people have just filled in its form."""
    made = SmallProject(folder)
    shutil.copytree(ROOT / "policies", made.policies, ignore=shutil.ignore_patterns("approvals"))
    ask_nothing(made.policies)
    policy = made.policies / f"{flow}.yaml"
    text = re.sub(r"steps: \[.*\]", "steps: [100%]", policy.read_text(encoding="utf-8").replace("switch: off", "switch: on"))
    policy.write_text(text, encoding="utf-8")
    project = made.project()
    files = Files(project.flows.get(flow), made.policies, project.library)
    subject = files.said().subject
    assert subject, files.said().trouble
    by, on = "omar@bayan.example, lina@bayan.example", project.clock.now().isoformat()
    save_approval(made.policies, flow, Approval(subject, by, "mariam@bayan.example", on, 5))
    fill_in(project, range(people))
    return made


def fill_in(project: Project, numbers: range) -> None:
    """These people fill in the form."""
    now = datetime.now(UTC)
    with project.ledger.write() as book:
        for number in numbers:
            contact = {"name": f"Person {number}", "language": "ar" if number % 2 else "en", "country": "SA"}
            email, consent = f"p{number}@example.com", (Consent("marketing", "email"),)
            receive(book, Submission(str(number), "form.submitted", now, "t", email, contact, consent, {}, email), now)


def until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for `ready()` to be true."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.02)


def mails_to_people(sink: SinkSmtpServer) -> list[Taken]:
    """Without the alerts that colleagues get."""
    return [one for one in sink.taken if one.to.endswith("@example.com")]
