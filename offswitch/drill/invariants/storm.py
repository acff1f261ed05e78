"""What waited for the end of a stop comes back in good order: so many at a time, and nothing stale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from offswitch.drill.look import Look, Violation
from offswitch.drill.stand import Where
from offswitch.drill.world import Mail
from offswitch.policy.schema import DelayClock, Late

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Resumed:
    """The end of a stop: what was due by then and waited, with when it had become due."""

    way: str
    n: int
    when: datetime
    waited: dict[Place, datetime]

    @classmethod
    def at(cls, look: Look, way: str) -> Self:
        """As the oracle sees it now."""
        waited = {
            (entry, stand.step, str(stand.visit)): stand.due
            for entry, stand in look.stands.items()
            if stand.where is Where.HERE and stand.open and not stand.doubt and stand.due is not None and stand.due <= look.now
        }
        return cls(way, look.world.n, look.now, waited)


def no_storm(look: Look, resumed: Sequence[Resumed]) -> Iterator[Violation]:
    """At most as many in a window as the policy releases, but for those a person let go; and what is too late goes to a person first."""
    answered = {(deed.entry, deed.step, str(deed.visit)) for deed in look.world.deeds if deed.outcome in ("approve", "did-not")}
    for one in resumed:
        mails = [mail for mail in look.mails if mail.n > one.n and mail.parts[:3] in one.waited and mail.parts[:3] not in answered]
        cap = look.truth.policy.release
        for place, mail in enumerate(mails):
            window = [other for other in mails[: place + 1] if other.at > mail.at - cap.window]
            if len(window) > cap.count:
                what = f"{len(window)} messages that had waited went out within {cap.window} after {one.way!r}; the policy says {cap}"
                yield Violation("storm", what, look.who(mail), mail.at)
                break
        yield from _stale(look, one, mails)


def _stale(look: Look, one: Resumed, mails: Sequence[Mail]) -> Iterator[Violation]:
    policy = look.truth.policy
    if policy.late_then is Late.SEND or policy.delay_clock is not DelayClock.WALL:
        return
    longest = policy.late_after + policy.max_defer  # what a cap or a night may have put off is not late
    for mail in mails:
        due = one.waited[mail.parts[:3]]
        if one.when - due > longest:
            what = f"{look.name(look.who(mail))} got {mail.parts[3]}, due since {due:%Y-%m-%d}, and nobody looked first"
            yield Violation("storm", what, look.who(mail), mail.at)
