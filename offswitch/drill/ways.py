"""Every way to switch off, as a person or an editor does it, and the way back."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from offswitch.drill.changed_code import changed_journey
from offswitch.drill.course import Course
from offswitch.drill.stage import OPERATOR, changed
from offswitch.drill.world import MAIL
from offswitch.journey.graph import graph_of

Do = Callable[[Course], None]
LONG = timedelta(days=14)
DAY_AND_NIGHT = timedelta(hours=30)
UNAPPROVED = timedelta(hours=16)  # from here on it is on but for the approval: after the looks, with daylight to come


@dataclass(frozen=True)
class Way:
    """`scope` is what is off then, as the world notes it ("" for a way that stops nothing by itself).

    `strikes`: it happens between two letters of one batch, whenever there is one.

    `lists`: the whole flow's due work must be on the worklist meanwhile. `lasts` None: over within the call of `off`.
    """

    name: str
    off: Do
    on: Do
    scope: str = "flow"
    lists: bool = True
    lasts: timedelta | None = timedelta(hours=9)
    strikes: bool = False


def _save(key: str, value: Any, **more: Any) -> Do:
    def off(course: Course) -> None:
        def edit(tree: Any) -> None:
            tree.update({key: value, **more})

        course.stage.save(course.stage.policy, changed(course.kept, edit))

    return off


def _restore(course: Course) -> None:
    course.stage.save(course.stage.policy, course.kept)


def _in_place(course: Course) -> None:
    """Truncated first: for a moment the file is empty, and a pass looks just then."""
    course.stage.policy.write_text("", encoding="utf-8")
    course.stage.stamp(course.stage.policy)
    course.passes()
    course.stage.policy.write_text(_off_text(course), encoding="utf-8")
    course.stage.stamp(course.stage.policy)


def _off_text(course: Course) -> str:
    return changed(course.kept, lambda tree: tree.update({"switch": "off"}))


def _swap(course: Course) -> None:
    """A swap file beside it, the old file moved away, the new one moved in."""
    path = course.stage.policy
    (path.parent / f".{path.name}.swp").write_bytes(b"b0VIM 9.0 not yaml: [")
    path.rename(path.with_name(f"{path.name}~"))
    course.passes()
    course.stage.save(path, _off_text(course))
    (path.parent / f".{path.name}.swp").unlink()


def _unreadable(course: Course) -> None:
    """Root reads it all the same: then the switch is written too, and the report says so."""
    course.stage.policy.chmod(0)
    if os.access(course.stage.policy, os.R_OK):
        course.said.append("chmod 000 does not stop this user from reading (root): the file was switched off as well")
        _save("switch", "off")(course)


def _readable(course: Course) -> None:
    course.stage.policy.chmod(0o644)
    _restore(course)


def _company(key: str, value: Any) -> Do:
    def off(course: Course) -> None:
        course.stage.save(course.stage.company, changed(course.kept_company, lambda tree: tree.update({key: value})))

    return off


def _company_on(course: Course) -> None:
    course.stage.save(course.stage.company, course.kept_company)


def _stop_file(course: Course, *, flow: bool) -> Path:
    return course.stage.settings.stop_file(course.stage.journey.name if flow else "")


def _touch(*, flow: bool) -> Do:
    return lambda course: _stop_file(course, flow=flow).touch()


def _untouch(*, flow: bool) -> Do:
    return lambda course: _stop_file(course, flow=flow).unlink()


def _row(course: Course) -> None:
    with course.crew.ledger.write() as book:
        book.stops.add("flow", course.stage.journey.name, reason="a drill", by=OPERATOR, at=course.now)


def _end_row(course: Course) -> None:
    with course.crew.ledger.write() as book:
        book.stops.end("flow", course.stage.journey.name, by=OPERATOR, at=course.now)


def _while_paused(course: Course) -> None:
    """A worker stands still in the middle of a batch; the flow goes off, the lease runs out, another worker comes and goes."""
    _save("switch", "off")(course)
    course.overtake()


def _within_a_second(course: Course) -> None:
    _save("switch", "off")(course)
    _restore(course)


def _fifty_times(course: Course) -> None:
    for turn in range(50):
        _save("switch", "off")(course)
        course.switched("off and on fifty times", f"flow {course.stage.journey.name}", off=True)
        if turn % 5 == 0:
            course.passes()
        _restore(course)
        course.switched("off and on fifty times", f"flow {course.stage.journey.name}", off=False)
        if turn % 7 == 0:
            course.passes()


def _code_changed(course: Course) -> None:
    """A new version of the flow is deployed while it is off, and switched on before anybody has approved it."""
    _save("switch", "off")(course)
    course.deploy(changed_journey(course.stage.journey, course.stage.root))
    course.move_at(course.now + UNAPPROVED, lambda: _restore(course))


def _code_approved(course: Course) -> None:
    course.stage.approve(course.stage.journey)
    _restore(course)


def _delete(course: Course) -> None:
    course.stage.policy.unlink()


def _invalid(course: Course) -> None:
    course.stage.save(course.stage.policy, course.kept + "\nswitchh: [on\n")


def _step_off(course: Course) -> None:
    _save("steps", {first_sending(course): {"switch": "off"}})(course)


def first_sending(course: Course) -> str:
    """The first step that sends something."""
    return next((node.name for node in graph_of(course.stage.journey).nodes.values() if node.sends), course.stage.journey.first.name)


def _environment(course: Course) -> None:
    course.crew.restart("1")


def _no_environment(course: Course) -> None:
    course.crew.restart("")


WAYS = (
    Way("file replaced by an editor", _save("switch", "off"), _restore),
    Way("file truncated, then written", _in_place, _restore),
    Way("swap file of an editor", _swap, _restore),
    Way("file deleted", _delete, _restore),
    Way("file unreadable (chmod 000)", _unreadable, _readable),
    Way("invalid edit", _invalid, _restore),
    Way("switch: closing", _save("switch", "closing"), _restore, scope="", lists=False),
    Way("when_off: hold", _save("when_off", "hold", switch="off"), _restore, lists=False),
    Way("company switch", _company("switch", "off"), _company_on, scope="company"),
    Way("channel", _company("channels", {"email": "off"}), _company_on, scope="channel email", lists=False),
    Way("connector", _company("connectors", {MAIL: "off"}), _company_on, scope=f"connector {MAIL}", lists=False),
    Way("one step", _step_off, _restore, scope="step", lists=False),
    Way("stop file of the flow", _touch(flow=True), _untouch(flow=True)),
    Way("stop file of everything", _touch(flow=False), _untouch(flow=False), scope="company"),
    Way("environment", _environment, _no_environment, scope="company"),
    Way("ledger row", _row, _end_row),
    Way("overtaken by another worker while paused", Course.overtake, _restore, scope="", lists=False, lasts=None, strikes=True),
    Way("off in the middle of a batch", _save("switch", "off"), _restore, strikes=True),
    Way("stop file in the middle of a batch", _touch(flow=True), _untouch(flow=True), strikes=True),
    Way("ledger row in the middle of a batch", _row, _end_row, strikes=True),
    Way("off while another worker is paused", _while_paused, _restore, strikes=True),
    Way("off and on within a second", _within_a_second, _restore, scope="", lists=False, lasts=None),
    Way("off and on fifty times", _fifty_times, _restore, scope="", lists=False, lasts=None),
    Way("code changed while off", _code_changed, _code_approved, lasts=DAY_AND_NIGHT),
    Way("off for fourteen days", _save("switch", "off"), _restore, lasts=LONG),
)
