"""Stands in for the texts: what a message is for is read from its file, the message itself is never written."""

from __future__ import annotations

from dataclasses import dataclass

from offswitch.act.ports import Front, Texts
from offswitch.messages.letter import Letter
from offswitch.model.action import Action
from offswitch.model.facts import Facts
from offswitch.policy.money import Money

_LETTER = Letter("", "", "", "", "", "", "", "", "", "")


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Writing is the slow part of a pass. What only a text could lack is not foreseen."""

    texts: Texts

    def front(self, message: str) -> Front:
        """What a message is for."""
        return self.texts.front(message)

    def purpose(self, flow: str, message: str) -> str:
        """What a message of any flow is for."""
        return self.texts.purpose(flow, message)

    def write(self, facts: Facts, action: Action, key: str) -> Letter | str:
        """No letter in particular."""
        return _LETTER

    def amount(self, facts: Facts, action: Action) -> Money | None:
        """How much money a message is about."""
        return self.texts.amount(facts, action)
