"""An SMTP server that accepts everything as fast as Python can: the other side of benches and drills.

`python -m offswitch.testing.smtp_sink --port 0 --journal taken.jsonl` prints its port as the first line.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import click

from offswitch.testing.journal import Journal, Taken

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 2.1.0 ok\r\n",
    b"RCPT": b"250 2.1.5 ok\r\n",
    b"DATA": b"354 go ahead\r\n",
    b"RSET": b"250 2.0.0 ok\r\n",
    b"NOOP": b"250 2.0.0 ok\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}


class _Sink(asyncio.Protocol):
    def __init__(self, journal: Journal, calls: dict[int, Callable[[], None]]) -> None:
        self._journal = journal
        self._calls = calls
        self._inbox = bytearray()
        self._in_data = False
        self._sender = self._to = ""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        searched = max(0, len(self._inbox) - 4)
        self._inbox += data
        while (end := self._inbox.find(b"\r\n.\r\n" if self._in_data else b"\r\n", searched)) >= 0:
            piece = bytes(self._inbox[:end])
            del self._inbox[: end + (5 if self._in_data else 2)]
            searched = 0
            if self._in_data:
                self._take(piece + b"\r\n")
            else:
                self._command(piece)

    def _take(self, stuffed: bytes) -> None:
        self._in_data = False
        self._journal.add(self._sender, self._to, stuffed.replace(b"\r\n..", b"\r\n."))
        self._calls.pop(len(self._journal.taken), lambda: None)()
        self._transport.write(b"250 2.0.0 accepted\r\n")

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        self._transport.write(_ANSWERS.get(verb, b"502 5.5.2 unknown\r\n"))
        match verb:
            case b"MAIL":
                self._sender = _address(line)
            case b"RCPT":
                self._to = _address(line)
            case b"DATA":
                self._in_data = True
            case b"QUIT":
                self._transport.close()


def _address(line: bytes) -> str:
    return line[line.find(b"<") + 1 : line.find(b">")].decode("utf-8", "replace")


class SinkSmtpServer:
    """The sink in a thread of this process; a context manager. `taken` holds what it accepted."""

    def __init__(self, journal: Path | None = None) -> None:
        self.port = 0
        self._journal = Journal(journal)
        self._calls: dict[int, Callable[[], None]] = {}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def taken(self) -> list[Taken]:
        """Every message so far."""
        return self._journal.taken

    def at(self, count: int, do: Callable[[], None]) -> None:
        """When that many messages have been taken, before the last of them is answered, do this."""
        self._calls[count] = do

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._journal.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await self._loop.create_server(lambda: _Sink(self._journal, self._calls), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()


async def _serve(port: int, journal: Journal) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    server = await loop.create_server(lambda: _Sink(journal, {}), "127.0.0.1", port, backlog=512)
    click.echo(server.sockets[0].getsockname()[1])
    await stop.wait()
    server.close()


@click.command()
@click.option("--port", default=0, show_default=True, help="0: any free port; it is printed first.")
@click.option("--journal", type=click.Path(path_type=Path), help="Write each accepted message as a JSON line.")
@click.option("--sync", is_flag=True, help="Put each line on the disk before the message is accepted.")
def main(port: int, journal: Path | None, sync: bool) -> None:
    """Accept mail on 127.0.0.1 until SIGTERM."""
    asyncio.run(_serve(port, Journal(journal, sync=sync, keep=False)))


if __name__ == "__main__":
    main()
