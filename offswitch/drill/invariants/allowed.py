"""Nobody gets what they do not want, what nobody has decided, too much, or at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from offswitch.drill.look import Look, Violation
from offswitch.drill.truth import contact_id
from offswitch.drill.world import Mail
from offswitch.gate.bucket import bucket


def obeyed(look: Look) -> Iterator[Violation]:
    """No marketing without a yes that holds, and nothing to an address that bounced or complained; whoever was off meanwhile."""
    for mail in look.mails:
        who, message = look.who(mail), mail.parts[3].removeprefix("send:")
        if not who:
            yield Violation("obeyed", f"{mail.to} got {message}, and is nobody of this drill", 0, mail.at)
        elif look.truth.suppressed(who, mail.at):
            yield Violation("obeyed", f"{look.name(who)} bounced or complained, and got {message}", who, mail.at)
        elif look.truth.purposes.get(message) != "service" and not look.truth.agreed(who, mail.at):
            yield Violation("obeyed", f"{look.name(who)} has not agreed to marketing, or took it back, and got {message}", who, mail.at)


def decided(look: Look) -> Iterator[Violation]:
    """What a person decides goes out only after somebody has approved just that."""
    approved = {(deed.entry, deed.step, str(deed.visit)): deed.n for deed in look.world.deeds if deed.outcome == "approve"}
    for mail in look.mails:
        message = mail.parts[3].removeprefix("send:")
        if message in look.truth.decides and approved.get(mail.parts[:3], mail.n) >= mail.n:
            who = look.who(mail)
            yield Violation("obeyed", f"{look.name(who)} got {message}, which a person decides, and nobody had approved it", who, mail.at)


def kept_outside(look: Look) -> Iterator[Violation]:
    """Whom the rollout has not reached stays with people, whatever is switched off and on."""
    rollout = look.truth.policy.rollout
    share = rollout.steps[-1].ppm or 0
    for mail in look.mails:
        who = look.who(mail)
        if who and bucket(rollout.salt, contact_id(look.world, who)) >= share:
            yield Violation("obeyed", f"{look.name(who)} is outside the rollout, and the machine sent {mail.parts[3]}", who, mail.at)


def limits_kept(look: Look) -> Iterator[Violation]:
    """Caps and quiet hours of the policy, for every marketing mail that the machine sent."""
    policy = look.truth.policy
    for mail in look.mails:
        who, message = look.who(mail), mail.parts[3].removeprefix("send:")
        if not who or look.truth.purposes.get(message) == "service":
            continue
        for cap in policy.caps:
            before = [at for n, at in _to(look, who) if n < mail.n and mail.at - cap.window < at <= mail.at]
            if len(before) >= cap.count:
                yield Violation("limits", f"{look.name(who)} got {message} as number {len(before) + 1}, over {cap}", who, mail.at)
        if policy.quiet is not None and _quiet(look, who, mail):
            yield Violation("limits", f"{look.name(who)} got {message} in their quiet hours", who, mail.at)


def _to(look: Look, who: int) -> list[tuple[int, datetime]]:
    """Everything that this person got, by machine and by hand, from whatever flow."""
    email = look.world.person(who).email.lower()
    sent = [(mail.n, mail.at) for mail in look.world.accepted if mail.to.lower() == email]
    return sent + [(deed.n, deed.at) for deed in look.world.deeds if deed.who == who for _ in deed.sends]


def _quiet(look: Look, who: int, mail: Mail) -> bool:
    quiet = look.truth.policy.quiet
    assert quiet is not None
    person = look.world.person(who)
    clock = mail.at.astimezone(ZoneInfo(person.zone)).time()
    return quiet.start <= clock < quiet.end if quiet.start <= quiet.end else clock >= quiet.start or clock < quiet.end
