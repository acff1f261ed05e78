"""From bytes on the line to an Answer: bounded, unpacked, and only what was expected."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx

from connectors.http.outcome import Answer
from connectors.http.request import Request

_ANY = 47  # zlib's name for gzip or deflate, whichever it is


class Unreadable(Exception):
    """What follows the status is not what a provider would say; `head` is the answer without its body."""

    def __init__(self, response: httpx.Response, why: str) -> None:
        super().__init__(why)
        self.head = Answer(response.status_code, dict(response.headers), b"")


def read(response: httpx.Response, request: Request, most: int) -> Answer:
    """The whole answer, at most `most` bytes after unpacking. Raises Unreadable, httpx.HTTPError."""
    try:
        body = _whole(response, most)
    except httpx.HTTPError:
        if response.is_success:
            raise
        raise Unreadable(response, "an answer that breaks off") from None
    value = _expected(response, body, request) if response.is_success else _tolerant(body)
    return Answer(response.status_code, dict(response.headers), body, value)


def _whole(response: httpx.Response, most: int) -> bytes:
    content = bytearray()
    for chunk in _unpacked(response, most):
        content += chunk
        if len(content) > most:
            raise Unreadable(response, "a longer answer than any it should give")
    return bytes(content)


def _unpacked(response: httpx.Response, most: int) -> Iterator[bytes]:
    """Unpacked piece by piece: a bomb is noticed long before it has gone off."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing in {"identity", ""}:
        yield from response.iter_raw()
        return
    if packing not in {"gzip", "deflate"}:
        raise Unreadable(response, "an answer in a packing that nobody asked for")
    unpack = zlib.decompressobj(_ANY)
    try:
        for chunk in response.iter_raw():
            yield unpack.decompress(chunk, most + 1)
    except zlib.error:
        raise Unreadable(response, "an answer that can't be unpacked") from None
    if not unpack.eof:
        raise Unreadable(response, "an answer that breaks off")


def _expected(response: httpx.Response, body: bytes, request: Request) -> Any:
    if request.expects == "bytes":
        return None
    if request.expects == "nothing" or response.status_code == httpx.codes.NO_CONTENT:
        if body:
            raise Unreadable(response, "an answer where none is expected")
        return None
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise Unreadable(response, "something else than JSON")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(response, "JSON that breaks off or is none") from None


def _tolerant(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
