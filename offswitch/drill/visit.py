"""One visit of a step, replayed: what was seen of it from outside, and what that makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from offswitch.drill.stand import Sign, Stand, Where, place_of
from offswitch.drill.world import Deed, Mail
from offswitch.events import Unsubscribed
from offswitch.model.action import Kind
from offswitch.model.event import Happened
from offswitch.model.plan import Finish, HandOver, Next, Plan

if TYPE_CHECKING:
    from offswitch.drill.oracle import Walk

_SETTLES = ("done", "skip")


@dataclass(slots=True)
class Visit:
    """What one visit has seen so far."""

    walk: Walk
    signs: list[Sign]
    settled: dict[str, datetime] = field(default_factory=dict)
    tried: list[datetime] = field(default_factory=list)
    doubt: bool = False
    taken: bool = False
    asked: bool = False

    def at(self, at: datetime, what: object) -> Stand | bool | None:
        """The walk goes on (True), stands (a Stand), or this changed nothing (None)."""
        if isinstance(what, Happened):
            return self._event(at, what) or self._changed_mind(at, what) or self._quietly(at)
        if isinstance(what, Sign):
            return self._sign(at, what)
        return self._quietly(at)

    def _over(self, reason: str, at: datetime) -> Stand:
        walk = self.walk
        return Stand(walk.who, walk.trigger, Where.OVER, walk.step, walk.visits[walk.step], at, reason)

    def _on(self, to: Next, at: datetime, plan: Plan | HandOver | None = None) -> Stand | bool:
        return self.walk.move(to, at, plan) or True

    def _event(self, at: datetime, one: Happened) -> Stand | bool | None:
        walk = self.walk
        journey = walk.truth.journey
        begun = next(event for _, event in walk.truth.events(walk.who) if event.id == walk.trigger)
        subject = str(begun.data.get(journey.about, ""))
        if journey.about and journey.about in one.data and str(one.data[journey.about]) != subject:
            return None
        if journey.goal is not None and one.kind == journey.goal.kind:
            return self._over("goal reached", at)
        for kind, reason in journey.exits.items():
            if one.kind == kind.kind:
                return self._over(reason, at)
        step = walk.or_when.get(one.kind)
        if step in journey.steps and not self.doubt and not self.taken:
            return self._on(journey.steps[step], at)
        return None

    def _changed_mind(self, at: datetime, one: Happened) -> Stand | None:
        """A no while a message is put off, and a yes before anybody looked again: which of them was seen is a matter of minutes."""
        walk, truth = self.walk, self.walk.truth
        assert walk.due is not None
        if one.kind != Unsubscribed.kind or at < walk.due or truth.agreed(walk.who, at) or not truth.agreed(walk.who, walk.now):
            return None
        return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step, reason="took a no back while a message was put off")

    def _quietly(self, at: datetime) -> Stand | bool | None:
        """What needs nobody: the end, a step without a message, a message that may not be sent."""
        walk = self.walk
        assert walk.due is not None
        if at < walk.due or self.doubt or self.taken or self.tried:
            return None
        limit = walk.truth.journey.give_up_after
        if limit is not None and at - walk.entered >= limit:
            return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step, reason="its time is over")
        wish = walk.decide(at)
        if self.asked:
            return None  # a person has the question; the machine asks no more
        if isinstance(wish, HandOver | Exception):
            self.asked = True
            return None
        if isinstance(wish, Finish):
            return self._over(wish.reason, at)
        assert isinstance(wish, Plan)
        place = walk.step, walk.visits[walk.step]
        messages = [action.message for action in wish.actions if action.kind is Kind.SEND]
        if messages and walk.truth.singled_out(walk.who, at, walk.trigger, place, messages):
            return self._singled_out()
        return self._settle(wish, at)

    def _singled_out(self) -> Stand:
        walk = self.walk
        return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step, reason="the policy says something of its own about them")

    def _settle(self, plan: Plan, at: datetime) -> Stand | bool | None:
        """On, when nothing of the plan is left to send."""
        walk, truth = self.walk, self.walk.truth
        sends = [action for action in plan.actions if action.kind is Kind.SEND and action.name not in self.settled]
        if plan.at is not None and plan.at < at and plan.if_past == "skip":
            return self._on(plan.then, at, plan)
        if sends and all(truth.barred(walk.who, action.message, at) for action in sends):
            if truth.nothing_left(walk.who, walk.step, at):
                return self._over("nothing may be sent any more", at)
            sends = []
        if sends:
            return None
        return self._on(plan.then, max([at, *self.settled.values()]), plan)

    def _sign(self, at: datetime, sign: Sign) -> Stand | bool | None:
        if sign.mail is not None:
            return self._mail(at, sign.mail)
        assert sign.deed is not None
        return self._deed(at, sign.deed)

    def _mail(self, at: datetime, mail: Mail) -> Stand | bool | None:
        walk = self.walk
        self.tried.append(at)
        plan = self._plan_with(mail.parts[3], at)
        if plan is None:
            walk.wrong.append(f"{mail.parts[3]} at {place_of(mail)}, which the step does not ask for")
            return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step)
        if mail.doubt:
            self.doubt = True
            return None
        if mail.outcome == "rejected":
            return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step, reason="the provider refused the address")
        if mail.accepted:
            self.settled[mail.parts[3]] = at
            self.tried.clear()
            return self._settle(plan, at)
        return None

    def _plan_with(self, action: str, at: datetime) -> Plan | None:
        """The plan that asks for this action: of now, or pinned by an earlier attempt or a person's word."""
        walk = self.walk
        assert walk.due is not None
        earlier = [sign.at for sign in self.signs if sign.at <= at]
        for moment in (at, *reversed(earlier), walk.due, walk.arrived or walk.due):
            wish = walk.decide(moment)
            if isinstance(wish, Plan) and any(one.name == action for one in wish.actions):
                return wish
        return None

    def _deed(self, at: datetime, deed: Deed) -> Stand | bool | None:
        walk = self.walk
        wish = walk.decide(at)
        match deed.outcome:
            case "take":
                self.taken = True
                return None
            case "give-back":
                self.taken = False
                return None
            case "got-it":
                self.doubt = False
                plan = self._plan_with(self._doubted(), at)
                self.settled[self._doubted()] = at
                self.tried.clear()
                return self._settle(plan, at) if plan else Stand(walk.who, walk.trigger, Where.LOOSE, walk.step)
            case "did-not":
                self.doubt = False
                self.tried.clear()
                return None
            case "approve" | "retry":
                self.asked = False
                return None
            case _:
                return self._answered(at, deed, wish)

    def _doubted(self) -> str:
        mails = [sign.mail for sign in self.signs if sign.mail is not None]
        return mails[-1].parts[3] if mails else ""

    def _answered(self, at: datetime, deed: Deed, wish: object) -> Stand | bool | None:
        walk = self.walk
        if isinstance(wish, HandOver):
            to = wish.outcomes.get("done" if deed.outcome == "skip" else deed.outcome)
            return self._on(to, at, wish) if to is not None else Stand(walk.who, walk.trigger, Where.LOOSE, walk.step)
        if isinstance(wish, Plan) and deed.outcome in _SETTLES:
            return self._on(wish.then, at, wish)
        if deed.outcome == "skip":
            return self._over("triage", at)
        return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step)

    def standing(self) -> Stand:
        """Here, for now."""
        walk = self.walk
        assert walk.due is not None
        wish = walk.decide(max(walk.now, walk.due) if walk.due <= walk.now else walk.now)
        limit = walk.truth.journey.give_up_after
        if limit is not None and walk.now - walk.entered >= limit:
            return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step, reason="its time is over")
        actions = wish.actions if isinstance(wish, Plan) else ()
        waiting = [action.message for action in actions if action.kind is Kind.SEND and action.name not in self.settled]
        if self._capped(waiting):
            return Stand(walk.who, walk.trigger, Where.LOOSE, walk.step, reason="the limits may have put it off for too long")
        open_now = tuple(message for message in waiting if not walk.truth.barred(walk.who, message, walk.now))
        place = walk.step, walk.visits[walk.step]
        if open_now and walk.truth.singled_out(walk.who, walk.now, walk.trigger, place, open_now):
            return self._singled_out()
        return Stand(walk.who, walk.trigger, Where.HERE, *place, walk.due, "", wish, open_now, self.doubt, self.taken)

    def _capped(self, waiting: list[str]) -> bool:
        """Can deferrals by caps have added up to `max_defer`, so that a message was dropped? Service mail has no cap."""
        walk, policy = self.walk, self.walk.truth.policy
        if all(walk.truth.purposes.get(message) == "service" for message in waiting):
            return False
        assert walk.due is not None
        longest = max((cap.window for cap in policy.caps), default=timedelta(0))
        if walk.now - walk.due + longest <= policy.max_defer:
            return False
        email = walk.truth.world.person(walk.who).email.lower()
        times = [mail.at for mail in walk.truth.world.accepted if mail.to.lower() == email]
        times += [deed.at for deed in walk.truth.world.deeds if deed.who == walk.who for _ in deed.sends]
        since, until = walk.due, walk.due + policy.max_defer
        return any(sum(1 for at in times if since - cap.window <= at <= until) >= cap.count for cap in policy.caps)
