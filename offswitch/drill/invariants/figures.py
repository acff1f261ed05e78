"""The figures that are reported can be counted again from the journal, and the history was not changed."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.drill.look import Look, Violation
from offswitch.ledger.verify import verify


def figures(look: Look) -> Iterator[Violation]:
    """Entered, sent and sent by hand, counted by the outside."""
    journey = look.truth.journey
    said = look.account(journey)
    cleared = {(deed.entry, deed.step, str(deed.visit)) for deed in look.world.deeds if deed.outcome in ("got-it", "did-not")}
    doubtful = {mail.key for mail in look.mails if mail.doubt and mail.parts[:3] not in cleared}
    sent = len({mail.key for mail in look.mails} - doubtful)
    hand = sum(len(deed.sends) for deed in look.world.deeds if look.flow_of.get(deed.entry) == journey.name)
    for name, counted, reported in (
        ("entered", len(look.names), said.entered),
        ("sent by the machine", sent, said.sent),
        ("sent by hand", hand, said.sent_by_hand),
        ("in doubt", len(doubtful), said.unknown),
    ):
        if counted != reported:
            yield Violation("figures", f"{name}: reported {reported}, counted {counted}")


def unaltered(look: Look) -> Iterator[Violation]:
    """The chain of the change log holds, and every row is as its last line says."""
    with look.course.crew.claims.read() as book:
        found = verify(book)
    for trouble in found.troubles[:5]:
        yield Violation("audit", f"{trouble.table} {trouble.key}: {trouble.what} {trouble.detail}".rstrip())
