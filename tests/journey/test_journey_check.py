"""Small bad journeys, each written to a file as an author would, and what `check` says of them."""

from __future__ import annotations

import importlib.util
from itertools import count
from pathlib import Path
from textwrap import dedent

import pytest

from flows.diagnostic_triage import diagnostic_triage
from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch.journey.graph import check, graph_of, reachable_messages
from offswitch.journey.journey import Journey

HEAD = """\
import random
import time
from datetime import datetime
from offswitch import Decision, Facts, Journey, Plan, days, finish, hand_over, send
from offswitch.events import CheckStarted, FormSubmitted, Replied
j = Journey("j", starts_on=FormSubmitted, goal=CheckStarted)
"""
NUMBERS = count()


def loaded(folder: Path, body: str, head: str = HEAD) -> Journey:
    """The journey `j` of a module with this body; its first line is line 7 of the file."""
    path = folder / "bad.py"
    path.write_text(head + dedent(body).lstrip("\n"), "utf-8")
    spec = importlib.util.spec_from_file_location(f"bad_{next(NUMBERS)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    journey: Journey = module.j
    return journey


def said(folder: Path, body: str, head: str = HEAD, asks: dict[str, int] | None = None) -> list[str]:
    return [str(problem).replace(f"{folder}/", "") for problem in check(loaded(folder, body, head), asks)]


GOOD = """
@j.step
def first(lead: Facts) -> Decision:
    return Plan(send("a"), then=finish("done"))
"""


@pytest.mark.parametrize("journey", [welcome, diagnostic_triage, donor_thanks], ids=lambda journey: journey.name)
def test_the_journeys_of_this_project_are_sound(journey: Journey) -> None:
    assert check(journey) == []


def test_a_sound_journey_has_no_problems(tmp_path: Path) -> None:
    assert said(tmp_path, GOOD) == []


def test_a_step_that_nothing_leads_to_is_named_with_its_place(tmp_path: Path) -> None:
    body = GOOD + '@j.step\ndef lost(lead: Facts) -> Decision:\n    return finish("x")\n'
    assert said(tmp_path, body) == ["bad.py:11:1: no step leads to 'lost' ('first' is the first step; name this one in a then=)"]


def test_a_message_that_is_not_written_out_is_refused(tmp_path: Path) -> None:
    [problem] = said(tmp_path, GOOD.replace('send("a")', 'send(lead.contact.language + "_a")'))
    assert problem.startswith("bad.py:9:17: send() takes the name of a message, written out")


def test_a_step_of_another_journey_is_refused(tmp_path: Path) -> None:
    [problem] = said(tmp_path, GOOD.replace('finish("done")', "greet"), HEAD + "from flows.welcome import greet\n")
    assert problem.startswith("bad.py:10:33: welcome.greet is a step of another journey")


def test_a_step_of_another_journey_is_found_behind_a_module_too(tmp_path: Path) -> None:
    [problem] = said(tmp_path, GOOD.replace('finish("done")', "flows.welcome.greet"), HEAD + "import flows.welcome\n")
    assert "welcome.greet is a step of another journey" in problem


def test_a_journey_without_goal_and_exits_is_refused(tmp_path: Path) -> None:
    [problem] = said(tmp_path, GOOD, HEAD.replace(", goal=CheckStarted", ""))
    assert problem == "bad.py:6:5: j has no goal (name the event that it is for: goal=…)"


ROUND = """
@j.step
def first(lead: Facts) -> Decision:
    return Plan(send("a"), then=second, after=days(1))

@j.step
def second(lead: Facts) -> Decision:
    return Plan(then=first)
"""


def test_a_circle_without_a_bound_is_refused_once(tmp_path: Path) -> None:
    [problem] = said(tmp_path, ROUND)
    assert problem == "bad.py:8:1: first and second can go round without an end (set give_up_after=, or look at lead.visit)"


def test_a_circle_ends_by_time_or_by_counting_its_visits(tmp_path: Path) -> None:
    assert said(tmp_path, ROUND, HEAD.replace("goal=CheckStarted", "goal=CheckStarted, give_up_after=days(9)")) == []
    assert said(tmp_path, ROUND.replace("then=first", 'then=first if lead.visit < 3 else finish("enough")')) == []


def test_a_step_that_waits_for_itself_is_a_circle(tmp_path: Path) -> None:
    [problem] = said(tmp_path, GOOD.replace('then=finish("done")', 'then=finish("done"), or_when={Replied: first}'))
    assert "first can go round without an end" in problem


@pytest.mark.parametrize("call", ["datetime.now()", "time.time()", "random.random()", "datetime.utcnow()", "time.sleep(1)"])
def test_reading_a_clock_or_chance_in_a_step_is_refused(tmp_path: Path, call: str) -> None:
    [problem] = said(tmp_path, GOOD.replace("    return", f"    {call}\n    return"))
    assert problem.startswith(f"bad.py:9:5: a step calls {call.partition('(')[0]}()")


def test_a_clock_in_a_function_that_the_step_calls_is_found(tmp_path: Path) -> None:
    body = GOOD.replace("return Plan", "tick()\n    return Plan") + "def tick() -> None:\n    datetime.now()\n"
    assert said(tmp_path, body)[0].startswith("bad.py:12:5: a step calls datetime.now() (the time is lead.now)")


def test_two_asks_in_one_plan_are_refused_and_one_beside_a_gift_is_not(tmp_path: Path) -> None:
    body = GOOD.replace('send("a")', 'send("a"), send("b")')
    assert "two calls to action in one plan: a and b" in said(tmp_path, body, asks={"a": 1, "b": 2})[0]
    assert said(tmp_path, body, asks={"a": 1, "b": 0}) == []


def test_a_next_step_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    [problem] = said(tmp_path, GOOD.replace('finish("done")', 'lead.value("next")'))
    assert problem.startswith("bad.py:9:33: can't be read as a step")


THROUGH = """
@j.step
def first(lead: Facts) -> Decision:
    chosen = second if lead.replied else third
    return Plan(note(lead), then=chosen)

def note(lead: Facts):
    return send("a")

def after_third(lead: Facts):
    return fourth if lead.replied else finish("done")

@j.step
def second(lead: Facts) -> Decision:
    return hand_over("call", outcomes={"yes": third, "no": finish("no")}, overdue=fourth)

@j.step
def third(lead: Facts) -> Decision:
    return Plan(send("c"), then=after_third(lead))

@j.step
def fourth(lead: Facts) -> Decision:
    return Plan(send("d"), then=finish("end"))
"""


def test_variables_and_functions_between_a_plan_and_its_next_step_are_followed(tmp_path: Path) -> None:
    journey = loaded(tmp_path, THROUGH)
    graph = graph_of(journey)
    assert check(journey) == []
    assert {name: set(node.then) for name, node in graph.nodes.items()} == {
        "first": {"second", "third"},
        "second": {"third", "fourth"},
        "third": {"fourth"},
        "fourth": set(),
    }
    assert graph.nodes["first"].sends == ("a",)
    assert reachable_messages(graph, "second") == {"c", "d"}
