"""A provider that is no work at all: a process of its own that answers every request as a stand-in once answered it."""

from __future__ import annotations

import asyncio
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.site import ROOT

Asked = tuple[bytes, bytes]  # the request's first line, and its body
_LENGTH = b"content-length:"


@contextmanager
def replaying(answers: Mapping[Asked, bytes], url: str) -> Iterator[str]:
    """Where it listens. A body that nobody recorded gets the answer of the last one at the same path.

    `url` is where the stand-in listened: an answer that names it names this server.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answers"
        path.write_bytes(pickle.dumps((dict(answers), url.encode())))
        command = [sys.executable, "-m", "bench.replay", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield f"http://127.0.0.1:{int(server.stdout.readline())}"
            finally:
                server.terminate()


class _Replay(asyncio.Protocol):
    def __init__(self, exact: Mapping[Asked, bytes], last: Mapping[bytes, bytes]) -> None:
        self._exact = exact
        self._last = last
        self._unread = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._unread[:end])
            at = head.lower().find(_LENGTH)
            whole = end + 4 + (int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0)
            if len(self._unread) < whole:
                return
            line, body = head.split(b"\r\n", 1)[0], bytes(self._unread[end + 4 : whole])
            del self._unread[:whole]
            self._transport.write(self._answer(line, body))

    def _answer(self, line: bytes, body: bytes) -> bytes:
        return self._exact.get((line, digest(body))) or self._last.get(line, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def digest(body: bytes) -> bytes:
    """What a body is known by."""
    return sha256(body).digest()


async def _serve(recorded: Mapping[Asked, bytes], url: bytes) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    answers: dict[Asked, bytes] = {}
    last: dict[bytes, bytes] = {}
    server = await loop.create_server(lambda: _Replay(answers, last), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers |= {asked: answer.replace(url, f"http://127.0.0.1:{port}".encode()) for asked, answer in recorded.items()}
    last |= {line: answer for (line, _), answer in answers.items()}
    click.echo(port)
    await stop.wait()
    server.close()


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def main(path: Path) -> None:
    """Answer on 127.0.0.1 until SIGTERM."""
    asyncio.run(_serve(*pickle.loads(path.read_bytes())))


if __name__ == "__main__":
    main()
