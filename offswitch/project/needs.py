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


class ProjectNeeds:
    """`scoring` reads the table anew when it has changed; a broken table leaves the score unknown, so people decide."""

    def __init__(self, scoring: Callable[[], ScoringPolicy | None], crm: Crm | None) -> None:
        self._scoring = scoring
        self._crm = crm

    def find(
        self, names: Sequence[str], contacts: Mapping[str, Contact], events: Mapping[str, Sequence[Happened]], now: datetime
    ) -> Mapping[str, Mapping[str, Known]]:
        """By contact id, then by name."""
        found: dict[str, dict[str, Known]] = {contact_id: {} for contact_id in contacts}
        if "score" in names:
            self._scores(found, events)
        if self._crm is not None and set(names) - {"score"}:
            self._from_crm(found, set(names) - {"score"}, contacts, now)
        return found

    def _scores(self, found: dict[str, dict[str, Known]], events: Mapping[str, Sequence[Happened]]) -> None:
        try:
            table = self._scoring()
        except ConfigError:
            return
        for contact_id, known in found.items():
            form = next((one for one in reversed(events.get(contact_id, ())) if one.kind == DiagnosticCompleted.kind), None)
            if table is not None and form is not None:
                known["score"] = Known(score(form.data.get("answers") or {}, table), "scoring.yaml", form.at)

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
