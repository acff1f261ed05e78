"""The key of an e-mail address, and whether it could be read as another one."""

from __future__ import annotations

import unicodedata

# Scripts with letters that look alike. Arabic beside Latin deceives nobody; Cyrillic beside Latin may.
LOOK_ALIKE = frozenset({"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK", "LATIN"})


def canonical_email(address: str) -> str:
    """The same text for every spelling of one address: NFC, lower case, the domain in its ASCII form (RFC 5890).

    Lower case for the local part too: RFC 5321 lets servers tell them apart, but people don't. Never raises; what is
    no address comes back in lower case. `+tags` and dots stay: they may be other mailboxes.
    """
    text = _lower(address)
    local, at, domain = text.rpartition("@")
    if not at or domain.isascii():
        return text
    import idna

    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii').lower()}"
    except idna.IDNAError:
        return text


def looks_like_another(address: str) -> str:
    """A warning when letters of scripts that look alike stand in one address, else ""."""
    scripts = {_script(letter) for letter in address if letter.isalpha()} & LOOK_ALIKE
    if len(scripts) < 2:
        return ""
    return f"the address mixes letters that look alike ({', '.join(sorted(scripts)).title()}): is it who it seems to be?"


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).lower())


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
