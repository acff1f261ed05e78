"""Nothing starts after a stop is in force."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.drill.look import Look, Violation
from offswitch.drill.world import Mail, Switched


def off_is_off(look: Look) -> Iterator[Violation]:
    """In the one order of everything: no letter between an off and the on that ends it."""
    stops: dict[str, str] = {}
    happened: list[Mail | Switched] = sorted([*look.world.switches, *look.world.accepted], key=lambda one: one.n)
    for one in happened:
        if isinstance(one, Mail):
            scope = next((scope for scope in stops if _covers(look, scope, one)), None)
            if scope is not None:
                what = f"{look.name(look.who(one))} got {one.parts[3]} while {scope} was off ({stops[scope]})"
                yield Violation("off", what, look.who(one), one.at)
        elif one.off:
            stops[one.scope] = one.what
        else:
            stops.pop(one.scope, None)


def _covers(look: Look, scope: str, mail: Mail) -> bool:
    kind, _, name = scope.partition(" ")
    match kind:
        case "flow":
            return look.flow_of.get(mail.parts[0]) == name
        case "step":
            return look.flow_of.get(mail.parts[0]) == look.truth.journey.name and mail.parts[1] == name
        case _:
            return True  # the company, the channel, the connector: all mail
