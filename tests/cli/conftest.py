"""The sample project in a folder of its own, with people who wait, for the commands that people type."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offswitch.act.run import run
from offswitch.cli import verbs
from offswitch.intake.receive import receive
from offswitch.model.submission import Consent, Submission
from offswitch.policy.approvals import Approval, save_approval
from offswitch.policy.edit import set_switch
from offswitch.project.files import Files
from offswitch.project.project import Project
from offswitch.testing.fakes import FakeCrm, FakeMailer
from offswitch.testing.unasked import ask_nothing

ROOT = Path(__file__).parents[2]
MARIAM, OMAR, LINA = "mariam@bayan.example", "omar@bayan.example", "lina@bayan.example"  # owner and approver, approver, neither


class Shop:
    """The sample project, welcome approved, with a rollout for all. `pass_` sends into `mailer`."""

    def __init__(self) -> None:
        self.mailer = FakeMailer()
        self.project = Project(mailer=self.mailer, crm=FakeCrm(name="local"))
        self.journey = self.project.flows.get("welcome")
        self.path = self.project.settings.policies / "welcome.yaml"

    def approve(self) -> None:
        subject = Files(self.journey, self.project.settings.policies, self.project.library).said().subject
        assert subject is not None
        save_approval(self.project.settings.policies, "welcome", Approval(subject, OMAR, MARIAM, datetime.now(UTC).isoformat(), 5))

    def switch(self, to: str) -> None:
        set_switch(self.path, ("switch",), to)

    def forms(self, *names: str) -> None:
        now = datetime.now(UTC)
        with self.project.ledger.write() as book:
            for name in names:
                contact = {"name": f"Mona {name}", "language": "en", "country": "SA"}
                consent = (Consent("marketing", "email", "yes"),)
                receive(book, Submission(name, "form.submitted", now, "t", f"{name}@example.com", contact, consent, {}, name), now)

    def pass_(self) -> None:
        with self.project.desk(self.journey) as desk:
            run(desk)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shutil.copytree(ROOT / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("approvals"))
    ask_nothing(tmp_path / "policies")
    path = tmp_path / "policies" / "welcome.yaml"
    text = path.read_text("utf-8").replace("[{contacts: 50}, 5%, 20%, 50%, 100%]", "[100%]")
    small = "on_resume: {without_asking: 2, second_person_above: 5, release: 2 per hour}"
    path.write_text(text.replace("on_resume: {without_asking: 20}", small), "utf-8")
    assert small in path.read_text("utf-8")
    places = {"HOME": tmp_path / "state", "POLICIES": tmp_path / "policies", "MESSAGES": ROOT / "messages", "FLOWS": ROOT / "flows"}
    for name, place in places.items():
        monkeypatch.setenv(f"OFFSWITCH_{name}", str(place))
    monkeypatch.delenv("OFFSWITCH_USER", raising=False)
    monkeypatch.chdir(tmp_path)
    made = Shop()
    made.approve()
    yield made
    made.project.ledger.close()


@pytest.fixture
def call() -> Callable[..., Result]:
    """A command as somebody types it."""
    return lambda *words: CliRunner().invoke(verbs, words)
