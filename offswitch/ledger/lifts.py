"""When a rule was first lifted in a flow, and when it held again: what was sent in between may be owed to that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, text, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.stop_tables import LASTING, lifts


class LiftRows:
    """The lift rows of one transaction. `text` says which rule, until when, by whom and why."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def lasting(self, flow: str) -> set[str]:
        """What has begun and not ended."""
        return set(self._connection.scalars(select(lifts.c.text).where(text(LASTING), lifts.c.flow == flow)))

    def begin(self, flow: str, words: str, by: str, at: datetime) -> None:
        """From now on the rule doesn't hold."""
        adding = insert(lifts).values(flow=flow, text=words, by=by, at=at)
        self._log.wrote(lifts, self._connection.scalars(adding.returning(lifts.c.id)))

    def end(self, flow: str, words: str, at: datetime) -> None:
        """It holds again."""
        still = (text(LASTING), lifts.c.flow == flow, lifts.c.text == words)
        ending = update(lifts).where(*still).values(ended=at).returning(lifts.c.id)
        self._log.wrote(lifts, self._connection.scalars(ending))
