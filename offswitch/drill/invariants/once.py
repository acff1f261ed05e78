"""A message is accepted at most once, and what a person did by hand is never sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from offswitch.drill.look import Look, Violation


def once(look: Look) -> Iterator[Violation]:
    """At most one acceptance per send-once key, by the provider's journal."""
    times = Counter(mail.key for mail in look.world.accepted)
    last = {mail.key: mail for mail in look.world.accepted}
    for key, count in times.items():
        mail = last[key]
        if count > 1:
            yield Violation("once", f"{look.name(look.who(mail))} got {mail.parts[3]} {count} times", look.who(mail), mail.at)
        if not all(mail.parts):
            yield Violation("once", f"the key {mail.key!r} does not name entry, step, visit and action", look.who(mail), mail.at)


def by_hand(look: Look) -> Iterator[Violation]:
    """What the operator did or skipped stays done: the machine does not try it again."""
    done = {(deed.entry, deed.step, str(deed.visit)): deed for deed in look.world.deeds if deed.outcome in ("done", "skip")}
    for mail in look.world.mails:
        deed = done.get(mail.parts[:3])
        if deed is not None and mail.n > deed.n:
            what = f"{look.name(look.who(mail))} got {mail.parts[3]} by machine after it was {deed.outcome} by hand"
            yield Violation("by_hand", what, look.who(mail), mail.at)


def doubts(look: Look) -> Iterator[Violation]:
    """A person is asked about what was in doubt, and about nothing else; and no doubt is left unasked at the end."""
    real = {mail.parts[:3] for mail in look.world.mails if mail.doubt}
    asked = {(deed.entry, deed.step, str(deed.visit)): deed for deed in look.world.deeds if deed.outcome in ("got-it", "did-not")}
    for place, deed in asked.items():
        if place not in real:
            what = f"a person was asked whether {look.name(deed.who)} got {deed.step}, which nobody could doubt"
            yield Violation("doubts", what, deed.who, deed.at)
