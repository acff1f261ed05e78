"""Webhooks in: believed, read and on disk before the sender hears yes."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offswitch.errors import ConfigError
from offswitch.intake.forms import DEFAULT_KIND, SOURCE
from offswitch.intake.inbound import Source, source_of
from offswitch.intake.receive import Received
from offswitch.intake.rejects import CONFLICT
from offswitch.model.post import Post
from offswitch.model.refusal import Refusal
from offswitch.model.submission import Reject, Submission
from offswitch.serve.ledger_thread import Unavailable
from offswitch.serve.store import Store

LARGEST_BODY = 1024 * 1024  # bytes
SLOWEST_BODY = 30.0  # seconds
_HEADERS = {
    408: {"Connection": "close"},
    413: {"Connection": "close"},  # or the rest of the body would still be read
    503: {"Retry-After": "60"},
}
_LATER = Refusal(503, "this can't be stored now: send it again later")
_LOG = logging.getLogger(__name__)


class Notice(NamedTuple):
    """What people are told, once an hour for each `reason` and source."""

    reason: str
    text: str


_CLASH = Notice("conflict", "a form came with an id that was taken, and other content; it is kept under rejects/")
_ENDED = Notice("ended", "the sender has ended the subscription: nothing comes any more until this hook is subscribed again")
_REJECTED = Notice("rejects", "something came that can't be taken; it is kept under rejects/")


@dataclass(frozen=True)
class Said:
    """What the sender hears when nothing is wrong with the request, and what people are told besides."""

    answer: Mapping[str, Any]
    notice: Notice | None = None

    def __str__(self) -> str:
        told = (count if isinstance(count, str) else f"{count} {what}" for what, count in self.answer.items() if what != "errors")
        return ", ".join(told) or "nothing"


@dataclass(frozen=True)
class Hooks:
    """`POST /hooks/{source}`. A source with a file in `sources/` is signed and mapped as that says.

    Any other is one form per request, signed as Standard Webhooks 1.0.0 says. `secrets` are asked for anew each time.
    """

    store: Store
    secrets: Callable[[str], Sequence[str]]
    kinds: Collection[str]

    async def answer(self, request: Request) -> Response:
        """200 once it is stored or kept for a person; else one line that says why not, in the words of `offswitch intake`."""
        source = request.path_params["source"]
        try:
            said = await self._take(source, request)
        except Unavailable:
            return _refused(source, _LATER)
        except Refusal as error:
            alarm = BackgroundTask(self._alarm, source, _CLASH) if error.message == CONFLICT else None
            return _refused(source, error, alarm)
        _LOG.info("hook %s: %s", source, said)
        task = BackgroundTask(self._alarm, source, said.notice) if said.notice else None
        return JSONResponse(said.answer, background=task)

    async def _take(self, source: str, request: Request) -> Said:
        if not SOURCE.fullmatch(source):
            raise Refusal(404, "there is no such hook: a source is written in small letters, digits and _")
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(await _body(request), headers, request.url.query, request.method)
        declared = await asyncio.to_thread(self._declared, source)
        if declared is None:
            return await self._form(source, post)
        return await self._events(declared, post)

    def _declared(self, name: str) -> Source | None:
        """The source as its file says now. Raises Refusal: a file that can't be used makes the sender come again."""
        try:
            return source_of(self.store.project.settings.sources, name)
        except ConfigError as error:
            _LOG.error("hook %s: %s", name, error)
            raise Refusal(503, "the file of this source can't be used now: send it again later") from error

    async def _form(self, source: str, post: Post) -> Said:
        """One form in our own shape."""
        forms, now = self.store.forms, self.store.project.clock.now()
        secrets = await asyncio.to_thread(self.secrets, source)
        message_id = forms.verify(post.body, post.headers, secrets, now)
        parsed = forms.parse_json(post.body)
        if isinstance(parsed, Refusal):
            await self._keep_body(source, post, parsed)
            raise parsed
        raw = parsed if parsed.get("id") not in (None, "") else {**parsed, "id": message_id}
        read = forms.read_submission(raw, source=source, now=now, default_kind=DEFAULT_KIND, known_kinds=self.kinds)
        if isinstance(read, Reject):
            await self.store.keep(source, post.body, [Reject(f"hook {source}", read.reason, raw)])
            raise Refusal(422, read.reason)
        [received] = await self.store.take(source, post.body, [read])
        if received is Received.CONFLICT:
            raise Refusal(409, CONFLICT)
        return Said({"received": received.value})

    async def _events(self, source: Source, post: Post) -> Said:
        """Each event of a declared source by itself. What can't be taken is kept for a person, and the sender is not asked again."""
        now = self.store.project.clock.now()
        believed = await asyncio.to_thread(lambda: source.verify(post, self.secrets(source.name), now))
        if believed.done:
            return Said({"received": believed.done}, _ENDED if believed.done == "unsubscribed" else None)
        try:
            brought = await asyncio.to_thread(source.read, post, believed.id, now, self.kinds)
        except Refusal as refusal:
            await self._keep_body(source.name, post, refusal)
            raise
        taken = [one for one in brought.found if isinstance(one, Submission)]
        received = Counter(await self.store.take(source.name, post.body, taken) if taken else ())
        rejects = [Reject(f"hook {source.name}", one.reason, one.row) for one in brought.found if isinstance(one, Reject)]
        if rejects:  # last: what can't be kept now must not hold up an opt-out beside it
            await self.store.keep(source.name, post.body, rejects)
        counts = {what.value: received[what] for what in Received} | {"rejected": len(rejects), "ignored": brought.ignored}
        errors = {"errors": list(dict.fromkeys(one.reason for one in rejects))[:10]} if rejects else {}
        notice = _CLASH if received[Received.CONFLICT] else _REJECTED if rejects else None
        return Said({what: count for what, count in counts.items() if count} | errors, notice)

    async def _keep_body(self, source: str, post: Post, refusal: Refusal) -> None:
        text = post.body.decode("utf-8", "replace")[:2_000]
        await self.store.keep(source, post.body, [Reject(f"hook {source}", refusal.message, {"text": text})])

    async def _alarm(self, source: str, notice: Notice) -> None:
        await self.store.tell(f"{notice.reason} {source}", f"hook {source}: {notice.text}")


def _refused(source: str, refusal: Refusal, alarm: BackgroundTask | None = None) -> Response:
    _LOG.info("hook %s: refused with %d", source if SOURCE.fullmatch(source) else "?", refusal.status)
    return JSONResponse({"error": refusal.message}, refusal.status, _HEADERS.get(refusal.status), background=alarm)


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
