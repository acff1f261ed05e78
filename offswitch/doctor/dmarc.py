"""DMARC as RFC 9989 has it: which policy holds for a domain, and which domains belong together. By DNS answers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offswitch.doctor.answers import Answers

_MOST = 8  # look-ups of one walk
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Record:
    """One record at `_dmarc.<domain>`. `tags` by lower-case name."""

    domain: str
    tags: Mapping[str, str]

    def policy(self, tag: str) -> str:
        """`p`, `sp` or `np`; "" where it is absent or no policy."""
        value = self.tags.get(tag, "").lower()
        return value if value in _POLICIES else ""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the walk up the tree found, nearest first. `several`: a name with more than one record, which counts as none."""

    domain: str
    records: tuple[Record, ...]
    several: str = ""

    @property
    def organisation(self) -> str:
        """The Organizational Domain (4.10.2): two domains with the same one are aligned."""
        for record in self.records:
            if record.tags.get("psd") == "n":
                return record.domain
            if record.tags.get("psd") == "y" and record.domain != self.domain:
                return _below(self.domain, record.domain)
        return self.records[-1].domain if self.records else self.domain

    @property
    def record(self) -> Record | None:
        """The record that holds for mail from this domain (4.10.1): its own, the organisation's, or a public suffix's."""
        wanted = (self.domain, self.organisation)
        return next((record for name in wanted for record in self.records if record.domain == name), None) or next(
            (record for record in self.records if record.tags.get("psd") == "y"), None
        )

    @property
    def policy(self) -> str:
        """What receivers are asked to do with mail that proves nothing; "none" where nothing can be read, "" without a record."""
        record = self.record
        if record is None:
            return ""
        own = record.policy("p") or "none"
        return own if record.domain == self.domain else record.policy("sp") or own


def walk(domain: str, answers: Answers) -> Walk:
    """From a domain up to its top, at most eight look-ups. Raises NotAnswered."""
    found: list[Record] = []
    several = ""
    for name in _names(domain):
        told = [tags for text in answers.ask(f"_dmarc.{name}", "TXT") if (tags := tags_of(text)) is not None]
        several = several or (name if len(told) > 1 else "")
        if len(told) == 1:
            found.append(Record(name, told[0]))
            if told[0].get("psd") in {"n", "y"}:
                break
    return Walk(domain, tuple(found), several)


def tags_of(text: str) -> dict[str, str] | None:
    """The tags of a record; None for another TXT. Unknown tags stay: they count for nobody."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    tags = {name.strip().lower(): value.strip() for name, equals, value in parts if equals}
    first = parts[0] if parts else ("", "", "")
    return tags if first[0].strip() == "v" and first[2].strip() == "DMARC1" else None


def aligned(one: Walk, other: Walk, *, strict: bool = False) -> bool:
    """Do two domains belong together?"""
    return one.domain == other.domain or (not strict and one.organisation == other.organisation)


def _names(domain: str) -> list[str]:
    """The domain, then one label less each time; of a very long one only the last seven labels (4.10)."""
    labels = domain.split(".")
    longest = len(labels) - 1 if len(labels) < _MOST else _MOST - 1
    return [domain, *(".".join(labels[-count:]) for count in range(longest, 0, -1))]


def _below(domain: str, suffix: str) -> str:
    count = suffix.count(".") + 2
    return ".".join(domain.split(".")[-count:])
