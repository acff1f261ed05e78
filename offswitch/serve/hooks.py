"""Webhooks in: believed, read and on disk before the sender hears yes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offswitch.intake.forms import DEFAULT_KIND, SOURCE, Forms
from offswitch.intake.opt_outs import opt_out_of
from offswitch.intake.receive import Received, receive
from offswitch.intake.rejects import CONFLICT, keep
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject, Submission
from offswitch.project.notices import tell
from offswitch.project.project import Project
from offswitch.serve.ledger_thread import LedgerThread, Unavailable

LARGEST_BODY = 1024 * 1024  # bytes
SLOWEST_BODY = 30.0  # seconds
_HEADERS = {
    408: {"Connection": "close"},
    413: {"Connection": "close"},  # or the rest of the body would still be read
    503: {"Retry-After": "60"},
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hooks:
    """`POST /hooks/{source}`: one form per request, signed as Standard Webhooks 1.0.0 says."""

    project: Project
    ledger: LedgerThread
    keeper: LedgerThread
    alerts: LedgerThread
    forms: Forms
    kinds: Collection[str]

    async def answer(self, request: Request) -> Response:
        """200 once it is stored, `new` or `known`; else one line that says why not, in the words of `offswitch intake`."""
        source = request.path_params["source"]
        alarm: BackgroundTask | None = None
        try:
            received = await self._take(source, request)
        except Unavailable:
            refusal = Refusal(503, "this can't be stored now: send it again later")
        except Refusal as error:
            refusal = error
        else:
            if received is not Received.CONFLICT:
                _LOG.info("hook %s: %s", source, received.value)
                return JSONResponse({"received": received.value})
            refusal = Refusal(409, CONFLICT)
            alarm = BackgroundTask(self._alarm, source)
        _LOG.info("hook %s: refused with %d", source if SOURCE.fullmatch(source) else "?", refusal.status)
        return JSONResponse({"error": refusal.message}, refusal.status, _HEADERS.get(refusal.status), background=alarm)

    async def _take(self, source: str, request: Request) -> Received:
        if not SOURCE.fullmatch(source):
            raise Refusal(404, "there is no such hook: a source is written in small letters, digits and _")
        body = await _body(request)
        now = self.project.clock.now()
        message_id = self.forms.verify(body, request.headers, secrets_of(source, self.project.settings.environment), now)
        raw: Mapping[str, Any] = {"text": body.decode("utf-8", "replace")[:2_000]}
        parsed = self.forms.parse_json(body)
        if isinstance(parsed, Refusal):
            await self._keep(source, body, Reject(f"hook {source}", parsed.message, raw))
            raise parsed
        raw = parsed if parsed.get("id") not in (None, "") else {**parsed, "id": message_id}
        read = self.forms.read_submission(raw, source=source, now=now, default_kind=DEFAULT_KIND, known_kinds=self.kinds)
        if isinstance(read, Reject):
            await self._keep(source, body, Reject(f"hook {source}", read.reason, raw))
            raise Refusal(422, read.reason)
        return await self._store(source, body, raw, read)

    async def _store(self, source: str, body: bytes, raw: Mapping[str, Any], submission: Submission) -> Received:
        live = replace(submission, dated=True)  # it was signed just now: this is when the person sent it
        kept = await self._kept(live)
        try:
            received = await self.ledger.write(lambda book: receive(book, live, self.project.clock.now()))
        except Unavailable:
            if not kept:
                raise
            return Received.NEW  # it is on disk, and the next run obeys it
        if received is Received.CONFLICT:
            await self._keep(source, body, Reject(f"hook {source}", CONFLICT, raw))
        return received

    async def _kept(self, submission: Submission) -> bool:
        """A bounce, a complaint or an opt-out is kept beside the ledger first."""
        no = opt_out_of(submission)
        if no is None:
            return False
        try:
            if await self.ledger.read(lambda book: book.events.digest_of(no.id)) is not None:
                return False
        except Unavailable:
            _LOG.warning("hook %s: the ledger can't be read now", submission.source)
        try:
            await self.keeper.run(lambda: self.project.opt_outs.keep(no))
        except Unavailable:
            return False
        return True

    async def _keep(self, source: str, body: bytes, reject: Reject) -> None:
        """For a person to mend. The same body is kept once, however often it is sent."""
        name = f"hook-{source}-{sha256(body).hexdigest()[:12]}"
        await self.ledger.run(lambda: keep(self.project.settings.home, name, [reject], self.forms.write_rejects))

    async def _alarm(self, source: str) -> None:
        text = f"hook {source}: a form came with an id that was taken, and other content; it is kept under rejects/"
        await self.alerts.run(lambda: tell(self.project, [(f"conflict {source}", text)]))


def secrets_of(source: str, environment: Mapping[str, str]) -> list[str]:
    """OFFSWITCH_HOOK_SECRET_<SOURCE>, and of OFFSWITCH_HOOK_SECRETS_<SOURCE> each word, while a secret is being changed."""
    name = source.upper()
    one, several = (environment.get(f"OFFSWITCH_HOOK_{kind}_{name}", "") for kind in ("SECRET", "SECRETS"))
    return [*one.split(), *several.split()]


async def _body(request: Request) -> bytes:
    """What arrives, byte for byte, given up as soon as it is too much."""
    too_large = Refusal(413, "the body is larger than 1 MiB")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > LARGEST_BODY:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise too_large
    except TimeoutError:
        raise Refusal(408, f"the body did not arrive within {SLOWEST_BODY:.0f} seconds") from None
    return bytes(body)
