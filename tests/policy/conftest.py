"""A folder of small, valid policy files that a test may spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

COMPANY = """\
switch: on
channels: {email: on}
zone: Asia/Riyadh
country_zones: {EG: Africa/Cairo}
unsubscribe_url: "http://127.0.0.1:8080"
people:
  mariam@bayan.example: {name: Mariam Haddad, roles: [owner]}
teams:
  support: [mariam@bayan.example]
sender:
  name: Mariam Haddad
  email: mariam@bayan.example
  reply_to: hello@bayan.example
  postal_address: 12 King Fahd Road, Riyadh
"""
FLOW = """\
switch: on
owner: mariam@bayan.example
team: support
runbook: Open the item, send the draft, mark it done.
minutes_per_item: 3
rollout: {steps: [{contacts: 50}, 5%, 100%]}
"""
SCORING = """\
questions:
  budget:
    required: yes
    answers:
      yes: {points: 20, tags: [budget], also: ["نعم", "Sure"]}
      no: {points: 0}
bands:
  - {at_least: 20, segment: ready, stage: decision}
  - {at_least: 0, segment: not_ready, stage: trust}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("company", COMPANY), ("welcome", FLOW), ("scoring", SCORING)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path
