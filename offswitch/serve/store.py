"""What was read from a post, put on disk before the sender hears yes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from offswitch.intake.forms import Forms
from offswitch.intake.opt_outs import KINDS, opt_out_of
from offswitch.intake.receive import Received, receive
from offswitch.intake.rejects import conflict, keep
from offswitch.model.submission import Reject, Submission
from offswitch.project.notices import tell
from offswitch.project.project import Project
from offswitch.serve.ledger_thread import LedgerThread, Unavailable

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """Writing, keeping opt-outs and telling have a thread each, so that none waits for another."""

    project: Project
    ledger: LedgerThread
    keeper: LedgerThread
    alerts: LedgerThread
    forms: Forms

    async def take(self, source: str, body: bytes, submissions: Sequence[Submission]) -> list[Received]:
        """All of one post in one transaction. Those with an id that was taken, and other content, are kept. Raises Unavailable."""
        live = [replace(one, dated=True) for one in submissions]  # it was signed just now: this is when the person sent it
        kept = await self._keep_opt_outs(live)
        try:
            received = await self.ledger.write(lambda book: [receive(book, one, self.project.clock.now()) for one in live])
        except Unavailable:
            if not all(one.kind in KINDS for one in live) or not kept:
                raise
            return [Received.NEW] * len(live)  # it is on disk, and the next run obeys it
        clashing = [conflict(one, f"hook {source}") for one, what in zip(live, received, strict=True) if what is Received.CONFLICT]
        if clashing:
            await self.keep(source, body, clashing, "-conflict")
        return received

    async def keep(self, source: str, body: bytes, rejects: Sequence[Reject], what: str = "") -> None:
        """For a person to mend. The same body is kept once, however often it is sent. Raises Unavailable."""
        name = f"hook-{source}-{sha256(body).hexdigest()[:12]}{what}"
        await self.ledger.run(lambda: keep(self.project.settings.home, name, rejects, self.forms.write_rejects))

    async def tell(self, about: str, text: str) -> None:
        """Whom `company.yaml` names, once an hour for each `about`."""
        await self.alerts.run(lambda: tell(self.project, [(about, text)]))

    async def _keep_opt_outs(self, submissions: Sequence[Submission]) -> bool:
        """Bounces, complaints and opt-outs that are new are kept beside the ledger first. Are they on disk now?"""
        found = [no for one in submissions if (no := opt_out_of(one))]
        if not found:
            return False
        try:
            new = await self.ledger.read(lambda book: [no for no in found if book.events.digest_of(no.id) is None])
        except Unavailable:
            _LOG.warning("hook %s: the ledger can't be read now", submissions[0].source)
            new = found
        try:
            await self.keeper.run(lambda: self.project.opt_outs.keep(*new))
        except Unavailable:
            return False
        return bool(new)
