"""Which decision a message is, how much money it is about, and words that no policy declares."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offswitch.errors import ConfigError
from offswitch.messages.amount import amount_of
from offswitch.messages.decides import undeclared
from offswitch.messages.front_matter import split
from offswitch.messages.library import Library
from offswitch.policy.money import Money

HEAD = "---\nsubject: s\npurpose: service\nvalue: v\nask: 0\n{more}---\nHello\n"
FIVE = Money(Decimal(500), "SAR")


@pytest.mark.parametrize(
    ("amount", "currency", "variables", "meant"),
    [
        ("500 SAR", "", {}, FIVE),
        ("gift", "", {"gift": "500 SAR"}, FIVE),
        ("event.amount", "event.currency", {"event": {"amount": 500, "currency": "SAR"}}, FIVE),
        ("gift", "SAR", {"gift": "499.5"}, Money(Decimal("499.5"), "SAR")),
        ("gift", "SAR", {"gift": 0.1}, Money(Decimal("0.1"), "SAR")),
        ("gift", "SAR", {"gift": "500 SAR"}, FIVE),
        ("gift", "USD", {"gift": "500 SAR"}, None),
        ("gift", "", {"gift": 500}, None),
        ("gift", "SAR", {}, None),
        ("gift", "SAR", {"gift": -1}, None),
        ("gift", "SAR", {"gift": True}, None),
        ("gift", "SAR", {"gift": "NaN"}, None),
        ("gift", "unit", {"gift": 5, "unit": "points"}, None),
        ("gift.of", "SAR", {"gift": 5}, None),
    ],
)
def test_an_amount_is_what_head_and_facts_say_together_or_not_known(
    amount: str, currency: str, variables: dict[str, Any], meant: Money | None
) -> None:
    assert amount_of(amount, currency, variables) == meant


@pytest.mark.parametrize(
    ("more", "said", "place"),
    [
        ("decides: ofer\n", "'decides' can't be 'ofer' (did you mean offer?", (6, 10)),
        ("decides: Public Reply\n", "'decides' can't be 'Public Reply' (did you mean public_reply?", (6, 10)),
        ("decides: Ja\n", "a word of your own has small English letters", (6, 10)),
        ("amount: 500 SAR\n", "'amount' without 'decides'", (6, 9)),
        ("decides: offer\namount: 500 Riyal\n", "'amount' can't be '500 Riyal' (write 500 SAR, or the variable", (7, 9)),
        ("decides: offer\namount: gift\ncurrency: S A R\n", "'currency' can't be 'S A R' (write SAR, or", (8, 11)),
    ],
)
def test_a_head_that_is_wrong_about_money_is_told_at_its_place(more: str, said: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConfigError) as caught:
        split(HEAD.format(more=more), "x")
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert (problem.line, problem.column) == place


def _library(folder: Path, more: str, body: str = "") -> Library:
    (folder / "welcome").mkdir()
    (folder / "welcome" / "sorry.en.md").write_text(HEAD.format(more=more) + body, encoding="utf-8")
    return Library(folder)


def test_a_class_that_no_policy_declares_is_told_with_the_nearest_word(tmp_path: Path) -> None:
    library = _library(tmp_path, "decides: public_apologies\n")
    (problem,) = undeclared(library, "welcome", ["sorry"], {"offer", "public_apology"})
    assert (problem.line, problem.column, problem.what) == (6, 10, "'decides' is 'public_apologies', which nothing declares")
    assert problem.fix.startswith("did you mean public_apology? allowed: offer, public_apology; or add it to humans_decide in welcome.yaml")
    assert not list(undeclared(library, "welcome", ["sorry"], {"public_apologies"}))


def test_an_amount_that_nothing_gives_is_told_as_a_variable_is(tmp_path: Path) -> None:
    library = _library(tmp_path, "decides: offer\namount: gift\ncurrency: SAR\n")
    assert [problem.what for problem in library.check("welcome", ["sorry"], {"sorry": frozenset()})] == ["nothing gives this text 'gift'"]
    assert library.check("welcome", ["sorry"], {"sorry": frozenset({"gift"})}) == []
