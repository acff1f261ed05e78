"""A flow whose file is edited while people are inside: each version is a module of its own, as after a deployment."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path

from offswitch import days
from offswitch.journey.journey import Journey
from tests.act.rig import Rig

CODE = """
from offswitch import Decision, Facts, Journey, Plan, days, finish, hand_over, hours, send
from offswitch.events import CheckStarted, FormSubmitted, Replied

series = Journey("series", starts_on=FormSubmitted, goal=CheckStarted, give_up_after=days(30))

@series.step
def hello(lead: Facts) -> Decision:
    return Plan(send("hello"), then=greet, after=days(2), or_when={Replied: answer})

@series.step
def greet(lead: Facts) -> Decision:
    return Plan(send("more"), then=value, after=days(3))

@series.step
def value(lead: Facts) -> Decision:
    return Plan(send("extra"), then=finish("complete"))

@series.step
def answer(lead: Facts) -> Decision:
    return hand_over("answer the reply", then=value)
"""
GREET = """@series.step
def greet(lead: Facts) -> Decision:
    return Plan(send("more"), then=value, after=days(3))
"""
ANSWER = """@series.step
def answer(lead: Facts) -> Decision:
    return hand_over("answer the reply", then=value)
"""
EXTRA = """@series.step
def between(lead: Facts) -> Decision:
    return Plan(send("extra"), then=greet)

"""
NO_GREET = ((GREET, ""), ("then=greet", "then=value"))
NO_ANSWER = ((ANSWER, ""), (", or_when={Replied: answer}", ""))
_numbers = count()


def version(folder: Path, *edits: tuple[str, str]) -> Journey:
    """The journey after these replacements in its file."""
    text = CODE
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    path = folder / f"series_{next(_numbers)}.py"
    path.write_text(text, encoding="utf-8")
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    journey: Journey = module.series
    return journey


class Edited:
    """A rig with people at `greet`, where they wait for two days, and the means to edit the flow."""

    def __init__(self, root: Path, *people: str) -> None:
        self.root = root
        self.old = version(root)
        self.rig = Rig(root / "project", self.old)
        self.rig.letter(self.old, "extra")
        self.rig.approve(self.old)
        self.rig.submit_all(*people)
        self.rig.run(self.old)

    def edit(self, *edits: tuple[str, str], policy: str = "", approve: bool = True) -> Journey:
        """Deploy the edited file with these lines in the policy."""
        new = version(self.root, *edits)
        self.rig.policy(new, more=policy)
        if approve:
            self.rig.approve(new)
        return new

    def pass_by(self, journey: Journey, *waits: int) -> None:
        """A pass after so many days each."""
        for wait in waits:
            self.rig.run(journey, days(wait))

    def subjects(self, who: str) -> list[str]:
        """The letters that somebody got, in order."""
        return [letter.subject for _, letter in self.rig.mailer.journal if letter.to == f"{who}@example.com"]
