"""Senders, contacts and templates that the tests of messages share."""

from __future__ import annotations

from typing import Any

from offswitch.messages.compose import compose
from offswitch.messages.letter import Letter
from offswitch.messages.render import MissingVariable
from offswitch.messages.sender import Sender
from offswitch.messages.template import Template, template
from offswitch.model.contact import Contact

HUDA = "huda@bayan.example"
SENDER = Sender("Huda Karimi, Bayan", HUDA, HUDA, "12 Garden Street", "https://bayan.example/p", "bayan.example")
HEAD = "---\nsubject: {subject}\npurpose: {purpose}\nvalue: something\nask: 0\n{more}---\n"


def written(
    body: str, *, subject: str = "Hello", purpose: str = "service", more: str = "", language: str = "en", message: str = "hello"
) -> Template:
    """A message file with this body, compiled."""
    source = HEAD.format(subject=subject, purpose=purpose, more=more) + body
    return template(source, flow="welcome", message=message, language=language, path=f"messages/welcome/{message}.{language}.md")


def sent(text: Template, *, name: str = "Ali", email: str = "ali@example.org", **variables: Any) -> Letter | MissingVariable:
    """The letter to one person."""
    contact = Contact("c1", email, name, text.language)
    link = "https://bayan.example/u/1"
    return compose(text, contact=contact, variables=variables, sender=SENDER, key="k1", unsubscribe_url=link)


def letter(text: Template, **given: Any) -> Letter:
    """The letter to one person, which must come about."""
    done = sent(text, **given)
    assert isinstance(done, Letter), done
    return done
