"""A colleague who works the list. What they answer depends on the person and the step alone, and on what really happened."""

from __future__ import annotations

from hashlib import sha256

from offswitch.act.desk import Desk
from offswitch.drill.world import Deed, World
from offswitch.errors import Refused
from offswitch.model.verdict import Work
from offswitch.model.work import WorkItem
from offswitch.worklist.hand import Deed as Answer
from offswitch.worklist.hand import do

BY = "drill-operator@offswitch.example"


class Operator:
    """`idle` shares leave items lie while a flow is off: they are what is due when it goes on again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.leaves = False
        self.at = ""  # the step of the item in hand

    def work(self, desk: Desk, item: WorkItem) -> None:
        """Answer one item, or leave it. What the tool refuses has not happened."""
        person = self._world.person_of(item.reach.partition(" / ")[0])
        outcome = self._outcome(item, person.number if person else 0, early=item.due > desk.clock.now())
        if not outcome:
            return
        self.at = item.step
        try:
            do(desk, item.id, Answer(BY, outcome, "as the drill says" if outcome == "skip" else ""))
        except Refused:
            return
        by_hand = outcome == "done" and item.kind is not Work.STEP
        sends = tuple(draft.subject for draft in item.drafts) if by_hand else ()
        self._world.deeds.append(
            Deed(
                self._world.next(),
                desk.clock.now(),
                item.entry_id,
                item.step,
                item.visit,
                outcome,
                item.kind.value,
                person.number if person else 0,
                sends,
            )
        )

    def _outcome(self, item: WorkItem, number: int, *, early: bool) -> str:
        chance = _chance(number, item.step, item.visit)
        match item.kind:
            case Work.UNKNOWN:
                return "got-it" if self._arrived(item) else "did-not"
            case Work.STEP:
                offered = sorted(name for name in item.outcomes if name != "skip") or ["skip"]
                return offered[int(chance * len(offered))]
            case Work.APPROVAL:
                granted = self._world.person(number).row["approval"] != "denied" if number else True
                return "approve" if granted else "skip"
            case Work.LATE:
                return "approve" if chance < 0.6 else "skip"
            case Work.TRIAGE:
                return "skip"
            case _ if self.leaves and (early or chance < 0.5):
                return ""
            case _ if early:
                return ""
            case _:
                return "skip" if chance > 0.9 and "skip" in item.outcomes else "done"

    def _arrived(self, item: WorkItem) -> bool:
        """What the provider's journal says, as the customer would."""
        place = (item.entry_id, item.step, str(item.visit))
        return any(mail.accepted and mail.parts[:3] == place for mail in self._world.mails)


def _chance(number: int, step: str, visit: int) -> float:
    """From 0 to 1, the same at every look."""
    return int.from_bytes(sha256(f"{number}\x1f{step}\x1f{visit}".encode()).digest()[:4], "big") / 2**32
