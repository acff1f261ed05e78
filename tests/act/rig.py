"""A whole project in a temporary folder: real files, a real ledger, a fake world outside and a clock that stands still."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.act.run import run
from offswitch.intake.receive import Received, receive
from offswitch.journey.journey import Journey
from offswitch.ledger.migrate import upgrade
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry
from offswitch.model.submission import Consent, Submission
from offswitch.policy.approvals import Approval, save_approval
from offswitch.project.files import Files
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FakeCrm, FakeMailer, FrozenClock

START = datetime(2025, 3, 3, 9, tzinfo=UTC)  # a Monday, noon in Riyadh
YES = (Consent("marketing", "email", "yes, write to me"),)
COMPANY = """\
switch: {switch}
zone: Asia/Riyadh
country_zones: {{EG: Africa/Cairo}}
unsubscribe_url: "http://127.0.0.1:8080"
privacy_url: "https://bayan.example/privacy"
people:
  mariam@bayan.example: {{name: Mariam Haddad, roles: [owner]}}
teams: {{support: [mariam@bayan.example]}}
sender: {{name: Mariam Haddad, email: mariam@bayan.example, reply_to: hello@bayan.example, postal_address: "Riyadh"}}
quiet_hours: {quiet}
limits: {{per_contact: [{caps}]}}
"""
RUNBOOK = "When: an item is there. Who: the team. By when: as due. 1. Open it. 2. Send it. Decide: in doubt, ask. It ends: with the last."
FLOW = """\
switch: {switch}
owner: mariam@bayan.example
team: support
runbook: "{runbook}"
minutes_per_item: 3
{more}
rollout: {{outside: {outside}, steps: ["{steps}"]}}
"""
LETTER = """\
---
subject: {name}
purpose: {purpose}
value: something good
ask: 0
{decides}fallback: {{first_name: ""}}
---
Hello {{{{ first_name }}}}, this is {name}.
"""


@cache
def _empty_ledger() -> Path:
    path = Path(mkdtemp(prefix="offswitch-test-")) / "ledger.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


class Rig:
    """`switch`, `policy` and `company` write files as a marketer would, with the frozen clock's time."""

    def __init__(
        self, root: Path, *journeys: Journey, mailer: Any = None, crm: Any = None, start: datetime = START, ledger: str = ""
    ) -> None:
        self.root = root
        self.clock = FrozenClock(start)
        self.mailer = mailer or FakeMailer()
        self.crm = crm or FakeCrm(name="register")
        home, policies, messages, flows = (root / name for name in ("home", "policies", "messages", "flows"))
        self.settings = Settings(home=home, policies=policies, messages=messages, flows=flows, ledger=ledger)
        self.settings.home.mkdir(parents=True)
        if not ledger:
            shutil.copy(_empty_ledger(), self.settings.home / "ledger.sqlite")
        self.project = Project(self.settings, self.clock, self.mailer, self.crm)
        self.ledger = self.project.ledger
        self._said: dict[str, dict[str, str]] = {}
        self._saves = 0
        self.company()
        for journey in journeys:
            self.letter(journey, "hello")
            self.letter(journey, "more", purpose="marketing")
            self.policy(journey)
            self.approve(journey)

    def save(self, path: Path, text: str) -> None:
        """Replace a file, as an editor does."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        self._saves += 1
        stamp = int(self.clock.now().timestamp()) * 1_000_000_000 - 60_000_000_000 + self._saves
        os.utime(draft, ns=(stamp, stamp))
        draft.replace(path)

    def company(self, *, switch: str = "on", quiet: str = "none", caps: str = "1000 per day") -> None:
        self.save(self.settings.policies / "company.yaml", COMPANY.format(switch=switch, quiet=quiet, caps=caps))

    def policy(self, journey: Journey, **words: str) -> None:
        """Change what the flow's file says; what was said before stays."""
        said = self._said.setdefault(journey.name, {"switch": "on", "steps": "100%", "outside": "worklist", "more": "", "runbook": RUNBOOK})
        said.update(words)
        self.save(self.policy_path(journey), FLOW.format(**said))

    def policy_path(self, journey: Journey) -> Path:
        return self.settings.policies / f"{journey.name}.yaml"

    def switch(self, journey: Journey, to: str) -> None:
        self.policy(journey, switch=to)

    def letter(self, journey: Journey, name: str, *, purpose: str = "service", decides: str = "", language: str = "en") -> None:
        text = LETTER.format(name=name, purpose=purpose, decides=f"decides: {decides}\n" if decides else "")
        self.save(self.settings.messages / journey.name / f"{name}.{language}.md", text)

    def approve(self, journey: Journey, by: str = "omar@bayan.example, lina@bayan.example") -> None:
        subject = Files(journey, self.settings.policies, self.project.library).said().subject
        assert subject is not None
        path = save_approval(
            self.settings.policies, journey.name, Approval(subject, by, "mariam@bayan.example", self.clock.now().isoformat(), 5)
        )
        self.save(path, path.read_text("utf-8"))

    def submit(
        self, key: str, *, kind: str = "form.submitted", who: str = "", at: datetime | None = None, consent: Any = YES, **data: Any
    ) -> Received:
        """An event of the person `who` (`key` if not said)."""
        contact = {"name": data.pop("name", "Mona Haddad"), "language": "en", "country": "SA", **data.pop("contact", {})}
        when = at or self.clock.now()
        submission = Submission(key, kind, when, "test", f"{who or key}@example.com", contact, consent, data, f"digest of {key}")
        with self.ledger.write() as book:
            return receive(book, submission, self.clock.now())

    def submit_all(self, *names: str) -> None:
        """One form each, in one transaction."""
        now = self.clock.now()
        with self.ledger.write() as book:
            for name in names:
                contact = {"name": "Mona Haddad", "language": "en", "country": "SA"}
                receive(book, Submission(name, "form.submitted", now, "test", f"{name}@example.com", contact, YES, {}, name), now)

    @contextmanager
    def desk(self, journey: Journey) -> Iterator[Desk]:
        with self.project.desk(journey) as desk:
            yield desk

    def run(self, journey: Journey, after: timedelta = timedelta(0)) -> Report:
        """One pass by a new worker, `after` from now."""
        self.clock.advance(after)
        with self.desk(journey) as desk:
            return run(desk)

    def entries(self, journey: Journey) -> list[Entry]:
        with self.ledger.read() as book:
            ids = [row.id for row in book.entries.all() if row.flow == journey.name]
            return list(book.entries.get(ids).values())

    def entry(self, journey: Journey, who: str = "") -> Entry:
        """The only entry, or the newest one of this person."""
        return next(one for one in reversed(self.entries(journey)) if not who or self.address(one.contact_id) == f"{who}@example.com")

    def address(self, contact_id: str) -> str:
        with self.ledger.read() as book:
            return book.contacts.address(contact_id)

    def person(self, who: str) -> str:
        """The id of a contact."""
        with self.ledger.read() as book:
            return book.contacts.by_address([f"{who}@example.com"])[f"{who}@example.com"].id

    def effects(self, journey: Journey, state: Stage | None = None) -> list[Effect]:
        with self.ledger.read() as book:
            rows = [
                one for each in book.effects.of_entries([entry.id for entry in self.entries_in(book, journey)]).values() for one in each
            ]
        return [row for row in rows if state is None or row.state is state]

    @staticmethod
    def entries_in(book: Any, journey: Journey) -> list[Entry]:
        return list(book.entries.get([row.id for row in book.entries.all() if row.flow == journey.name]).values())

    def states(self, journey: Journey) -> list[str]:
        return sorted(entry.state.value for entry in self.entries(journey))

    def sent(self) -> list[str]:
        """To whom, in order."""
        return [letter.to.partition("@")[0] for _, letter in self.mailer.journal]

    def sent_keys(self) -> list[str]:
        return [key for key, _ in self.mailer.journal]

    def close(self) -> None:
        self.ledger.close()
