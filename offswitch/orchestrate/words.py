"""What a pass did, in words for people: counts and reasons, never who."""

from __future__ import annotations

import re

from offswitch.act.report import Report

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_WORDS = {
    "entered": ("entered", "entered for people"),
    "sent": ("performed",),
    "written to the CRM": ("crm performed",),
    "for people": ("hand over", "handed over"),
    "put off": ("defer",),
    "held": ("hold",),
    "in doubt": ("unknown",),
}


def masked(text: str) -> str:
    """Without addresses: what a server answered may name a person."""
    return _ADDRESS.sub("…@…", text)


def in_words(report: Report) -> str:
    """One line: "sent 120, for people 30"."""
    counts = {word: sum(report.total(what) for what in whats) for word, whats in _WORDS.items()}
    return ", ".join(f"{word} {count:,}" for word, count in counts.items() if count) or "nothing was due"
