"""Many submissions into the ledger, some hundreds in a transaction; a bad one stops no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from offswitch.clock import Clock
from offswitch.intake.opt_outs import OptOuts, opt_out_of
from offswitch.intake.receive import Received, receive
from offswitch.intake.rejects import conflict
from offswitch.ledger.base import Ledger
from offswitch.model.effect import MACHINE
from offswitch.model.submission import Reject, Submission

BATCH = 500


@dataclass(slots=True)
class Tally:
    """What became of them so far. `warnings` counts each doubt and says where it was met first."""

    counts: Counter[Received] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    warnings: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """How many are in the ledger, by this reading or an earlier one."""
        return self.counts[Received.NEW] + self.counts[Received.KNOWN]

    @property
    def rejected(self) -> int:
        """How many could not be read."""
        return len(self.rejects) - self.counts[Received.CONFLICT]

    @property
    def read(self) -> int:
        """How many there were."""
        return self.taken + len(self.rejects)

    def warn(self, warnings: Iterable[str], where: str) -> None:
        """Something was left out of a submission that was taken."""
        for warning in warnings:
            count, first = self.warnings.get(warning, (0, where))
            self.warnings[warning] = (count + 1, first)


def take_in(
    ledger: Ledger, found: Iterator[Submission | Reject], source: str, clock: Clock, opt_outs: OptOuts | None = None
) -> Iterator[Tally]:
    """The same tally after every transaction. All of them are of one `source`: within it, an id is one submission.

    Opt-outs, bounces and complaints are first kept in `opt_outs`.
    """
    tally = Tally()
    while batch := list(islice(found, BATCH)):
        now = clock.now()
        if opt_outs is not None:
            _keep(ledger, opt_outs, [replace(one, source=source) for one in batch if isinstance(one, Submission)])
        with ledger.write() as book:
            book.audit.say(MACHINE, f"takes in {source}")
            results = [one if isinstance(one, Reject) else (one, receive(book, replace(one, source=source), now)) for one in batch]
        for result in results:
            _count(tally, result)
        yield tally


def _keep(ledger: Ledger, opt_outs: OptOuts, submissions: Iterable[Submission]) -> None:
    """Those that are new. Where it can't be done the ledger, which comes next, is enough: a file can be read again."""
    new = [no for submission in submissions if (no := opt_out_of(submission))]
    if new:
        with ledger.read() as book:
            new = [no for no in new if book.events.digest_of(no.id) is None]
        with suppress(OSError):
            opt_outs.keep(*new)


def _count(tally: Tally, result: Reject | tuple[Submission, Received]) -> None:
    if isinstance(result, Reject):
        tally.rejects.append(result)
        return
    submission, received = result
    tally.counts[received] += 1
    if received is Received.CONFLICT:
        tally.rejects.append(conflict(submission, submission.source))
    else:
        tally.warn(submission.warnings, submission.source)
