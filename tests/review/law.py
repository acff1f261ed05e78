"""What a plan says and what a live run does, brought to one form so that they can be compared."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from offswitch.journey.journey import Journey
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.review.line import What
from offswitch.review.plan import PlanOfWork
from tests.act.rig import Rig

ROOT = Path(__file__).parents[2]
Told = Counter[tuple[object, ...]]


def with_real_texts(rig: Rig, journey: Journey) -> None:
    """The messages of this repository instead of the rig's."""
    folder = rig.settings.messages / journey.name
    shutil.rmtree(folder)
    shutil.copytree(ROOT / "messages" / journey.name, folder)
    rig.approve(journey)


def planned(plan: PlanOfWork) -> Told:
    """Everything that the plan says would happen."""
    told: Told = Counter()
    for line in plan.lines:
        who = line.contact.email
        match line.what:
            case What.SEND:
                told["sent", who, line.subject] += 1
            case What.SKIP:
                told["skip", who, line.step, line.reason] += 1
            case What.EXIT:
                told["exit", who, line.reason] += 1
            case What.DEFER:
                told["defer", who, line.step, line.until] += 1
            case What.HAND_OVER if line.rule == "stop":
                told["stays", line.reason] += 1
            case What.HAND_OVER:
                told["work", who, line.step, line.work, line.reason] += 1
            case What.HOLD:
                told["stays", line.reason] += 1
            case _:
                pass
        if line.what is What.FINISH or (line.what in (What.SEND, What.WRITE) and line.then and line.then_at is None):
            told["finish", who, line.then] += 1
    told.update({("register", name): count for name, count in plan.writes.items()})
    told.update({("arrival", one.outcome, one.rule, one.reason): one.count for one in plan.arrivals})
    return told


def go_live(rig: Rig, journey: Journey) -> Told:
    """Approve, switch on and run until nothing happens any more; what that changed."""
    rig.approve(journey)
    rig.switch(journey, "on")
    with rig.ledger.write() as book:
        book.stops.close_periods(journey.name, book.stops.periods(journey.name), "omar@bayan.example", rig.clock.now())
    before, sent = stand(rig, journey), len(rig.mailer.journal)
    report, now = rig.run(journey), Counter(before)
    while (after := stand(rig, journey) + Counter({("sent",): len(rig.mailer.journal)})) != now:
        report, now = rig.run(journey), after
    done = stand(rig, journey) - before
    done.update(("sent", letter.to, letter.subject) for _, letter in rig.mailer.journal[sent:])
    done.update({("stays", reason): count for (what, reason), count in report.counts.items() if what in ("hand over", "hold")})
    return done


def stand(rig: Rig, journey: Journey) -> Told:
    """What the ledger holds about this flow."""
    told: Told = Counter()
    for entry in rig.entries(journey):
        who = rig.address(entry.contact_id)
        if entry.state is State.FINISHED and entry.reason != "goal reached":
            told["finish", who, entry.reason] += 1
        elif entry.state is State.EXITED and entry.rule != "exit":
            told["exit", who, entry.reason] += 1
        elif entry.state is State.WORKLIST:
            told["work", who, entry.step, entry.work, entry.reason] += 1
        elif entry.state is State.WAITING and entry.rule:
            told["defer", who, entry.step, entry.due] += 1
    for effect in rig.effects(journey):
        if effect.state is Stage.SKIPPED:
            told["skip", rig.address(effect.contact_id), effect.step, effect.reason] += 1
        if effect.body and effect.state is Stage.PERFORMED:
            told["register", effect.action] += 1
    with rig.ledger.read() as book:
        told.update(("arrival", row.outcome, row.rule, row.reason) for row in book.events.all_outcomes() if row.flow == journey.name)
    return told
