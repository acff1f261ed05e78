"""Who goes first when flows want the same person, and how many the machine begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.gate.act import act
from offswitch.gate.case import Begun
from offswitch.gate.rival import Claim, Rival, keeps, rank
from offswitch.gate.rules.priority import priority
from offswitch.model.verdict import Answer
from offswitch.policy.pace import Pace
from tests.gate.cases import DAY, MARKETING, NOW, RECORD, SERVICE, Cap, case_of, with_policy

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ONE_A_DAY = (Cap(1, DAY),)


def claim(flow: str = "tour", priority: int = 60, *, grouped: bool = False, on: bool = True, going: bool = True, due: float = 0) -> Claim:
    return Claim(Rival(flow, priority, grouped, on), flow, NOW + due * HOUR, NOW, going)


@pytest.mark.parametrize(
    ("ahead", "caps", "sent", "rule"),
    [
        ([claim()], ONE_A_DAY, 0, "priority"),
        ([claim(due=23)], ONE_A_DAY, 0, "priority"),
        ([claim(due=25)], ONE_A_DAY, 0, ""),
        ([claim(due=-25)], ONE_A_DAY, 0, ""),  # what has not gone out for so long is not about to
        ([claim()], (Cap(2, DAY),), 0, ""),
        ([claim()], (Cap(2, DAY),), 1, "priority"),
        ([claim(), claim("ring")], (Cap(2, DAY),), 0, "priority"),
        ([claim()], ONE_A_DAY, 1, "cap"),
        ([claim(on=False)], ONE_A_DAY, 0, ""),
        ([claim(going=False)], ONE_A_DAY, 0, ""),  # with a person
        ([claim()], (), 0, ""),
        ([claim(grouped=True)], (), 0, "group"),
        ([claim(grouped=True, going=False, on=False)], (), 0, "group"),
        ([claim(priority=50, grouped=True)], (), 0, ""),  # both were there before the group was: the older wish goes first
    ],
)
def test_who_goes_first_has_the_room(ahead: list[Claim], caps: tuple[Cap, ...], sent: int, rule: str) -> None:
    case = with_policy(case_of(ahead=tuple(ahead), sent=(NOW - HOUR,) * sent), caps=caps, pace=Pace(group="g"))
    verdict = act(case)
    assert verdict.rule == rule
    assert (verdict.answer is Answer.DEFER) is bool(rule)


@pytest.mark.parametrize("purpose", [SERVICE, RECORD])
def test_service_mail_gives_way_to_nobody(purpose: str) -> None:
    case = with_policy(case_of(ahead=(claim(grouped=True),), purpose=purpose), caps=ONE_A_DAY)
    assert act(case).answer is Answer.ALLOW


WISHES = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), min_size=1, max_size=6)


@given(WISHES, st.integers(1, 4), st.data())
def test_s0_23_any_order_of_looking_has_the_same_winners(wishes: list[tuple[int, int]], room: int, data: st.DataObject) -> None:
    """Everybody wants the same person now; there is room for so many."""
    ranks = {str(n): rank(level, NOW - age * HOUR, str(n)) for n, (level, age) in enumerate(wishes)}
    sent: list[str] = []
    for name in data.draw(st.permutations(sorted(ranks))):
        waiting = [other for other in ranks if other not in sent and ranks[other] < ranks[name]]
        ahead = tuple(Claim(Rival(other, -ranks[other][0], grouped=False), other, NOW, ranks[other][1], going=True) for other in waiting)
        case = with_policy(case_of(ahead=ahead, sent=(NOW,) * len(sent)), caps=(Cap(room, DAY),))
        if act(case).answer is Answer.ALLOW:
            sent.append(name)
    assert set(sent) == set(sorted(ranks, key=ranks.__getitem__)[:room])


@given(st.floats(-24, 24), WISHES)
def test_whoever_gives_way_looks_again_later(due: float, wishes: list[tuple[int, int]]) -> None:
    ahead = tuple(claim(f"f{n}", level, due=due) for n, (level, _) in enumerate(wishes))
    verdict = priority(with_policy(case_of(ahead=ahead), caps=ONE_A_DAY))
    assert verdict is not None
    assert verdict.until is not None
    assert NOW + HOUR <= verdict.until <= NOW + DAY


@pytest.mark.parametrize(("level", "flow"), [(49, "tour"), (60, "tour"), (61, "")])
def test_only_a_higher_priority_enters_where_a_flow_of_the_group_has_somebody(level: int, flow: str) -> None:
    assert keeps(level, [claim(grouped=True), claim("ring", 90)]) == flow


@pytest.mark.parametrize(("count", "purpose", "rule"), [(4, MARKETING, ""), (5, MARKETING, "rate"), (9, SERVICE, "rate"), (9, RECORD, "")])
def test_a_full_rate_puts_off_until_there_is_room(count: int, purpose: str, rule: str) -> None:
    begun = (Begun(Cap(100, HOUR), 7, NOW + HOUR), Begun(Cap(5, MINUTE), count, NOW + MINUTE))
    verdict = act(case_of(begun=begun, purpose=purpose))
    assert verdict.rule == rule
    assert verdict.until == (NOW + MINUTE if rule else None)
