"""Turns a letter into the bytes of an Internet message (RFC 5322, 2045 to 2047, 8058)."""

from __future__ import annotations

import re
from binascii import b2a_base64
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

import idna

from offswitch.errors import Permanent
from offswitch.messages.letter import Letter

LINE = 78  # what a header line should stay below (RFC 5322, 2.1.1)
TEXT_LINE = 900  # a body line may have 998; some relays count otherwise
_WORD = 42  # bytes in one encoded word: with the longest header name before it, the line stays within LINE
_BASE64_LINE = 76

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNWRITABLE = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LOCAL = re.compile(r"[^\s()<>\[\]:;@\\,.\"]+(?:\.[^\s()<>\[\]:;@\\,.\"]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def to_bytes(letter: Letter, *, date: datetime) -> bytes:
    """The whole message with CRLF line ends, all ASCII unless an address itself is not (RFC 6532).

    Names, subject and text may hold anything: control and bidi characters become harmless, an encoded word stays the
    text that it is. Raises Permanent for what can't be made harmless: an address, the Message-ID, the unsubscribe URL.
    """
    boundary = "=_" + sha256(letter.message_id.encode()).hexdigest()[:32]
    text = _part("plain", letter.text, boundary)
    if not letter.html:
        return _head(letter, date) + (text if text.endswith(b"\r\n") else text + b"\r\n")
    html = _part("html", letter.html, boundary)
    edge = b"--" + boundary.encode()
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return b"".join((_head(letter, date), kind, edge, b"\r\n", text, b"\r\n", edge, b"\r\n", html, b"\r\n", edge, b"--\r\n"))


def wire_address(address: str, fault: str) -> str:
    """The address as it goes over the wire, an international domain in its ASCII form (IDNA 2008, UTS 46).

    `fault` is whose it is when it can't be written: "contact" or "system" (see `Permanent`).
    """
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        domain = _ascii_domain(domain)
    fits = len(local.encode("utf-8", "replace")) <= 64 and len(domain) <= 253 and "=?" not in local
    if not fits or _UNWRITABLE.search(local) or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        whose = "the recipient" if fault == "contact" else "the sender or the reply address"
        raise Permanent(f"{whose} is not an address that mail can carry", fault)
    return f"{local}@{domain}"


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        return ""


def own_headers(letter: Letter) -> dict[str, str]:
    """The headers that a provider, where it makes the message itself, must be told: all ASCII, none of them its own to set.

    Raises Permanent for what can't be made harmless.
    """
    if not _MESSAGE_ID.fullmatch(letter.message_id) or len(letter.message_id) > 900:
        raise Permanent("the Message-ID is not one (RFC 5322, 3.6.4)", "system")
    if letter.language and not _LANGUAGE.fullmatch(letter.language):
        raise Permanent("the language is not a language tag (RFC 5646)", "system")
    told = {"Message-ID": letter.message_id}
    if letter.unsubscribe:
        if not _URL.fullmatch(letter.unsubscribe):
            raise Permanent("the unsubscribe link is not an http(s) URL", "system")
        told |= {"List-Unsubscribe": f"<{letter.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if letter.language:
        told["Content-Language"] = letter.language
    return told | {"Auto-Submitted": "auto-generated"}


def _head(letter: Letter, date: datetime) -> bytes:
    """Every header that stands once, up to but without Content-Type."""
    lines = [
        _mailbox("From", letter.sender_name, letter.sender, "system"),
        _mailbox("To", letter.to_name, letter.to, "contact"),
        _unstructured("Subject", letter.subject),
        f"Date: {format_datetime(date)}",
    ]
    if letter.reply_to:
        lines.append(_mailbox("Reply-To", "", letter.reply_to, "system"))
    lines += [f"{name}: {value}" for name, value in own_headers(letter).items()]
    lines += ["MIME-Version: 1.0", ""]
    return "\r\n".join(lines).encode()


def _part(kind: str, text: str, boundary: str) -> bytes:
    """One body: as it is where every relay carries it unharmed, else base64."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    body = "\r\n".join(lines)
    if text.isascii() and len(max(lines, key=len)) <= TEXT_LINE and "".join(lines).isprintable() and boundary not in text:
        return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{body}".encode()
    code = b2a_base64(body.encode("utf-8", "replace"), newline=False)
    wrapped = b"\r\n".join([code[at : at + _BASE64_LINE] for at in range(0, len(code), _BASE64_LINE)])
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + wrapped


def harmless(text: str) -> str:
    """Header text without controls, line breaks and bidi marks, which could forge or disguise another header."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _BIDI.sub("", _BREAKS.sub(" ", text)).strip()


def _unstructured(name: str, text: str) -> str:
    value = harmless(text)
    if value.isascii() and "=?" not in value and len(name) + 2 + len(value) <= LINE:
        return f"{name}: {value}"
    return f"{name}: {_encoded_words(value)}"


def _mailbox(name: str, display: str, address: str, fault: str) -> str:
    """`Name <address>`, on two lines where one would be long."""
    where = wire_address(address, fault)
    shown = harmless(display)
    if not shown:
        return f"{name}: {where}"
    if not shown.isascii() or "=?" in shown or len(name) + 4 + len(shown) > LINE:
        phrase = _encoded_words(shown)
    elif _ATOMS.fullmatch(shown):
        phrase = shown
    else:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"'
    room = LINE - len(name) - 2 - len(phrase) - len(where) - 3
    return f"{name}: {phrase} <{where}>" if room >= 0 else f"{name}: {phrase}\r\n <{where}>"


def _encoded_words(text: str) -> str:
    """RFC 2047 words in base64; none breaks a character in two."""
    raw = text.encode("utf-8", "replace")
    words = []
    start = 0
    while start < len(raw):
        end = min(start + _WORD, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        words.append(f"=?utf-8?b?{b2a_base64(raw[start:end], newline=False).decode()}?=")
        start = end
    return "\r\n ".join(words)
