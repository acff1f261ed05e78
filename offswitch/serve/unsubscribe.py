"""The link in every mail: a page with one button, and the one-click POST of mail programs (RFC 8058)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from offswitch.errors import ConfigError
from offswitch.events import Unsubscribed
from offswitch.intake.opt_outs import OptOut, obey_once
from offswitch.ledger.base import Book, new_id
from offswitch.messages.words import primary
from offswitch.project.links import contact_of, secret
from offswitch.project.project import Project
from offswitch.project.texts import DEFAULT_LANGUAGE
from offswitch.serve.ledger_thread import LedgerThread, Unavailable
from offswitch.serve.pages import House, View, page

SOURCE = "unsubscribe link"
SOON = 2.0  # seconds that a press waits for the ledger once it is kept: some mail programs wait for five
_LONGEST = 200  # characters of a token
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unsubscribe:
    """`/u/{token}`: the token says for whom, and is all the authority that is needed."""

    project: Project
    writer: LedgerThread
    reader: LedgerThread
    keeper: LedgerThread

    async def answer(self, request: Request) -> Response:
        """GET changes nothing, for programs follow links too. POST unsubscribes, whatever its body says: no opt-out is lost."""
        given = request.path_params["token"]
        accepted = request.headers.get("accept-language", "")[:2]
        try:
            contact_id = await self.reader.run(lambda: self._contact_of(given))
            if contact_id is None:
                return _page(View.UNKNOWN, accepted, 404)
            if request.method == "POST":
                await self._take_back(contact_id)
                _LOG.info("unsubscribe: done")
            language = await self._language(contact_id) or accepted
            view = View.DONE if request.method == "POST" else View.ASK
            return _page(view, language, 200, await self.reader.run(lambda: self._house(language)))
        except Unavailable:
            return _page(View.LATER, accepted, 503)

    def _contact_of(self, given: str) -> str | None:
        return contact_of(secret(self.project.settings.home), given) if len(given) <= _LONGEST else None

    async def _take_back(self, contact_id: str) -> None:
        """First beside the ledger, so that it holds even if the ledger can't be written now. Raises Unavailable when neither can."""
        try:
            wish = await self.reader.read(lambda book: self._wish(book, contact_id))
        except Unavailable:
            wish = self._new(contact_id, "")
        if wish is None:
            return
        kept = await self._kept(wish)
        try:
            async with asyncio.timeout(SOON if kept else None):
                await self.writer.write(lambda book: obey_once(book, wish, self.project.clock.now()))
        except (Unavailable, TimeoutError):
            if not kept:
                raise
            _LOG.warning("unsubscribe: kept beside the ledger, which can't be written now")

    def _wish(self, book: Book, contact_id: str) -> OptOut | None:
        """Once: a second press finds it done."""
        agreed = ("marketing", "email") in book.consent.of([contact_id]).get(contact_id, frozenset())
        said = any(event.kind == Unsubscribed.kind for event in book.events.of_contacts([contact_id]).get(contact_id, ()))
        return self._new(contact_id, book.contacts.address(contact_id)) if agreed or not said else None

    def _new(self, contact_id: str, address: str) -> OptOut:
        name = f"{SOURCE}:{new_id()}"
        return OptOut(name, Unsubscribed.kind, self.project.clock.now(), SOURCE, name, contact_id, address, {"channel": "email"})

    async def _kept(self, wish: OptOut) -> bool:
        try:
            await self.keeper.run(lambda: self.project.opt_outs.keep(wish))
        except Unavailable:
            return False
        return True

    async def _language(self, contact_id: str) -> str:
        """The contact's. A ledger that can't be read doesn't take back what was done."""
        try:
            found = await self.reader.read(lambda book: book.contacts.get([contact_id]))
        except Unavailable:
            return ""
        return found[contact_id].language if contact_id in found else ""

    def _house(self, language: str) -> House:
        """Who is left, and where to write; nobody while company.yaml is broken."""
        try:
            sender = self.project.company().sender
        except ConfigError:
            return House()
        return House(sender.names.get(primary(language), sender.name), sender.reply_to)


def _page(view: View, language: str, status: int, house: House | None = None) -> Response:
    headers = {"Retry-After": "60"} if status == 503 else None
    return HTMLResponse(page(view, language or DEFAULT_LANGUAGE, house or House()), status, headers)
