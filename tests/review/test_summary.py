from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from offswitch.review.counted import NOUNS, counted
from offswitch.review.difference import Difference
from offswitch.review.plan import Approved, PlanOfWork
from offswitch.review.summary import summary
from tests.review.scene import edited


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PlanOfWork, Difference]]:
    rig, plan, change = edited(tmp_path_factory.mktemp("scene") / "project")
    yield plan, change
    rig.close()


@pytest.mark.parametrize(
    ("n", "english", "arabic"),
    [
        (1, "1 person", "شخص واحد"),
        (2, "2 people", "شخصين"),
        (3, "3 people", "3 أشخاص"),
        (11, "11 people", "11 شخصًا"),
        (100, "100 people", "100 شخص"),
        (1_103, "1,103 people", "1,103 أشخاص"),
    ],
)
def test_a_noun_takes_the_form_that_its_number_asks_for(n: int, english: str, arabic: str) -> None:
    assert (counted("en", "people", n), counted("ar", "people", n)) == (english, arabic)


def test_every_noun_has_every_form() -> None:
    assert all("{n}" in english[1] and all("{n}" in form for form in arabic[2:]) for english, arabic in NOUNS.values())


def test_a_busy_approver_reads_three_sentences(scene: tuple[PlanOfWork, Difference]) -> None:
    plan, change = scene
    plan = replace(plan, approved=Approved("omar@bayan.example", "mariam@bayan.example", "2025-05-03T09:00:00+00:00", valid=False))
    what, since, mind = summary("en", plan, change)
    assert what == "If you approve, a mail goes out now to 9 people; refused: 1."
    assert "omar@bayan.example\N{POP DIRECTIONAL ISOLATE} approved it on 3 May 2025: 2 texts and 3 settings; newly reached: 9" in since
    assert since.endswith("it needs a new approval.")
    assert mind.startswith("Mind 1 warning; switched off, it would be ")
    what, since, mind = summary("ar", plan, change)
    assert what == "لو اعتمدتها لوصلت رسالة الآن إلى 9 أشخاص؛ المرفوض: 1."
    assert "في 3 مايو 2025 جرى تغيير نصين و3 إعدادات" in since
    assert mind.startswith("انتبه إلى تنبيه واحد؛ وعند إيقافه تبلغ دقائق العمل في اليوم ")


def test_a_flow_that_was_never_approved_or_has_not_changed_says_so(scene: tuple[PlanOfWork, Difference]) -> None:
    plan, _ = scene
    assert summary("en", replace(plan, approved=None, changes=()))[1] == "This flow was never approved."
    assert summary("en", replace(plan, changes=()))[1].startswith("Nothing has changed since ")
    assert "the texts" in summary("en", plan)[1]
