"""A flow that tries out two greetings, for tests of the whole way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from offswitch import Decision, Facts, Journey, Plan, days, finish, send
from offswitch.events import CheckStarted, FormSubmitted
from tests.act.rig import START, Rig

EXPERIMENT = """\
experiments:
  greet:
    hypothesis: "A shorter greeting gets more people to start the checklist."
    variants: [own, short]
    metric: goal
    within: 7d
    smallest_effect: 20%
    baseline: 30%
    owner: mariam@bayan.example
    starts: {starts}
    ends: {ends}
    {more}
"""


def journey() -> Journey:
    trial = Journey("trial", starts_on=FormSubmitted, goal=CheckStarted)

    @trial.step
    def greeting(_lead: Facts) -> Decision:
        return Plan(send("greet"), then=waiting, after=days(30))

    @trial.step
    def waiting(_lead: Facts) -> Decision:
        return Plan(then=finish("over"))

    return trial


class Trial(Rig):
    """The experiment runs from two days before the rig's first day."""

    def __init__(self, root: Path, **more: Any) -> None:
        super().__init__(root, **more)
        self.journey = journey()
        self.project.flows.journeys["trial"] = self.journey
        self.letter(self.journey, "greet")
        self.letter(self.journey, "greet~short")
        self.experiment()

    def experiment(self, *, starts: int = -2, ends: int = 60, more: str = "", approved: bool = True) -> None:
        """From one day to another, counted from the rig's first."""
        first, last = ((START + timedelta(days=day)).date() for day in (starts, ends))
        self.policy(self.journey, more=EXPERIMENT.format(starts=first, ends=last, more=more))
        if approved:
            self.approve(self.journey)

    def texts(self) -> dict[str, tuple[str, str]]:
        """By person: the text that they got, and what the ledger says of it."""
        said = {effect.contact_id: effect.variant for effect in self.effects(self.journey) if effect.counts}
        got = {letter.to.partition("@")[0]: letter.subject for _, letter in self.mailer.journal}
        return {who: (subject, said[self.person(who)]) for who, subject in got.items()}
