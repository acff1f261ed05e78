from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.welcome import welcome
from offswitch.cli.diff import FAILURES
from offswitch.errors import ConfigError, Refused
from offswitch.model.plan import minutes
from offswitch.policy.approvals import Subject
from offswitch.project.plan import keep_plan, make_plan, said_of
from offswitch.review.difference import difference
from offswitch.review.difference_page import as_html
from offswitch.review.kept import SCHEMA, KeptPlan, find, load
from offswitch.review.show_difference import as_json, as_text
from offswitch.review.show_difference import reached as lines_of
from offswitch.review.since import since
from offswitch.review.words import Language
from tests.act.rig import Rig
from tests.review.law import ROOT, with_real_texts

reached = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["greet", "value"])), max_size=8)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", welcome)
    with_real_texts(made, welcome)
    yield made
    made.close()


def kept(rig: Rig) -> KeptPlan:
    plan = make_plan(rig.project, welcome)
    subject = said_of(rig.project, welcome).subject
    assert subject is not None
    return keep_plan(rig.project, welcome, plan, subject)


def plan_file(path: Path, recipients: set[tuple[str, str]]) -> KeptPlan:
    subject = {"code": "c", "texts": "t", "policy": {}}
    head = {"schema": SCHEMA, "flow": "f", "digest": "d", "made": "", "subject": subject, "texts": {}, "steps": {}, "counts": {}}
    lines = [json.dumps({**head, "warnings": [], "approved": False}), *(f"{contact}\t{message}" for contact, message in sorted(recipients))]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return load(path)


def test_a_newcomer_is_newly_reached_and_nothing_else_is_different(rig: Rig) -> None:
    rig.submit("mona")
    before = kept(rig)
    before = load(before.path.rename(before.path.with_name("before.plan")))
    rig.submit("omar")
    found = difference(before, kept(rig))
    assert (found.newly.count, found.gone.count, found.messages) == (1, 0, {"confirm": (1, 2)})
    assert (found.keys, found.texts, found.steps, found.elsewhere) == ((), (), (), False)


def test_whoever_came_since_or_has_gone_on_is_told_from_whom_the_change_concerns(rig: Rig) -> None:
    rig.submit_all("mona", "omar")
    before = kept(rig)
    before = load(before.path.rename(before.path.with_name("before.plan")))
    rig.clock.advance(minutes(5))
    rig.run(welcome)
    rig.submit("lina")
    found = difference(before, kept(rig))
    with rig.ledger.read() as book:
        known = since(book, found)
    assert (found.newly.count, found.gone.count, known.came, known.went) == (1, 2, 1, 2)
    told = "\n".join(lines_of(found, known))
    assert "1 of the new ones came since that plan was made" in told
    assert "2 of the others have gone on since, or are done" in told


def test_a_changed_text_is_told_as_it_reads_and_a_changed_key_in_words(rig: Rig) -> None:
    before = kept(rig)
    text = rig.settings.messages / "welcome" / "confirm.en.md"
    text.write_text(text.read_text("utf-8").replace("We have your message", "Got it"), "utf-8")
    rig.policy(welcome, steps="5%")
    found = difference(before, kept(rig))
    assert [(one.name, one.before and "We have" in one.before.subject, one.now and one.now.subject) for one in found.texts] == [
        ("confirm.en", True, "Got it, Amina")
    ]
    told = as_text(found)
    assert "-Subject: We have your message, Amina" in told
    assert "+Subject: Got it, Amina" in told
    assert "how the machine's share grows: 100% -> 5%" in told


def test_two_plans_of_the_same_are_not_different(rig: Rig) -> None:
    rig.submit("mona")
    one = kept(rig)
    found = difference(one, one)
    assert found.empty
    assert as_json(found)["same"] is True
    assert "Nothing is different." in as_text(found)


@given(reached, reached)
def test_whoever_is_in_one_plan_only_is_counted_there(before: set[tuple[str, str]], now: set[tuple[str, str]]) -> None:
    """Against sets: what is read side by side from two files must come to the same."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        found = difference(plan_file(Path(folder) / "a", before), plan_file(Path(folder) / "b", now))
    were, are = ({contact for contact, _ in side} for side in (before, now))
    assert found.newly.first == sorted(are - were)
    assert found.gone.first == sorted(were - are)
    assert {message: sum(found.messages.get(message, (0, 0))) for message in ("greet", "value")} == {
        message: sum(one == message for _, one in (*before, *now)) for message in ("greet", "value")
    }


@pytest.mark.parametrize(("language", "removed"), [("en", "removed"), ("ar", "حُذف")])
def test_the_page_marks_what_went_and_what_came_not_by_colour_alone(rig: Rig, language: Language, removed: str) -> None:
    before = kept(rig)
    text = rig.settings.messages / "welcome" / "confirm.en.md"
    text.write_text(text.read_text("utf-8").replace("We have your message", "Got it"), "utf-8")
    rig.policy(welcome, steps="5%")
    page = as_html(difference(before, kept(rig)), language)
    assert f'<del><span class="sr">[{removed}: </span>We have your message,<span class="sr">]</span></del>' in page
    assert f'<html lang="{language}"' in page
    assert before.subject.texts[:12] not in page


def test_the_document_names_every_field_of_the_json(rig: Rig) -> None:
    one = kept(rig)
    promised = (ROOT / "docs/diff.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", promised))
    found = as_json(difference(one, one))
    assert found["schema"] in promised
    assert set(found) | set(found["before"]) | set(found["newly_reached"]) | {"failed_on", "voids", "purpose"} <= named
    assert all(f"`{name}`" in promised for name in FAILURES)


def test_a_file_that_is_no_plan_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "x.plan"
    path.write_text("hello")
    with pytest.raises(ConfigError, match=r"can't be read as a plan .*offswitch plan --out"):
        load(path)
    with pytest.raises(Refused, match=r"no plan 'abc' is kept here"):
        find(tmp_path, "abc")


def test_a_kept_plan_names_nobody(rig: Rig) -> None:
    rig.submit("mona", name="Mona Haddad")
    content = gzip.decompress(kept(rig).path.read_bytes()).decode()
    assert "Mona" not in content
    assert "@example.com" not in content.replace("amina@example.com", "")


def test_a_kept_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    found = plan_file(tmp_path / "a.plan", {("a", "greet")})
    assert found.subject == Subject("c", "t", {})
    assert list(found.recipients()) == [("a", "greet")]
