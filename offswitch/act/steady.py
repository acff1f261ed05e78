"""A desk that looks up once what a message is for: for one window, or one long list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from offswitch.act.desk import Desk
from offswitch.act.ports import Front, Texts
from offswitch.messages.letter import Letter
from offswitch.model.action import Action
from offswitch.model.facts import Facts
from offswitch.policy.money import Money


def steady(desk: Desk) -> Desk:
    """The same desk otherwise. Each look reads the folder of the texts, which costs more than all rules together."""
    return replace(desk, texts=_Steady(desk.texts))


@dataclass(slots=True)
class _Steady:
    texts: Texts
    fronts: dict[str, Front] = field(default_factory=dict)
    purposes: dict[tuple[str, str], str] = field(default_factory=dict)

    def front(self, message: str) -> Front:
        """What a message is for."""
        if message not in self.fronts:
            self.fronts[message] = self.texts.front(message)
        return self.fronts[message]

    def purpose(self, flow: str, message: str) -> str:
        """What a message of any flow is for."""
        if (flow, message) not in self.purposes:
            self.purposes[flow, message] = self.texts.purpose(flow, message)
        return self.purposes[flow, message]

    def write(self, facts: Facts, action: Action, key: str) -> Letter | str:
        """A finished letter, or what is lacking, in words."""
        return self.texts.write(facts, action, key)

    def amount(self, facts: Facts, action: Action) -> Money | None:
        """How much money a message is about."""
        return self.texts.amount(facts, action)
