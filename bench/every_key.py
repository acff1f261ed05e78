"""A policy that uses every key the gate looks at, with the files beside it that give its facts."""

from __future__ import annotations

from pathlib import Path

from bench.site import COMPANY, FLOW
from offswitch.policy.effective import Effective, effective
from offswitch.policy.load import load_company, load_flow, load_sorting

EVERY_DAY = """\
fields: {employees: number, industry: text, vip: yes_no}
weekends: {SA: [friday, saturday], EG: [friday, saturday], default: [saturday, sunday]}
blackouts: [{from: 2027-05-01, to: 2027-05-02, why: the office moves}]
occasions:
  - {name: eid_al_fitr, countries: [SA, EG], days: 3}
  - {name: eid_al_adha, countries: [SA, EG], days: 4}
  - {name: national_day, countries: [SA]}
silence: {after: 3, slower: 2x, stop: 6}
"""
PACE = """\
weekends: quiet
limits: {per_contact: [2 per 12h], rate: 5000 per hour}
priority: 60
exclusive_group: welcome
"""
CONDITIONS = """\
audience: "contact.country in ['SA', 'EG', 'AE'] && contact.employees >= 5.0"
required_facts: [contact.employees, {score.points: 30d}]
exceptions:
  - {when: contact.vip == true, then: hand_over, why: a person writes to them}
  - {when: "score.points < 10 && 'budget' in score.tags", then: skip, why: not yet}
  - {when: "contact.industry.contains('school') || count.booking_created >= 1", then: exit, why: they are further}
otherwise: go_on
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
SEGMENTS = """\
segments:
  ready: {when: score.points >= 20}
  learning: {when: "contact.country == 'SA' && score.points >= 10"}
otherwise: others
"""
FUNNEL = """\
stages: [awareness, trust, decision]
promotes:
  visitor_to_lead: {when: count.form_submitted >= 1, to: trust}
  lead_to_opportunity: {when: score.points >= 20, to: trust}
  ready_to_sell: {when: count.booking_created >= 1, to: decision}
max_ask: {awareness: 1, trust: 2, decision: 4}
"""


def write_besides(folder: Path) -> None:
    """The files that all flows share."""
    company = COMPANY.replace("limits: {", "limits: {rate: 300 per minute, ") + EVERY_DAY
    for name, text in (("company", company), ("scoring", SCORING), ("segments", SEGMENTS), ("funnel", FUNNEL)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def every_key(folder: Path) -> Effective:
    """What is in force where every key is written."""
    write_besides(folder)
    (folder / "welcome.yaml").write_text(FLOW + PACE + CONDITIONS, encoding="utf-8")
    company = load_company(folder)
    return effective(load_flow(folder, "welcome", company), company, load_sorting(folder, company))
