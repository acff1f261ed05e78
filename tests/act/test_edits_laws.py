"""What holds of edits whatever people were doing when they came."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from offswitch.act.remap import RULE, Edits
from offswitch.model.entry import OVER, OVERDUE, Entry, State
from offswitch.model.verdict import Work
from offswitch.policy.schema import Effective, Removed
from offswitch.policy.values import Cap
from tests.act.journeys import tour
from tests.act.rig import START
from tests.gate.cases import policy_of

HOUR = timedelta(hours=1)
STEPS = ("hello", "more", "old", "older", "oldest")
removed = st.sampled_from([Removed("exit"), Removed("hand_over"), Removed("move_to", "more"), Removed("move_to", "nowhere")])
policies = st.builds(
    lambda gone, waits, count: policy_of(removed_steps=gone, reschedule=waits, release=Cap(count, HOUR)),
    st.dictionaries(st.sampled_from(STEPS[2:]), removed),
    st.dictionaries(st.sampled_from(STEPS[:2]), st.sampled_from([HOUR, 48 * HOUR, 72 * HOUR])),
    st.integers(1, 3),
)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    made = []
    for n in range(draw(st.integers(1, 8))):
        wait = draw(st.sampled_from([None, 2 * HOUR, 48 * HOUR]))
        due = START + HOUR * draw(st.integers(-60, 60))
        work = draw(st.sampled_from([None, None, None, Work.UNKNOWN, Work.STEP]))
        made.append(
            Entry(
                f"e{n}",
                "tour",
                f"c{n}",
                draw(st.sampled_from(STEPS)),
                due,
                START,
                state=State.WORKLIST if work else draw(st.sampled_from([State.WAITING, State.WAITING, State.HELD, State.FINISHED])),
                work=work,
                since=due,
                wait=wait,
                taken_by=draw(st.sampled_from(["", "", "lina"])),
                or_when=draw(st.sampled_from([{}, {"message.replied": "old"}, {OVERDUE: "more"}])),
            )
        )
    return made


@given(people=entries(), said=policies)
def test_edits_touch_nobody_twice_and_nothing_in_anybodys_hands(people: list[Entry], said: Effective) -> None:
    pairs = list(Edits(tour, said, START).of(people, {}))
    after = {entry.id: entry for entry in people} | {there.id: there for _, there in pairs}
    assert list(Edits(tour, said, START).of(after.values(), {})) == []
    for before, there in pairs:
        assert not before.taken_by
        assert before.work is not Work.UNKNOWN
        assert before.state not in OVER
        assert there.step in tour.steps or there.state in OVER or (there.work, there.rule) == (Work.TRIAGE, RULE)
        assert there.due == before.due or there.step == before.step
        assert OVERDUE not in there.or_when or there.step == before.step


@given(people=entries(), said=policies)
def test_what_a_shorter_wait_would_make_late_is_let_go_as_slowly_as_a_backlog(people: list[Entry], said: Effective) -> None:
    turns: Counter[datetime] = Counter()
    for before, there in Edits(tour, said, START).of(people, {}):
        if there.wait and before.wait and there.wait != before.wait:
            counted = before.due + (there.wait - before.wait)
            assert there.due == there.since == max(counted, there.due)
            turns.update([there.due] if counted <= START else [])
    assert all(due >= START and number <= said.release.count for due, number in turns.items())
