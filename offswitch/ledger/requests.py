"""What one person asked for and another has to agree to, because it can't be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.stop_tables import requests


@dataclass(frozen=True, slots=True)
class Request:
    """`kind` is on, retire or reconcile; `size` is how many people it would touch when it was asked for."""

    id: int
    kind: str
    subject: str
    size: int
    by: str
    why: str
    at: datetime


class Requests:
    """The request rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def ask(self, kind: str, subject: str, size: int, *, by: str, why: str, at: datetime) -> None:
        """One person asks. What was asked before for the same thing and never agreed to no longer counts."""
        open_ones = (requests.c.kind == kind, requests.c.subject == subject, requests.c.agreed.is_(None))
        voiding = update(requests).where(*open_ones).values(agreed=at, agreed_by="")
        self._log.wrote(requests, self._connection.scalars(voiding.returning(requests.c.id)))
        row = {"kind": kind, "subject": subject, "size": size, "by": by, "why": why, "at": at, "agreed_by": ""}
        self._log.wrote(requests, self._connection.scalars(insert(requests).values(row).returning(requests.c.id)))

    def open(self, kind: str, subject: str, since: datetime) -> Request | None:
        """What has been asked for since then and nobody has agreed to yet."""
        query = select(requests).where(requests.c.kind == kind, requests.c.subject == subject, requests.c.agreed.is_(None))
        row = self._connection.execute(query.where(requests.c.at >= since).order_by(requests.c.id.desc()).limit(1)).first()
        return Request(row.id, row.kind, row.subject, row.size, row.by, row.why, row.at) if row else None

    def agree(self, request: Request, *, by: str, at: datetime) -> None:
        """Another person agrees."""
        self._connection.execute(update(requests).where(requests.c.id == request.id).values(agreed=at, agreed_by=by))
        self._log.wrote(requests, [request.id])
