"""Every way we know to spoil a policy file, and where and how it is told. Each row spoils one line of a valid file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from offswitch.errors import ConfigError
from offswitch.policy.load import check_all, load_company, load_flow, load_scoring

FLOW_ROWS = [  # line, its new text, what is said, at which column
    (1, "swich: on", "unknown key 'swich' (did you mean switch?", 1),
    (1, "Switch: on", "unknown key 'Switch' (did you mean switch?", 1),
    (1, "switch:on", "goes on in the next line (write `key: value`, with a blank after the colon)", 1),
    (1, "switch: onn", "switch is 'onn' (did you mean on?", 9),
    (1, "switch: y", "switch is 'y' (allowed: closing, dry-run, off, on)", 9),
    (1, "switch: 1", "switch is '1'", 9),
    (1, "switch:", "switch has no value", 1),
    (1, "switch: ~", "switch has no value", 9),
    (1, "switch: [on]", "switch is a list or section", 9),
    (1, "switch: on off", "switch is 'on off'", 9),
    (1, "\u200fswitch: on", "right-to-left mark (U+200F)", 1),
    (1, "sw\u0456tch: on", "cyrillic small letter byelorussian-ukrainian i (U+0456)", 1),
    (1, "switch:\ton", "a tab (U+0009)", 8),
    (1, "switch: on\u200b", "zero width space (U+200B)", 11),
    (1, "switch:\u00a0on", "a no-break space (U+00A0)", 8),
    (1, "switch: &a on", "has an anchor (&a)", 9),
    (1, "switch: *a", "uses an alias (*a)", 9),
    (1, "switch: !!bool on", "has a tag", 9),
    (1, "switch: !secret on", "has a tag", 9),
    (2, "switch: off", "has the key 'switch' twice (the first one is in line 1, column 1)", 1),
    (2, "owner: nobody@bayan.example", "who is not among the people of company.yaml", 8),
    (2, "owner: mariam at bayan", "owner is 'mariam at bayan', not an e-mail address", 8),
    (2, "owner: a@b.example,c@d.example", "not an e-mail address", 8),
    (3, "team: suport", "team is suport, which is not among the teams of company.yaml (did you mean support?", 7),
    (3, "team: {name: support}", "team is a list or section", 7),
    (3, "  team: support", "can't be read as YAML: mapping values are not allowed", 7),
    (3, "---", "holds a second document", 1),
    (3, "...", "ends before the file does", 1),
    (3, "<<: {team: support}", "uses a merge key", 1),
    (3, "? [team]\n: support", "has a list or section as a key", 3),
    (3, "tëam: support", "latin small letter e with diaeresis (U+00EB)", 1),
    (4, 'runbook: ""', "runbook is empty", 10),
    (4, "runbook: 'open", "a quote is opened and not closed", 10),
    (4, 'runbook: "a\\0b"', "holds a control character (U+0000)", 10),
    (4, "runbook: first line\n  second line", "goes on in the next line (use |", 10),
    (5, "minutes_per_item: 3.5", "minutes_per_item is '3.5' (write a whole number from 1", 19),
    (5, "minutes_per_item: -1", "minutes_per_item is '-1'", 19),
    (5, "minutes_per_item: 0", "minutes_per_item is '0'", 19),
    (5, "minutes_per_item: ٥", "has ٥ in other digits than 0 to 9 (write 5)", 19),
    (5, 'minutes_per_item: "٥"', "minutes_per_item is ٥ (write 5", 19),
    (5, "minutes_per_item: .inf", "has .inf, which is no number", 19),
    (5, "minutes_per_item: .NaN", "has .NaN, which is no number", 19),
    (5, "minutes_per_item: 0x10", "minutes_per_item is '0x10'", 19),
    (5, "minutes_per_item: 1_000", "minutes_per_item is '1_000'", 19),
    (6, "rollout: 5%", "rollout must be a section", 10),
    (6, "rollout: {steps: []}", "rollout.steps is empty", 18),
    (6, "rollout: {steps: 5%}", "rollout.steps must be a list", 18),
    (6, "rollout: {steps: [0.1]}", "rollout.steps[1] is '0.1' (write a percentage", 19),
    (6, "rollout: {steps: [101%]}", "rollout.steps[1] is '101%'", 19),
    (6, "rollout: {steps: [5%, -1%]}", "rollout.steps[2] is '-1%'", 23),
    (6, "rollout: {steps: [0.00001%]}", "at most 4 decimals", 19),
    (6, "rollout: {steps: [٥٪]}", "has ٥٪ in other digits than 0 to 9 (write 5%)", 19),
    (6, "rollout: {steps: [20%, 5%]}", "rollout.steps[2] is no step up", 24),
    (6, "rollout: {steps: [5%, {contacts: 50}]}", "rollout.steps[2] is no step up", 23),
    (6, "rollout: {steps: [{contacts: 0}]}", "rollout.steps[1] is '0' contacts", 19),
    (6, "rollout: {steps: [{contact: 50}]}", "rollout.steps[1] is not a step", 19),
    (6, "rollout: {steps: [5%], outside: worklst}", "rollout.outside is 'worklst' (did you mean worklist?", 33),
    (6, "rollout: {steps: [5%], dwel: 24h}", "unknown key 'dwel' in rollout", 24),
    (6, "rollout: {steps: [5%]", "a bracket or brace is opened and not closed", 10),
    (7, "quiet_hours: 21:00-09:00", 'has the unquoted time 21:00-09:00 (put it in quotes: "21:00-09:00")', 14),
    (7, "quiet_hours: 21:00", "has the unquoted time 21:00", 14),
    (7, 'quiet_hours: "21:00"', "quiet_hours is '21:00' (write \"21:00-09:00\"", 14),
    (7, 'quiet_hours: "24:00-09:00"', "from 00:00 to 23:59", 14),
    (7, 'quiet_hours: "09:00-09:00"', "which is all day or never", 14),
    (7, "quiet_hours: “21:00-09:00”", "in straight quotes", 14),
    (7, "quiet_hours: off", "quiet_hours is 'off'", 14),
    (7, "max_defer: 7", "max_defer is '7' (write seconds, minutes, hours or days", 12),
    (7, "max_defer: 7 days", "max_defer is '7 days'", 12),
    (7, "max_defer: -7d", "max_defer is '-7d'", 12),
    (7, "max_defer: 0h", "max_defer is '0h'", 12),
    (7, "max_defer: 9999d", "at most 366d", 12),
    (7, "max_defer: 2026-02-30", "max_defer is '2026-02-30'", 12),
    (7, "limits: {per_contact: [1 a day]}", "limits.per_contact[1] is '1 a day' (write a cap", 24),
    (7, "limits: {per_contact: [0 per day]}", "limits.per_contact[1] is '0 per day'", 24),
    (7, "limits: {per_contact: 1 per day}", "limits.per_contact must be a list", 23),
    (7, "limits: {per_contact: []}", "limits.per_contact is empty", 23),
    (7, "limits:", "limits has no value", 1),
    (7, "late: {after: 72h}", "late.then is missing", 1),
    (7, "late: {after: 72h, then: drop}", "late.then is 'drop' (allowed: review, send, skip)", 26),
    (7, "humans_decide: none", "humans_decide is 'none', and people always decide", 16),
    (7, "humans_decide: [offr]", "humans_decide[1] is 'offr' (did you mean offer?", 17),
    (7, "when_off: handover", "when_off is 'handover' (did you mean hand_over?", 11),
    (7, "steps: {greet: {switch: closing}}", "steps.greet.switch is 'closing' (allowed: off, on)", 25),
    (7, "steps: {greet: {swich: off}}", "unknown key 'swich' in steps.greet (did you mean switch?", 17),
    (7, "steps: {my step: {switch: off}}", "a key of steps is 'my step'", 9),
    (7, "on_resume: {without_asking: many}", "on_resume.without_asking is 'many'", 29),
    (7, "name: welcome", "unknown key 'name'", 1),
    (7, "a: " + "[" * 30 + "]" * 30, "is nested deeper than 20 levels", 23),
    (7, "note: a\u2028switch: off", "line separator (U+2028)", 8),
    (7, "# a\rswitch: off", "a carriage return without a line feed", 4),
]
COMPANY_ROWS = [
    (1, "switch: closing", "switch is 'closing' (allowed: off, on)", 9),
    (2, "channels: {email: maybe}", "channels.email is 'maybe'", 19),
    (2, "channels: [email]", "channels must be a section", 11),
    (2, "chanels: {email: off}", "unknown key 'chanels' (did you mean channels?", 1),
    (3, "zone: Asia/Riyad", "zone is 'Asia/Riyad', not a time zone (did you mean Asia/Riyadh?", 7),
    (3, "zone: ../../etc/passwd", "not a time zone", 7),
    (3, "zone: Asia", "not a time zone", 7),
    (4, "country_zones: {UK: Europe/London}", "a key of country_zones is 'UK', not a country (did you mean GB?", 17),
    (4, "country_zones: {sa: Asia/Riyadh}", "did you mean SA?", 17),
    (4, "country_zones: {EG: Cairo}", "country_zones.EG is 'Cairo', not a time zone", 21),
    (5, "unsubscribe_url: http://mail.example.org", "unsubscribe_url is 'http://mail.example.org'", 18),
    (5, 'unsubscribe_url: "https://u:p@mail.example.org"', "unsubscribe_url is", 18),
    (5, 'unsubscribe_url: "https://mail.example.org/?a=b"', "without ? and #", 18),
    (5, "unsubscribe_url: javascript:alert(1)", "unsubscribe_url is", 18),
    (7, "  mariam@bayan.example: {name: Mariam, roles: [ownr]}", "roles[1] is 'ownr' (did you mean owner?", 48),
    (7, "  mariam@bayan.example: {name: Mariam, roles: []}", "roles is empty", 47),
    (7, "  mariam: {name: Mariam, roles: [owner]}", "a key of people is 'mariam', not an e-mail address", 3),
    (9, "  support: [marian@bayan.example]", "teams.support[1] is marian@bayan.example, who is not among people", 13),
    (9, "  support: []", "teams.support is empty", 12),
    (11, "  name: ''", "sender.name is ''", 9),
    (11, '  name: "Mariam\\nBcc: x@y.example"', "sender.name is 'Mariam\\u000aBcc", 9),
    (12, "  email: mariam@localhost", "sender.email is 'mariam@localhost'", 10),
    (13, "  reply_to: no-reply@bayan.example", "people answer: give an address that somebody reads", 13),
    (13, "  reply_to: DoNotReply@bayan.example", "people answer", 13),
    (14, "  names: {arabic: x}", "a key of sender.names is 'arabic', not a language", 11),
]
SCORING_ROWS = [
    (3, "    required: maybe", "questions.budget.required is 'maybe' (write yes or no)", 15),
    (5, "      yes: {points: many}", "questions.budget.answers.yes.points is 'many'", 21),
    (6, "      YES: {points: 0}", "questions.budget.answers.YES says 'yes' again", 12),
    (6, "      no: {points: 0, also: [sure]}", "questions.budget.answers.no says 'sure' again", 11),
    (6, "      no: {point: 0}", "unknown key 'point' in questions.budget.answers.no (did you mean points?", 12),
    (9, "  - {at_least: 20, segment: low, stage: trust}", "bands[2] does not begin lower than the band before", 5),
    (9, "  - {at_least: 5, segment: low, stage: trust}", "bands[2] does not begin at 0", 5),
]


def _spoil(path: Path, line: int, text: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line - 1 : line] = [text]
    path.write_bytes(("\n".join(lines) + "\n").encode())


def _refused(load: Callable[[], object], path: Path, line: int, said: str, column: int) -> None:
    with pytest.raises(ConfigError) as caught:
        load()
    here = [problem for problem in caught.value.problems if said in str(problem)]
    assert here, f"not said: {said}\n{caught.value}"
    assert (here[0].path, here[0].line, here[0].column) == (str(path), line, column)


@pytest.mark.parametrize(("line", "text", "said", "column"), FLOW_ROWS)
def test_a_spoilt_flow_file_is_refused_at_its_place(folder: Path, line: int, text: str, said: str, column: int) -> None:
    company = load_company(folder)
    path = folder / "welcome.yaml"
    _spoil(path, line, text)
    _refused(lambda: load_flow(folder, "welcome", company), path, line, said, column)


@pytest.mark.parametrize(("line", "text", "said", "column"), COMPANY_ROWS)
def test_a_spoilt_company_file_is_refused_at_its_place(folder: Path, line: int, text: str, said: str, column: int) -> None:
    path = folder / "company.yaml"
    _spoil(path, line, text)
    _refused(lambda: load_company(folder), path, line, said, column)


@pytest.mark.parametrize(("line", "text", "said", "column"), SCORING_ROWS)
def test_a_spoilt_scoring_table_is_refused_at_its_place(folder: Path, line: int, text: str, said: str, column: int) -> None:
    path = folder / "scoring.yaml"
    _spoil(path, line, text)
    _refused(lambda: load_scoring(folder), path, line, said, column)


def test_the_files_before_they_are_spoilt_are_valid(folder: Path) -> None:
    assert check_all(folder, ["welcome"]) == []


def test_the_tables_hold_at_least_sixty_bad_files() -> None:
    assert len(FLOW_ROWS) + len(COMPANY_ROWS) + len(SCORING_ROWS) >= 60
