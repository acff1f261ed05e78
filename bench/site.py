"""A whole project in a temporary folder: on, approved, with as many people as a benchmark needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from offswitch.act.ports import Crm, Mailer
from offswitch.act.run import Pass
from offswitch.clock import SystemClock
from offswitch.intake.receive import receive
from offswitch.journey.journey import Journey
from offswitch.ledger.migrate import upgrade
from offswitch.model.submission import Consent, Submission
from offswitch.policy.approvals import Approval, save_approval
from offswitch.project.files import Files
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FakeCrm, FakeMailer

ROOT = Path(__file__).parents[1]
COMPANY = """\
switch: on
zone: Asia/Riyadh
country_zones: {EG: Africa/Cairo}
unsubscribe_url: "http://127.0.0.1:8080"
privacy_url: "https://bayan.example/privacy"
people:
  mariam@bayan.example: {name: Mariam Haddad, roles: [owner]}
teams: {support: [mariam@bayan.example]}
sender:
  name: Mariam Haddad
  email: mariam@bayan.example
  reply_to: hello@bayan.example
  names: {ar: مريم حداد}
  postal_address: Bayan, 12 King Fahd Road, Riyadh
quiet_hours: "21:00-09:00"
limits: {per_contact: [1 per day, 3 per week]}
"""
FLOW = """\
switch: on
owner: mariam@bayan.example
team: support
when_off: hold
runbook: Open the item, send the draft, mark it done.
minutes_per_item: 3
on_resume: {without_asking: 1000000, release: 999999 per hour}
rollout: {outside: worklist, steps: [100%]}
"""
YES = (Consent("marketing", "email", "yes, write to me"),)
NAMES = {"en": "Mona Haddad", "ar": "منى حداد"}


@dataclass(frozen=True, slots=True)
class Site:
    """The folder of a project and the journey that runs in it."""

    settings: Settings
    journey: Journey

    @property
    def policy(self) -> Path:
        """The file that a marketer edits."""
        return self.settings.policies / f"{self.journey.name}.yaml"

    def project(self, mailer: Mailer | None = None, crm: Crm | None = None) -> Project:
        """The project, opened."""
        return Project(self.settings, SystemClock(), mailer or FakeMailer(), crm or FakeCrm())

    def seed(self, people: int) -> None:
        """So many people, half of them Arabic, who have just filled in the form; already inside the flow, and due."""
        project = self.project()
        now = project.clock.now()
        with project.ledger.write() as book:
            for number in range(people):
                receive(book, _form(number), now)
        with project.desk(self.journey) as desk:
            begun = Pass(desk)
            begun.start()
            begun.collect()
        project.ledger.close()

    @contextmanager
    def copy(self) -> Iterator[Site]:
        """The same with a ledger of its own, so that every run begins alike."""
        with TemporaryDirectory(prefix="offswitch-bench-") as folder:
            home = Path(folder) / "home"
            shutil.copytree(self.settings.home, home)
            yield replace(self, settings=replace(self.settings, home=home))


@contextmanager
def site(journey: Journey, messages: Path = ROOT / "messages", ledger: str = "") -> Iterator[Site]:
    """A project with this one journey. `ledger`: the URL of another one than SQLite's."""
    with TemporaryDirectory(prefix="offswitch-bench-") as folder:
        root = Path(folder)
        settings = Settings(home=root / "home", ledger=ledger, policies=root / "policies", messages=messages, flows=ROOT / "flows")
        settings.policies.mkdir()
        upgrade(settings.ledger_url)
        (settings.policies / "company.yaml").write_text(COMPANY, encoding="utf-8")
        made = Site(settings, journey)
        made.policy.write_text(FLOW, encoding="utf-8")
        _approve(made)
        yield made


def _approve(made: Site) -> None:
    said = Files(made.journey, made.settings.policies, made.project().library).said()
    if said.subject is None:
        raise ValueError(said.trouble)
    by, on = "omar@bayan.example, lina@bayan.example", SystemClock().now().isoformat()
    approval = Approval(said.subject, by, "mariam@bayan.example", on, 5)
    save_approval(made.settings.policies, made.journey.name, approval)


def _form(number: int) -> Submission:
    language = ("en", "ar")[number % 2]
    contact = {"name": NAMES[language], "language": language, "country": ("SA", "EG")[number % 3 == 0]}
    now = SystemClock().now()
    return Submission(str(number), "form.submitted", now, "bench", f"p{number}@example.com", contact, YES, {"form": "contact"}, "d")
