"""A real SMTP server (aiosmtpd) that puts each message into a folder, to be opened with any mail program.

`python -m offswitch.testing.mailbox --port 0 --eml mail --journal taken.jsonl` prints its port as the first line.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Connection

from offswitch.testing.journal import Journal


class Mailbox:
    """aiosmtpd's handler: `0001.eml`, `0002.eml` … and one journal line each, before the message is accepted."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._journal = journal
        self._count = len(list(folder.glob("*.eml")))

    async def handle_DATA(self, server: SMTP, session: Connection, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a message."""
        data = envelope.content
        assert isinstance(data, bytes)
        self._count += 1
        (self._folder / f"{self._count:04d}.eml").write_bytes(data)
        self._journal.add(envelope.mail_from or "", ", ".join(envelope.rcpt_tos), data)
        return "250 2.0.0 accepted"


async def serve(port: int, mailbox: Mailbox) -> None:
    """Print the port and accept mail on 127.0.0.1 until SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="mailbox", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port)
    click.echo(server.sockets[0].getsockname()[1])
    await stop.wait()
    server.close()


@click.command()
@click.option("--port", default=0, show_default=True, help="0: any free port; it is printed first.")
@click.option("--eml", type=click.Path(path_type=Path), required=True, help="Folder for the messages, one file each.")
@click.option("--journal", type=click.Path(path_type=Path), help="Write each accepted message as a JSON line.")
def main(port: int, eml: Path, journal: Path | None) -> None:
    """Keep every message as a file until SIGTERM."""
    asyncio.run(serve(port, Mailbox(eml, Journal(journal, keep=False))))


if __name__ == "__main__":
    main()
