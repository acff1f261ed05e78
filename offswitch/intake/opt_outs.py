"""Opt-outs, bounces and complaints, kept in a file of their own before the ledger hears of them.

So a no holds on the day when the ledger can't be written, and in a ledger that comes back from a backup. The file needs the
address, as a restored ledger may not know the person yet: only its owner may read it.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path
from secrets import token_hex
from typing import Any

from offswitch.events import MailBounced, MailComplained, Unsubscribed
from offswitch.intake.receive import obey
from offswitch.ledger.base import Book, Ledger, new_id
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.submission import Submission

KINDS = (Unsubscribed.kind, MailBounced.kind, MailComplained.kind)
KEPT = timedelta(days=400)  # longer than the oldest backup that anybody restores: a year's, and some weeks to notice
_SPARE = 256 * 1024  # bytes that are given up when the disk is full: room for a thousand opt-outs
_TAIL = 64 * 1024  # bytes at the end in which the last line is found
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class OptOut:
    """`contact_id` or `address`, or both, say who. `id` and `digest` are the event's, so that it is taken once."""

    id: str
    kind: str
    at: datetime
    source: str
    digest: str
    contact_id: str = ""
    address: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def opt_out_of(submission: Submission) -> OptOut | None:
    """What a submission means here; None for one that is none of these."""
    if submission.kind not in KINDS:
        return None
    event_id = f"{submission.source}:{submission.id}"
    address = canonical_email(submission.email)
    return OptOut(event_id, submission.kind, submission.at, submission.source, submission.digest, address=address, data=submission.data)


class OptOuts:
    """The file. Any process may append to it; every line has a number, one more than the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spare = path.with_name(f"{path.name}.spare")

    def keep(self, *opt_outs: OptOut) -> None:
        """On disk when this returns. Raises OSError."""
        if not opt_outs:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write(opt_outs)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._spare.exists():
                raise
            self._spare.unlink()
            self._write(opt_outs)
        self.save_space()

    def save_space(self) -> None:
        """Room for the day when the disk is full. Without it that day is only harder."""
        if self.path.parent.is_dir() and not self._spare.exists():
            with suppress(OSError), self._spare.open("xb") as spare:
                spare.write(bytes(_SPARE))

    def newest(self) -> tuple[str, int]:
        """The file's own name and the number of its last line; "" and 0 while there is none. Raises OSError."""
        if not self.path.exists():
            return "", 0
        with self._locked(LOCK_SH) as file:
            return _name(file), _last(file)

    def after(self, number: int) -> Iterator[tuple[int, OptOut]]:
        """What was kept after this number, oldest first. A line that can't be read is left out. Raises OSError."""
        if self.path.exists():
            for line in self.path.read_bytes().splitlines():
                found = _parsed(line)
                if found and found[0] > number:
                    yield found

    def forget(self, before: datetime, up_to: int) -> None:
        """Drop what is older, if the ledger has it. Raises OSError."""
        with self.path.open("rb") as reading:
            oldest = next(filter(None, map(_parsed, reading)), None)
        if oldest is None or oldest[1].at >= before or oldest[0] > up_to:
            return
        with self._locked(LOCK_EX) as file:
            head, *lines = os.pread(file, os.fstat(file).st_size, 0).splitlines(keepends=True)
            kept = [line for line in lines[:-1] if not (found := _parsed(line)) or found[1].at >= before or found[0] > up_to]
            kept += lines[-1:]  # whatever its age: the next number follows from it
            draft = self.path.with_name(f"{self.path.name}.draft")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.writelines([head, *kept])
                out.flush()
                os.fsync(out.fileno())
            draft.replace(self.path)

    def _write(self, opt_outs: tuple[OptOut, ...]) -> None:
        with self._locked(LOCK_EX) as file:
            self._append(file, opt_outs)

    def _append(self, file: int, opt_outs: tuple[OptOut, ...]) -> None:
        size = os.fstat(file).st_size
        number = _last(file)
        text = "" if size else _encode({"journal": token_hex(6)})
        if size and os.pread(file, 1, size - 1) != b"\n":
            text = "\n"  # somebody was killed in the middle of a line, and told nobody that it was kept
        for place, one in enumerate(opt_outs, number + 1):
            text += _encode({"n": place, **asdict(one)})
        data = text.encode()
        try:
            _write_all(file, data, size)
            os.fsync(file)
        except OSError:
            os.ftruncate(file, size)
            raise

    @contextmanager
    def _locked(self, lock: int) -> Iterator[int]:
        """The file itself, not one that was replaced while we waited for its lock."""
        while True:
            new = not self.path.exists()
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                flock(file, lock)
                if _same(file, self.path):
                    yield file
                    if new:
                        _sync_folder(self.path.parent)
                    return
            finally:
                os.close(file)


def obey_missing(ledger: Ledger, kept: OptOuts, now: datetime) -> int:
    """Apply what the ledger doesn't know yet; how many that were. Raises OSError and SQLAlchemyError.

    The ledger remembers up to which line it knows the file. So a restored one catches up by itself, and usually there is
    nothing to read but the last line.
    """
    name, newest = kept.newest()
    if not newest:
        return 0
    cursor = f"opt-outs {name}"
    with ledger.read() as book:
        known = book.events.cursor(cursor)
    if known == newest:
        kept.forget(now - KEPT, newest)
        return 0
    todo = list(kept.after(known or 0) if (known or 0) < newest else kept.after(0))  # fewer lines than before: an older copy of it
    count = 0
    for start in range(0, len(todo), _CHUNK):
        chunk = todo[start : start + _CHUNK]
        with ledger.write() as book:
            count += sum(obey_once(book, one, now) for _, one in chunk)
            book.events.seen_by(cursor, chunk[-1][0])
    return count


def obey_once(book: Book, one: OptOut, now: datetime) -> bool:
    """Apply it, unless the ledger has it. For somebody whom it doesn't know, an empty contact keeps the no."""
    if book.events.digest_of(one.id) is not None:
        return False
    contact_id = _person(book, one, now)
    happened = Happened(one.id, one.kind, one.at, contact_id, one.data, one.source, now)
    book.events.add(happened, one.digest)
    obey(book, happened)
    return True


def _person(book: Book, one: OptOut, now: datetime) -> str:
    if one.contact_id and one.contact_id in book.contacts.get([one.contact_id]):
        return one.contact_id
    found = book.contacts.by_address([one.address]).get(one.address) if one.address else None
    if found is not None:
        return found.id
    contact = Contact(one.contact_id or new_id(), one.address)
    book.contacts.add(contact, one.address, now)
    return contact.id


def _encode(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"


def _parsed(line: bytes) -> tuple[int, OptOut] | None:
    try:
        values = json.loads(line)
        return int(values.pop("n")), replace(OptOut(**values), at=datetime.fromisoformat(values["at"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _name(file: int) -> str:
    try:
        return str(json.loads(os.pread(file, 1024, 0).partition(b"\n")[0])["journal"])
    except (ValueError, TypeError, KeyError):
        return "damaged"


def _last(file: int) -> int:
    size = os.fstat(file).st_size
    for line in reversed(os.pread(file, _TAIL, max(0, size - _TAIL)).splitlines()):
        if found := _parsed(line):
            return found[0]
    return 0


def _write_all(file: int, data: bytes, at: int) -> None:
    if os.pwrite(file, data, at) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
