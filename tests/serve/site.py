"""A project served on a loopback port, and a sender who knows its secret."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook

from offswitch.clock import Clock, SystemClock
from offswitch.project.links import secret, token
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.serve.app import app_of
from offswitch.serve.server import listen, server_of

ROOT = Path(__file__).parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
COMPANY = """\
switch: off
zone: Asia/Riyadh
unsubscribe_url: "http://127.0.0.1:8080"
people: {mariam@bayan.example: {name: Mariam Haddad, roles: [owner]}}
teams: {support: [mariam@bayan.example]}
alerts: {emails: [mariam@bayan.example, omar@bayan.example]}
sender:
  name: Mariam Haddad
  names: {ar: مريم حداد}
  email: mariam@bayan.example
  reply_to: hello@bayan.example
  postal_address: 12 King Fahd Road, Riyadh
"""


def project_in(folder: Path, clock: Clock | None = None, *, opened: bool = False, environment: Mapping[str, str] | None = None) -> Project:
    """A project of its own folder, with the flows and messages of this repository."""
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    (policies / "company.yaml").write_text(COMPANY, encoding="utf-8")
    known = {"OFFSWITCH_HOOK_SECRET_SITE": SECRET, "OFFSWITCH_SMTP_PORT": "1", **(environment or {})}  # nobody listens there
    settings = Settings(
        folder / "home",
        policies=policies,
        messages=ROOT / "messages",
        flows=ROOT / "flows",
        sources=folder / "sources",
        environment=known,
    )
    project = Project(settings, clock or SystemClock())
    if opened:  # making the tables takes longer than a short patience
        project.ledger.close()
    return project


@dataclass
class Site:
    """Speaks to the server as the outside does."""

    project: Project
    client: httpx.Client

    def send(
        self, form: Any, changed: Mapping[str, str] | None = None, *, id: str = "msg_1", at: datetime | None = None, source: str = "site"
    ) -> httpx.Response:
        """A signed webhook, with these headers changed."""
        body = form if isinstance(form, bytes) else json.dumps(form, ensure_ascii=False).encode()
        return self.client.post(f"/hooks/{source}", content=body, headers=self.signed(body, id, at) | dict(changed or {}))

    def signed(self, body: bytes, id: str = "msg_1", at: datetime | None = None, secret: str = SECRET) -> dict[str, str]:
        """The headers that belong to this body."""
        at = at or self.project.clock.now()
        stamp = str(int(at.timestamp()))
        return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": Webhook(secret).sign(id, at, body.decode())}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What is on disk, read past the server."""
        connection = sqlite3.connect(self.project.settings.home / "ledger.sqlite")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else holds the ledger."""
        connection = sqlite3.connect(self.project.settings.home / "ledger.sqlite", isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            connection.close()

    def link(self, contact_id: str) -> str:
        """The path of a person's unsubscribe link."""
        return f"/u/{token(secret(self.project.settings.home), contact_id)}"

    def joined(self, **contact: str) -> str:
        """A person who agreed to marketing; the contact's id."""
        person = {"email": "sara@example.com", **contact}
        answer = self.send({"id": f"f-{person['email']}", "contact": person, "consent": {"marketing": True, "wording": "yes"}})
        assert answer.status_code == 200, answer.text
        return str(self.rows(f"SELECT id FROM contacts WHERE address = '{person['email']}'")[0][0])

    def agrees(self, contact_id: str) -> bool:
        """May marketing be sent to this person?"""
        with self.project.ledger.read() as book:
            return ("marketing", "email") in book.consent.of([contact_id]).get(contact_id, frozenset())


@contextmanager
def served(project: Project, patience: float = 10) -> Iterator[Site]:
    """The project behind a real server on a free port."""
    listener = listen("127.0.0.1", 0)
    server = server_of(app_of(project, patience))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    limits = httpx.Limits(max_connections=None)
    with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60, limits=limits, trust_env=False) as client:
        patient = time.monotonic() + 20
        while not server.started and time.monotonic() < patient:
            time.sleep(0.01)
        try:
            yield Site(project, client)
        finally:
            server.should_exit = True
            client.close()
            thread.join(40)
    assert not thread.is_alive()


def form(**fields: Any) -> Mapping[str, Any]:
    """A form that is taken, but for what is given here."""
    return {"id": "f-1", "contact": {"email": "sara@example.com", "name": "سارة"}, "data": {"utm": "spring"}} | fields
