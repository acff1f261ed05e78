"""One pass of one flow in virtual time: people's answers, then everybody who is due, as far as they may go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from offswitch.act.decide import Visit
from offswitch.act.desk import BATCH
from offswitch.act.judge import Crowd, judge
from offswitch.act.moves import approved, exited, given_back, moved, moved_on
from offswitch.act.report import Report
from offswitch.act.reserve import Reserved, Reserving, write_letters
from offswitch.act.settle import entry_after
from offswitch.forecast.colleagues import Colleagues
from offswitch.forecast.flow_ahead import FlowAhead
from offswitch.forecast.queueing import RATE, Line
from offswitch.forecast.readers import Readers
from offswitch.forecast.tally import Loss, Tally
from offswitch.gate.case import Begun
from offswitch.gate.rival import Beside, claims
from offswitch.gate.rules.mass import MASS
from offswitch.ledger.columns import micros, moment
from offswitch.model.action import Action, Kind
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import OVER, OVERDUE, Entry, State
from offswitch.model.event import Happened
from offswitch.model.plan import HandOver, Plan
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Answer, Work
from offswitch.policy.values import Cap

ROUNDS = 25  # more steps than this without a wait is a circle
_BY_OTHERS = ("priority", "group")


@dataclass(slots=True)
class FlowPass:
    """`beside` tells where people stand in other flows; `expect` takes what people will do."""

    flow: FlowAhead
    readers: Readers
    colleagues: Colleagues
    tally: Tally
    now: datetime
    beside: Callable[[Sequence[str], Sequence[str]], Beside]
    expect: Callable[[Sequence[Happened]], None]
    _line: Line = field(init=False)

    def __post_init__(self) -> None:
        self._line = Line(self.flow.name, self.flow.policy, self.now)

    def run(self) -> None:
        """Answers first, then the batches."""
        for name, place, work in list(self.colleagues.answered(self.flow.name, self.now)):
            entry = self.flow.entries[name]
            if entry.place == place and (entry.state is State.WORKLIST or name in self.flow.parked):
                self._put(entry, self._answer(entry, work))
        for _ in range(ROUNDS):
            due = self.flow.due(self.now)
            if not due:
                return
            for start in range(0, len(due), BATCH):
                self._batch(due[start : start + BATCH])

    def _batch(self, entries: Sequence[Entry]) -> None:
        flow, now = self.flow, self.now
        visits = flow.visits(entries, now)
        people = self._crowd([entry.contact_id for entry in entries])
        letters = {} if flow.standing.halt else write_letters(flow.desk, visits)
        over = flow.given_up(entries, now)
        reserving = Reserving(flow.desk, flow.standing, people, 0, now, Report(), 0, letters, given_up=over)
        for visit in visits:
            self._take(reserving, visit)

    def _crowd(self, people: list[str]) -> Crowd:
        """What the ledger would say of these people now. What the gate counts goes into the world at once."""
        world, standing, pace = self.flow.world, self.flow.standing, self.flow.policy.pace
        found = Crowd(world.consent, world.suppressed, world.sent, unanswered=world.unanswered)
        limits = ((pace.flow_rate, self.flow.name), (pace.company_rate, ""))
        found.begun = tuple(self._begun(limit, whose) for limit, whose in limits if limit is not None)
        if standing.mass is not None and standing.halt is None:
            found.mass = self._begun(standing.mass, self.flow.name)
        if standing.rivals:
            found.claims = claims(standing.rivals, self.beside([rival.flow for rival in standing.rivals], people))
        return found

    def _begun(self, limit: Cap, whose: str) -> Begun:
        sends = self.flow.world.sends[whose]
        first = bisect_right(sends, micros(self.now - limit.window))
        begins = moment(sends[first]) if first < len(sends) else self.now
        return Begun(limit, len(sends) - first, begins + limit.window)

    def _take(self, reserving: Reserving, visit: Visit) -> None:
        before, out = visit.entry, reserving.out
        seen, reserved = len(out.effects), len(out.reserved)
        reserving.take(visit)
        self._skipped(out.effects[seen:])
        if len(out.reserved) > reserved:
            self._put(before, self._performed(visit, out.reserved[-1]), visit)
            return
        after = out.entries[-1]
        if after.rule in (RATE, MASS) and after.state is State.WAITING and after.place == before.place:
            after = self._line.wait(before, after, reserving.people, self.flow.world.sends)
        if after != before:
            self._put(before, after, visit)
            return
        action = next((one for one in visit.open_actions() if not self.flow.desk.queues(one)), None)
        self.flow.park(before)
        halt = self.flow.standing.halt
        verdict = halt if action is None else judge(self.flow.desk, self.flow.standing, visit, action, reserving.people, self.now)
        if verdict is not None and verdict.answer is Answer.HAND_OVER:
            self.colleagues.ask(self.flow.name, before, verdict.work or Work.BY_HAND, self.now)

    def _performed(self, visit: Visit, one: Reserved) -> Entry:
        later: list[Effect] = []
        after = entry_after(self.flow.desk, one, Receipt(one.effect.key, Outcome.PERFORMED), self.now, Report(), later)
        if one.action.kind is Kind.SEND:
            self.flow.world.sent_by_machine(self.flow.name, self.now)
            self._sent(visit, one.action, machine=True)
        return after

    def _sent(self, visit: Visit, action: Action, *, machine: bool) -> None:
        """It is out: what the person will do with it comes later."""
        flow, entry = self.flow, visit.entry
        flow.world.got(entry.contact_id, flow.name, self.now)
        self.tally.mail(flow.name, action.message, self.now, machine=machine)
        does = self.readers.read(flow, entry, action.message, self.now)
        self.tally.deeds.update((flow.name, deed) for deed, _ in does)
        self.expect([happened for _, happened in does])

    def _put(self, before: Entry, after: Entry, visit: Visit | None = None) -> None:
        """The entry as it is afterwards, and what that means for the counts and for people."""
        flow = self.flow
        flow.put(after)
        if after.state not in OVER and after.place == before.place and visit is not None:
            flow.effects[after.id] = list(visit.done.values())
        if after.state in OVER:
            self.tally.ended[flow.name, after.reason] += 1
        elif after.state is State.WORKLIST:
            self.colleagues.ask(flow.name, after, after.work or Work.TRIAGE, self.now)
        elif after.state is State.HELD:
            flow.park(after)
        elif after.place == before.place and after.rule and after.rule != before.rule:
            self._put_off(after)

    def _put_off(self, entry: Entry) -> None:
        """Counted once for each rule that a message has to wait for, however often it is looked at."""
        name = self.flow.name
        self.tally.put_off[name, entry.rule] += 1
        sent = self.flow.world.messages.get(entry.contact_id)
        if entry.rule == "cap" and sent:
            self.tally.lost[Loss(name, sent[-1][1], "cap")] += 1
        elif entry.rule in _BY_OTHERS:
            first = next((one.flow for one in self.flow.standing.rivals if f" {one.flow} " in entry.reason), "")
            self.tally.lost[Loss(name, first, entry.rule)] += 1

    def _skipped(self, effects: Sequence[Effect]) -> None:
        self.tally.left_out.update((self.flow.name, one.rule) for one in effects if one.state is Stage.SKIPPED)

    def _answer(self, entry: Entry, work: Work) -> Entry:
        """What a colleague's answer makes of it."""
        if work in (Work.APPROVAL, Work.LATE):
            return approved(entry, self.now)
        visit = self.flow.visits([entry], self.now)[0]
        zone = self.flow.desk.switchboard.zone(visit.facts.contact)
        match visit.decided:
            case HandOver() as wish if wish.overdue is not None and OVERDUE in entry.or_when and entry.due <= self.now:
                return moved(entry, wish.overdue, self.now, zone)
            case HandOver() as wish:
                return moved(entry, self.colleagues.choose(entry, wish), self.now, zone, wish.after)
            case Plan() as plan if work is Work.BY_HAND:
                return self._by_hand(visit) or moved_on(entry, plan, self.now, zone)
            case _:
                return given_back(entry, self.now)

    def _by_hand(self, visit: Visit) -> Entry | None:
        """A person sends what may be sent at all; the entry when it has to leave."""
        flow, people = self.flow, self._crowd([visit.entry.contact_id])
        for action in visit.open_actions():
            verdict = judge(flow.desk, flow.standing, visit, action, people, self.now)
            if verdict.answer is Answer.EXIT:
                return exited(visit.entry, verdict.rule, verdict.reason, self.now)
            if action.kind is Kind.SEND and verdict.answer is not Answer.SKIP:
                people.count(visit.entry.contact_id, self.now, flow.desk.texts.front(action.message).purpose)
                self._sent(visit, action, machine=False)
        return None
