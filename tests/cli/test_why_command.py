"""`offswitch why`: every rule with what it saw, and why somebody came in or not."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

from offswitch.gate.rules import ORDER
from offswitch.gate.seen import SEEN
from tests.cli.conftest import Shop

Call = Callable[..., Result]


def test_every_rule_says_what_it_looks_at() -> None:
    assert [rule.__name__ for rule in ORDER] == list(SEEN)


def test_the_first_rule_that_objects_is_marked_and_the_others_say_what_they_saw(shop: Shop, call: Call) -> None:
    shop.forms("p0")
    shop.pass_()
    lines = call("why", "p0@example.com").output.splitlines()
    assert "  > stop         hand over  flow welcome is off (welcome.yaml)" in lines
    assert "    consent      allow      service: needs no consent for marketing" in lines
    assert "    lane         allow      the machine's" in lines
    assert max(map(len, lines)) <= 80
    (entry,) = json.loads(call("why", "p0@example.com", "--json").output)["entries"]
    assert [rule["rule"] for rule in entry["rules"]] == [rule.__name__.replace("_", " ") for rule in ORDER]


def test_the_way_in_shows_place_threshold_and_policy(shop: Shop, call: Call) -> None:
    shop.forms("p0")
    shop.pass_()
    (way,) = json.loads(call("why", "p0@example.com", "--json").output)["ways_in"]
    assert way["rollout"] == "100%"
    assert way["place"].endswith("%")
    assert len(way["policy"]) == 12
    assert [one["outcome"] for one in way["triggers"]] == ["people"]


def test_the_holdout_shows_bucket_and_share(shop: Shop, call: Call) -> None:
    shop.path.write_text(shop.path.read_text("utf-8").replace("steps: [100%]", "holdout: 5%\n  steps: [100%]"), "utf-8")
    shop.approve()
    shop.forms("p0")
    shop.pass_()
    (way,) = json.loads(call("why", "p0@example.com", "--json").output)["ways_in"]
    bucket, of = way["holdout"].removeprefix("bucket ").split(" of ")
    assert (of, len(bucket)) == ("0.05", 6)
    assert (float(bucket) < 0.05) == (way["triggers"][0]["rule"] == "holdout")
    assert f"  holdout: bucket {bucket} of 0.05, who never enter" in call("why", "p0@example.com", "welcome").output


def test_who_did_not_come_in_is_told_why_not(shop: Shop, call: Call) -> None:
    text = shop.path.read_text("utf-8").replace("steps: [100%]", "steps: [0%]").replace("outside: worklist ", "outside: none ")
    shop.path.write_text(text, "utf-8")
    shop.approve()
    shop.forms("p0")
    shop.pass_()
    said = call("why", "p0@example.com").output
    assert "of the rollout, which takes 0% now" in said
    assert "did not come in: rollout: outside the rollout" in said


def test_who_has_sent_nothing_is_told_so(shop: Shop, call: Call) -> None:
    shop.forms("p0")
    shop.pass_()
    assert "nothing that starts this flow has come from them" in call("why", "p0@example.com", "donor_thanks").output
