"""The drill's month is made up: it keeps no feast, and it does keep what can be drilled."""

from __future__ import annotations

from offswitch.drill.stage import _company_on, _flow_on, changed

COMPANY = """\
switch: off
weekends: {default: [sunday]}
blackouts: [{from: 2027-04-15, to: 2027-05-05, why: mourning}]
occasions: [{name: eid_al_fitr, countries: [SA]}]
silence: {after: 2, slower: 2x, stop: 4}
"""
FLOW = """\
switch: off
weekends: quiet
blackouts: [{from: 2027-04-15, to: 2027-05-05, why: mourning}]
silence: {after: 2, slower: 2x, stop: 4}
priority: 60
rollout: {steps: [5%]}
"""


def test_days_of_rest_and_silence_are_left_out_and_weekends_and_ranks_stay() -> None:
    for text in (changed(COMPANY, _company_on), changed(FLOW, _flow_on)):
        assert "weekends" in text
        assert not [key for key in ("blackouts", "occasions", "silence") if key in text]
    assert "priority: 60" in changed(FLOW, _flow_on)
