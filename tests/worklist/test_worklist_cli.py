from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from unicodedata import combining

import pytest
from click.testing import CliRunner, Result

from offswitch.cli import verbs
from offswitch.errors import Refused
from tests.act.conftest import MakeRig
from tests.act.rig import Rig

FLOW = '''\
"""A flow of this test."""

from offswitch import Decision, Facts, Journey, Plan, days, finish, send, update
from offswitch.events import CheckStarted, FormSubmitted

{name} = Journey("{name}", starts_on=FormSubmitted, goal=CheckStarted)


@{name}.step
def hello(lead: Facts) -> Decision:
    return Plan(send("hello"), update(stage="new"), then=finish("complete"), after=days(2))
'''
Command = Callable[..., Result]


@pytest.fixture
def rig(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A project in a folder of its own, switched off, with two people who wait."""
    made = rig_of()
    name = f"offhand{os.urandom(4).hex()}"  # a module of its own for every test
    made.save(made.root / f"{name}_flows" / f"{name}.py", FLOW.format(name=name))
    made.settings = type(made.settings)(
        home=made.settings.home, policies=made.settings.policies, messages=made.settings.messages, flows=made.root / f"{name}_flows"
    )
    yield made
