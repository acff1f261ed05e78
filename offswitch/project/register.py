"""What people change in the CRM, asked for once a minute at the beginning of passes. No CRM can delay or fail a pass by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

from offswitch.act.ports import Crm, Edits
from offswitch.ledger.base import Book
from offswitch.model.effect import MACHINE
from offswitch.project.connectors import connector
from offswitch.project.crm_edits import take_edits
from offswitch.project.project import Project

EVERY = timedelta(minutes=1)
PATIENCE = 5.0  # seconds that a pass waits for the CRM before it goes on without
ROUNDS = 20  # answers taken in a minute; what is left comes in the next


class Register:
    """One look at the CRM. It is asked in a thread of its own; only what has been answered is taken in, and only then the cursor moves."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._name = project.crm.name if project.crm else project.settings.crm
        self._answers: list[Edits] = []
        self._trouble = ""
        self._asked = ""
        self._thread: Thread | None = None

    def ask(self, patience: float = PATIENCE) -> None:
        """If it is time for it, take in what others changed."""
        if self._mine():
            self._thread = Thread(target=self._read, name="crm", daemon=True)
            self._thread.start()
            self.trouble(patience)

    def trouble(self, patience: float = 0.0) -> str:
        """Why nothing was taken in, "" when all is well. What was answered late is taken in now."""
        if self._thread is None:
            return self._trouble
        self._thread.join(patience)
        if self._thread.is_alive():
            return f"{self._name} takes long to tell what people changed there; nothing of it is lost"
        self._thread = None
        for edits in self._answers:
            if not self._keep(edits):
                break  # another worker has gone on from the same place
        return self._trouble

    def _mine(self) -> bool:
        """Is it time to ask, and am I the one who does? Remembers where to go on."""
        now, ledger = self._project.clock.now(), self._project.ledger
        with ledger.read() as book:
            known = book.registers.of(self._name)
            if known is not None and known.asked <= now < known.asked + EVERY:
                return False
        with ledger.write() as book:
            book.audit.say(MACHINE, f"asks {self._name} what people changed")
            if not _claimed(book, self._name, self._project):
                return False
            known = book.registers.of(self._name)
            self._asked = known.cursor if known else ""
        return True

    def _read(self) -> None:
        crm: Crm = self._project.crm or connector("crm", self._name)
        try:
            self._answers.extend(_answers(crm, self._asked))
        except Exception as error:  # noqa: BLE001 - a CRM that can't be read is asked again in a minute: nothing moves on
            self._trouble = f"{self._name} does not tell what people change there ({type(error).__name__}); nothing of it is lost"
        finally:
            if self._project.crm is None:
                crm.close()

    def _keep(self, edits: Edits) -> bool:
        if edits.cursor == self._asked and not edits.found:
            return True
        with self._project.ledger.write() as book:
            book.audit.say(MACHINE, f"takes in crm:{self._name}")
            taken = take_edits(book, self._name, edits, self._project.clock.now())
            going_on = book.registers.take(self._name, (self._asked, edits.cursor), taken.newest, taken.strangers)
        self._asked = edits.cursor
        return going_on


def _claimed(book: Book, name: str, project: Project) -> bool:
    now = project.clock.now()
    if book.registers.of(name) is None:
        book.registers.begin(name, now)
        return True
    return book.registers.claim(name, now, EVERY)


def _answers(crm: Crm, cursor: str) -> Iterator[Edits]:
    for _ in range(ROUNDS):
        edits = crm.edits(cursor)
        yield edits
        if not edits.more or edits.cursor == cursor:
            return
        cursor = edits.cursor
