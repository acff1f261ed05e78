from __future__ import annotations

from pathlib import Path

from flows.diagnostic_triage import diagnostic_triage
from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch.journey.graph import graph_of, reachable_messages, variables_of


def test_the_graph_of_welcome_is_what_its_source_says() -> None:
    graph = graph_of(welcome)
    assert (graph.first, graph.messages) == ("confirm", ("confirm", "greet", "value", "checklist"))
    assert graph.nodes["greet"].then == ("value", "answer")
    assert graph.nodes["greet"].finishes == ("no marketing consent",)
    assert graph.nodes["value"].hand_overs == ("answer the reply",)
    assert graph.nodes["value"].waits_for == ("Replied",)
    assert graph.nodes["checklist"].then == ()
    assert graph.nodes["checklist"].may_finish


def test_a_table_of_steps_and_both_sides_of_a_condition_count() -> None:
    assert set(graph_of(diagnostic_triage).nodes["result"].then) == {"call", "one_sheet", "fix_first", "review", "answer"}
    assert graph_of(donor_thanks).nodes["thanks"].then == ("call", "first_gift")


def test_outcomes_of_a_hand_over_lead_on_and_its_title_is_read() -> None:
    triage = graph_of(diagnostic_triage).nodes["triage"]
    assert triage.then == ("result",)
    assert triage.finishes == ("answers missing",)
    assert triage.hand_overs == ("ask for what is missing: …",)


def test_messages_that_may_still_come_are_those_of_this_step_and_later_ones() -> None:
    graph = graph_of(welcome)
    assert reachable_messages(graph, "confirm") == {"confirm", "greet", "value", "checklist"}
    assert reachable_messages(graph, "value") == {"value", "checklist"}
    assert reachable_messages(graph, "checklist") == {"checklist"}
    assert reachable_messages(graph, "gone") == frozenset()


def test_each_message_knows_what_it_is_given() -> None:
    given = variables_of(diagnostic_triage)
    assert given["result"] == {"segment", "event.answers"}
    assert given["fix_first"] == {"event.answers"}


def test_lines_point_at_the_steps() -> None:
    graph = graph_of(welcome)
    lines = Path(graph.path).read_text("utf-8").splitlines()
    for node in graph.nodes.values():
        assert lines[node.line - 1].startswith(f"def {node.name}(")
