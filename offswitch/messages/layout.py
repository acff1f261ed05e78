"""The frame of every mail: one column, readable in the dark, right to left where the language is."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from css_inline import CSSInliner

from offswitch.messages.words import direction, words

_INLINER = CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)
_LATIN = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"
_ARABIC = "'SF Arabic', 'Segoe UI', 'Noto Sans Arabic', 'Geeza Pro', Tahoma, Arial, sans-serif"
_PREHEADER = '<div class="preheader">{{ preheader }}</div>\n'
_PRIVACY = '<a href="{{ privacy_url | web_url }}">%s</a>'
_UNSUBSCRIBE = '<a href="{{ unsubscribe_url | web_url }}">%s</a>'


def framed(body: str, *, language: str, purpose: str, preheader: bool) -> str:
    """A whole HTML page around the body, with `{{ … }}` for what differs by person; styles are not inlined yet."""
    say = words(language)
    rtl = direction(language) == "rtl"
    links = [_PRIVACY % escape(say.privacy)]
    if purpose == "marketing":
        links.insert(0, _UNSUBSCRIBE % escape(say.unsubscribe))
    return _layout().substitute(
        body=body,
        language=escape(language),
        direction=direction(language),
        start="right" if rtl else "left",
        fonts=_ARABIC if rtl else _LATIN,
        size="18px" if rtl else "17px",
        leading="1.8" if rtl else "1.6",
        foot="1.7" if rtl else "1.55",
        preheader=_PREHEADER if preheader else "",
        why=escape(say.marketing if purpose == "marketing" else say.service),
        links=" &nbsp;·&nbsp; ".join(links),
    )


def signed(body: str, *, language: str, purpose: str) -> str:
    """The same frame for plain text."""
    say = words(language)
    lines = [body.rstrip("\n"), "", "-- ", "{{ sender_name }}", "{{ postal_address }}", ""]
    lines.append(say.marketing if purpose == "marketing" else say.service)
    if purpose == "marketing":
        lines.append(say.unsubscribe + ": {{ unsubscribe_url | web_url }}")
    lines.append(say.privacy + ": {{ privacy_url | web_url }}")
    return "\n".join(lines) + "\n"


def inlined(page: str) -> str:
    """The page with its styles on the elements, as many mail programs demand; media queries stay in the head."""
    return _INLINER.inline(page)


@cache
def _layout() -> Template:
    return Template(files("offswitch.messages").joinpath("layout.html").read_text("utf-8"))
