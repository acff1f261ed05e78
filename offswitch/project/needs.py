"""Facts that the ledger doesn't hold: the score of a diagnostic form, and what the CRM knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from offswitch.act.ports import Crm
from offswitch.errors import ConfigError
from offswitch.events import DiagnosticCompleted
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.facts import Known
from offswitch.policy.schema import ScoringPolicy
from offswitch.policy.scoring import score
from offswitch.policy.sorting import Sorting


class ProjectNeeds:
    """`sorting` reads the tables anew when one has changed; broken tables leave score, segment and stage unknown, so people decide."""

    def __init__(self, sorting: Callable[[], Sorting], crm: Crm | None) -> None:
        self._sorting = sorting
        self._crm = crm

    def find(
        self, names: Sequence[str], contacts: Mapping[str, Contact], events: Mapping[str, Sequence[Happened]], now: datetime
    ) -> Mapping[str, Mapping[str, Known]]:
        """By contact id, then by name. What the project's own tables give is always found, for policies may ask for it."""
        found: dict[str, dict[str, Known]] = {contact_id: {} for contact_id in contacts}
        try:
            sorting = self._sorting()
        except ConfigError:
            sorting = Sorting()
        if sorting.scoring is not None:
            _score(found, sorting.scoring, events)
        ours = {"score", "segment"} if sorting.segments else {"score"}
        from_crm = {*names, *(["stage"] if sorting.funnel else [])} - ours
        if self._crm is not None and from_crm:
            self._from_crm(found, from_crm, contacts, now)
        if sorting.funnel is None and sorting.segments is None:
            return found
        return {person: sorting.sort(contacts[person], tuple(events.get(person, ())), known, now) for person, known in found.items()}

    def _from_crm(self, found: dict[str, dict[str, Known]], names: set[str], contacts: Mapping[str, Contact], now: datetime) -> None:
        assert self._crm is not None
        try:
            by_email = self._crm.read([contact.email for contact in contacts.values() if contact.email])
        except Exception:  # noqa: BLE001 - a CRM that can't be read leaves facts unknown: people decide, the flow goes on
            return
        for contact_id, contact in contacts.items():
            for name, value in by_email.get(contact.email, {}).items():
                if name in names:
                    found[contact_id][name] = Known(value, self._crm.name, now)


def _score(found: dict[str, dict[str, Known]], table: ScoringPolicy, events: Mapping[str, Sequence[Happened]]) -> None:
    for contact_id, known in found.items():
        form = next((one for one in reversed(events.get(contact_id, ())) if one.kind == DiagnosticCompleted.kind), None)
        if form is not None:
            known["score"] = Known(score(form.data.get("answers") or {}, table), "scoring.yaml", form.at)
