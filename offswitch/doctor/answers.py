"""Answers of the DNS: from name servers, or from a file with records that are yet to be published."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from offswitch.errors import Refused

_SECONDS = 3.0  # for each question
_TOP = re.compile(r"(?m)^(?:\$ORIGIN\s+(\S+)|(\S+\.)\s.*\sSOA\s)")  # whose file it is: an SOA may stand nowhere else
KINDS = frozenset({"A", "AAAA", "CNAME", "MX", "TXT"})


class NotAnswered(Exception):
    """Nobody knows: a time-out or a broken name server, which is not the same as "there is none"."""


class Answers(Protocol):
    """Where names are looked up."""

    def ask(self, name: str, kind: str) -> list[str]:
        """The records as text, a TXT in one piece without quotes; [] where there are none. Raises NotAnswered."""
        ...


class NameServers:
    """Those of this machine. Once they are silent they are not asked again: every question would wait as long."""

    def __init__(self) -> None:
        self._silent = ""

    def ask(self, name: str, kind: str) -> list[str]:
        """Within 3 seconds."""
        import dns.exception
        import dns.resolver

        if self._silent:
            raise NotAnswered(self._silent)
        try:
            found = dns.resolver.resolve(name, kind, lifetime=_SECONDS, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.resolver.LifetimeTimeout, dns.resolver.NoResolverConfiguration, OSError):
            self._silent = "no name server answers"
            raise NotAnswered(self._silent) from None
        except dns.exception.DNSException as error:
            raise NotAnswered(f"the name servers of this name fail ({type(error).__name__})") from None
        return [_text(record) for record in found.rrset or ()]


def _text(record: Any) -> str:
    strings = getattr(record, "strings", None)
    return b"".join(strings).decode("utf-8", "replace") if strings is not None else str(record.to_text())


class Planned:
    """Records as they will be. For names in the domains of the file it alone counts; others are asked `elsewhere`."""

    def __init__(self, records: Mapping[tuple[str, str], list[str]], elsewhere: Answers) -> None:
        self._records = records
        self._elsewhere = elsewhere
        names = {name for name, _ in records}
        self._tops = {name for name in names if not any(name.endswith(f".{other}") for other in names)}

    def ask(self, name: str, kind: str) -> list[str]:
        """As the file says, an alias followed."""
        name = name.rstrip(".").lower()
        for _ in range(8):
            if not any(name == top or name.endswith(f".{top}") for top in self._tops):
                return self._elsewhere.ask(name, kind)
            found = self._records.get((name, kind), [])
            alias = self._records.get((name, "CNAME"), [])
            if found or not alias or kind == "CNAME":
                return found
            name = alias[0].rstrip(".").lower()
        return []


class Nowhere:
    """For names beyond the file where nobody may be asked. Above a file's domains are public suffixes: hardly one has a policy."""

    def ask(self, name: str, kind: str) -> list[str]:
        """Never answers."""
        if name.startswith("_dmarc."):
            return []
        raise NotAnswered("not asked: --offline")


def planned(path: Path, elsewhere: Answers) -> Planned:
    """The records of a file: JSON as {"name": {"TXT": ["…"]}}, or lines as in a zone file. Raises Refused."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} can't be read: {getattr(error, 'strerror', '') or 'it is not UTF-8'}") from None
    read: Callable[[str], dict[tuple[str, str], list[str]]] = _json if text.lstrip().startswith("{") else _zone
    try:
        records = read(text)
    except (ValueError, TypeError, AttributeError) as error:
        todo = 'write {"name": {"TXT": ["…"]}}, or a zone file with full names or $ORIGIN'
        raise Refused(f"{path} is not understood ({error}): {todo}") from None
    if not records:
        raise Refused(f"{path} holds no records of {', '.join(sorted(KINDS))}")
    return Planned(records, elsewhere)


def _json(text: str) -> dict[tuple[str, str], list[str]]:
    told = json.loads(text)
    return {
        (name.rstrip(".").lower(), kind.upper()): [values] if isinstance(values, str) else [str(value) for value in values]
        for name, kinds in told.items()
        for kind, values in kinds.items()
    }


def _zone(text: str) -> dict[tuple[str, str], list[str]]:
    import dns.exception
    import dns.name
    import dns.rdataclass
    import dns.rdatatype
    from dns.tokenizer import Tokenizer
    from dns.zonefile import Reader, RRSetsReaderManager

    top = _TOP.search(text)
    try:
        kept: Any = RRSetsReaderManager(dns.name.from_text(top[1] or top[2]) if top else dns.name.root, relativize=False)
        with kept.writer(replacement=True) as writing:  # `dns.zone` would want all names under one origin
            file = Tokenizer(text, "line")
            Reader(file, dns.rdataclass.IN, writing, allow_directives={"$ORIGIN", "$TTL"}, default_ttl=3600).read()
    except dns.exception.DNSException as error:
        raise ValueError(str(error) or type(error).__name__) from None
    found = {
        (str(one.name).rstrip(".").lower(), dns.rdatatype.to_text(one.rdtype)): [_text(record) for record in one] for one in kept.rrsets
    }
    return {key: values for key, values in found.items() if key[1] in KINDS}
