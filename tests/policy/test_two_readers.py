"""The fast reader is believed only where the careful one says the same: same tree, same places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offswitch.errors import ConfigError
from offswitch.policy.strict import believed, parse, read_carefully

POLICIES = Path(__file__).parents[2] / "policies"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("*.yaml"))}
DIFFERENT = [  # the fast reader takes every one of these, as something that the careful one refuses or puts elsewhere
    "a: on\t\n",
    "a: {}\t\n",
    "a: [x\ufeff, y]\n",
    "- |-# no\n",
    "a: >- # no\r\n  \r\n    x\r\n",
    "- |\n \n  x\n",
    'a: ["k":v]\n',
]
WORDS = [
    *("on", "5%", "نعم", "😀 x", "a b", "x:y", "http://a/b?c#d", "it", "-", "- x", "{", "}", "[", "]", ",", "#", " # c", "?", ":", ": "),
    *("|", "|-\n  x\n", ">\n  x\n\n  y\n", "|2\n   x\n", "%", "@", "!", "&a ", "*a", "~", "<<", "'", "''", "'a': b", '"', '"k":v'),
    *("\\n", "\\x41", "\\u0646", "\\/", "\\ ", "\\\n", "\n", "\n  ", "\n    ", "\r\n", "\r\n  ", "\t", "\ufeff", "\n---\n", "..."),
    *("a: b\n", "k: [x, y]\n", "k: {a: b}\n", "- item\n", "{a, b: }", "[a: b]", "%YAML 1.1\n---\n"),
]
VALUES = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
KEYS = st.sampled_from(["a", "b", "'c'", "d e"]).map("{}: ".format)
LINES = st.tuples(st.sampled_from(["", "  ", "    ", "- "]), KEYS, VALUES).map("".join)
DOCUMENTS = st.lists(LINES, min_size=1, max_size=6).map("\n".join) | st.lists(st.sampled_from(WORDS), max_size=14).map("".join)


def same(text: str) -> bool:
    """Is the fast reader believed? Then the careful one must say the same."""
    quick = believed(text, "p.yaml")
    assert quick is None or quick == read_carefully(text, "p.yaml")
    return quick is not None


@settings(max_examples=300)
@given(DOCUMENTS)
@example("a: 'نعم 😀'\r\nb: |\r\n  x\r\n")
@example("%YAML 1.1\n---\na: b\n")
def test_whatever_is_believed_is_what_the_careful_reader_says(text: str) -> None:
    try:
        parse(text, "p.yaml")  # characters that stand nowhere are looked for before either reader
    except ConfigError:
        return
    same(text)


@pytest.mark.parametrize("text", DIFFERENT)
def test_where_the_two_readers_differ_the_fast_one_is_not_believed(text: str) -> None:
    assert believed(text, "p.yaml") is None


@pytest.mark.parametrize("name", TEXTS)
def test_the_policies_are_read_fast_wherever_a_save_cuts_them_off(name: str) -> None:
    text = TEXTS[name]
    lines = text.splitlines(keepends=True)
    assert same(text)
    assert same(text.replace("\n", "\r\n"))
    found = [same("".join(lines[:number])) for number in range(0, len(lines), 3)]
    found += [same(text[:length]) for length in range(0, len(text), 61)]
    assert any(found)
    assert not all(found)


def test_a_refusal_has_the_words_and_places_of_the_careful_reader() -> None:
    for text in ("a: [x\nb: y\n", "a: b: c\n", "a: 'x\n", "a:\n  b: 1\n c: 2\n", "a: \\x\n@: b\n"):
        with pytest.raises(ConfigError) as quick:
            parse(text, "p.yaml")
        with pytest.raises(ConfigError) as careful:
            read_carefully(text, "p.yaml")
        assert quick.value.problems == careful.value.problems
