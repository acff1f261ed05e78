"""How often each invariant was checked, and everything that broke one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from offswitch.drill.invariants.allowed import decided, kept_outside, limits_kept, obeyed
from offswitch.drill.invariants.conserved import conserved, ended, neighbours
from offswitch.drill.invariants.figures import figures, unaltered
from offswitch.drill.invariants.listed import in_the_files, listed
from offswitch.drill.invariants.off import off_is_off
from offswitch.drill.invariants.once import by_hand, doubts, once
from offswitch.drill.invariants.same import Outcome, as_if_nothing, untouched
from offswitch.drill.look import Look, Violation
from offswitch.model.work import WorkItem

INVARIANTS = (
    "ends",
    "once",
    "conserved",
    "off",
    "listed",
    "same",
    "doubts",
    "by_hand",
    "obeyed",
    "limits",
    "storm",
    "untouched",
    "figures",
    "audit",
    "repeatable",
)
_MOST = 50  # violations kept of one run: the first say what is wrong


@dataclass
class Tally:
    """Of one run. `run` says in words which one."""

    run: str = ""
    checks: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def note(self, invariant: str, found: Iterable[Violation]) -> None:
        """One invariant was checked."""
        self.checks[invariant] += 1
        for one in found:
            if len(self.violations) < _MOST and not self._known(one):
                self.violations.append(replace(one, what=f"{one.what} [{self.run}]" if self.run else one.what))

    def _known(self, one: Violation) -> bool:
        return any(old.invariant == one.invariant and old.who == one.who and old.what.startswith(one.what) for old in self.violations)

    def check_now(self, look: Look) -> None:
        """What holds at every instant."""
        self.note("once", once(look))
        self.note("conserved", conserved(look))

    def check_list(self, look: Look, items: Sequence[WorkItem], *, handed_over: bool) -> None:
        """The worklist as it is now."""
        self.note("listed", listed(look, items, handed_over=handed_over))

    def check_files(self, look: Look, *, handed_over: bool) -> None:
        """The same in the files for the day when nothing works."""
        self.note("listed", in_the_files(look, handed_over=handed_over))

    def check_end(self, look: Look) -> None:
        """What holds when a course is over."""
        self.check_now(look)
        self.note("conserved", ended(look))
        if look.course.beside:
            self.note("conserved", conserved(Look(look.course, beside=True)))
            self.note("conserved", ended(Look(look.course, beside=True)))
            self.note("conserved", neighbours(look))
            self.note("obeyed", decided(Look(look.course, beside=True)))
        self.note("by_hand", by_hand(look))
        self.note("off", off_is_off(look))
        self.note("obeyed", obeyed(look))
        self.note("obeyed", decided(look))
        self.note("obeyed", kept_outside(look))
        self.note("limits", limits_kept(look))
        self.note("doubts", doubts(look))
        self.note("figures", figures(look))
        self.note("audit", unaltered(look))

    def compare(self, mine: Outcome, clean: Outcome, delay: timedelta) -> None:
        """A course that was killed against one that was not."""
        self.note("same", as_if_nothing(mine, clean, delay))

    def beside(self, mine: Outcome, clean: Outcome) -> None:
        """The neighbour, with and without."""
        self.note("untouched", untouched(mine, clean))

    def repeated(self, mine: Outcome, again: Outcome) -> None:
        """The same seed twice."""
        differ = [] if mine.digest == again.digest else [Violation("repeatable", f"two runs of one seed: {mine.digest} and {again.digest}")]
        self.note("repeatable", differ)
