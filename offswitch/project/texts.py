"""A flow's messages, written for one person: language, sender and the unsubscribe link of that person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from offswitch.act.ports import Front
from offswitch.errors import ConfigError
from offswitch.gate.case import MARKETING
from offswitch.gate.variant import text_for
from offswitch.messages.amount import amount_of
from offswitch.messages.letter import Letter
from offswitch.messages.library import Library, Missing, named
from offswitch.messages.sender import Sender
from offswitch.model.action import Action
from offswitch.model.facts import Facts
from offswitch.policy.experiments import Experiment
from offswitch.policy.money import Money
from offswitch.policy.schema import CompanyPolicy

DEFAULT_LANGUAGE = "en"
CHANNEL = "email"


class FlowTexts:
    """`company` is asked for at every letter, so that a corrected sender counts at once; `trials` too, the experiments in force."""

    def __init__(
        self,
        library: Library,
        flow: str,
        company: Callable[[], CompanyPolicy],
        link: Callable[[str], str],
        trials: Callable[[], Mapping[str, Experiment]] = dict,
    ) -> None:
        self._library = library
        self._flow = flow
        self._company = company
        self._link = link
        self._trials = trials
        self._senders: tuple[CompanyPolicy | None, dict[str, Sender]] = (None, {})

    def front(self, message: str) -> Front:
        """What a message is for. One that can't be read counts as marketing, the strictest."""
        try:
            front = self._library.front(self._flow, message)
        except (Missing, ConfigError):
            return Front(MARKETING)
        return Front(front.purpose, front.decides, front.ask, front.amount, front.currency)

    def purpose(self, flow: str, message: str) -> str:
        """What a message of any flow is for."""
        try:
            return self._library.front(flow, message).purpose
        except (Missing, ConfigError):
            return MARKETING

    def write(self, facts: Facts, action: Action, key: str) -> Letter | str:
        """A finished letter, or what is lacking, in words."""
        from offswitch.messages.compose import compose  # a tenth of a second for those who never write

        if action.channel != CHANNEL:  # consent and suppression were judged for the channel that the step named
            return f"nothing here can send by {action.channel}"
        if not self._company().privacy_url:
            return "company.yaml has no privacy_url, and every message must link to it"
        language = facts.contact.language or DEFAULT_LANGUAGE
        variant, lot = self._variant(facts, action)
        try:
            letter = compose(
                self._library.get(self._flow, named(action.message, variant), language),
                contact=facts.contact,
                variables=_variables(facts, action),
                sender=self._sender(language),
                key=key,
                unsubscribe_url=self._link(facts.contact.id),
            )
        except (Missing, ConfigError) as error:
            return str(error)
        return replace(letter, variant=lot) if isinstance(letter, Letter) else str(letter)

    def amount(self, facts: Facts, action: Action) -> Money | None:
        """How much money a message is about; None when that is not known, or it is about none."""
        front = self.front(action.message)
        return amount_of(front.amount, front.currency, _variables(facts, action)) if front.amount else None

    def _variant(self, facts: Facts, action: Action) -> tuple[str, str]:
        trials = self._trials()
        if not trials:
            return "", ""
        today = facts.now.astimezone(ZoneInfo(self._company().zone)).date()
        return text_for(trials, self._flow, action.message, facts.contact.id, today)

    def _sender(self, language: str) -> Sender:
        company = self._company()
        if self._senders[0] is not company:
            self._senders = (company, {})
        return self._senders[1].setdefault(language, sender_of(company, language))


def _variables(facts: Facts, action: Action) -> dict[str, Any]:
    """What a text may show besides the contact: known facts, what the step gives, and the event that began all this."""
    trigger = next((happened.data for happened in facts.events if happened.id == facts.trigger), {})
    return {**{name: fact.value for name, fact in facts.known.items()}, **action.values, "event": trigger}


def sender_of(company: CompanyPolicy, language: str) -> Sender:
    """Who writes, in this language."""
    sender = company.sender
    return Sender(
        name=sender.names.get(language, sender.name),
        email=sender.email,
        reply_to=sender.reply_to,
        postal_address=sender.postal_addresses.get(language, sender.postal_address),
        privacy_url=str(company.privacy_url or ""),
        domain=sender.email.rpartition("@")[2],
    )
