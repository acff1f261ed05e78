"""Whatever people are written, everybody's letter comes out of a shared call as it went in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from connectors.email.sendgrid.batch import MARK, ROOM, groups, message, personal
from connectors.letters.written import as_letters
from offswitch.messages.letter import Letter
from offswitch.testing.fakes import make_letter

LINES = st.lists(st.sampled_from(["", "Dear Mona,", "مرحبا", "x" * 4_000, f"{MARK}text.0-", "\r", "<p>%</p>", "\ud800"]), max_size=6)
LETTERS = st.builds(
    lambda to, text, html, language: make_letter(to=f"{to}@example.com", text="\n".join(text), html="\n".join(html), language=language),
    st.sampled_from(["mona", "sara", "Mona"]),
    LINES,
    LINES,
    st.sampled_from(["en", "ar"]),
)


def as_utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(st.lists(LETTERS, max_size=8))
def test_everybody_gets_their_own_words_and_nobody_two_letters_in_a_call(letters: list[Letter]) -> None:
    places = list(groups(letters))
    assert sorted(place for group in places for place in group) == list(range(len(letters)))
    for group in places:
        together = [letters[place] for place in group]
        assert len({letter.to.lower() for letter in together}) == len(together)
        people = [personal(letter, "k") for letter in together]
        told = json.loads(as_letters(message(together, people, {})).content)
        for letter, person in zip(together, told["personalizations"], strict=True):
            parts = [each["value"] for each in told["content"]]
            own = person.get("substitutions", {})
            assert sum(len(f"{tag}{value}".encode()) for tag, value in own.items()) <= ROOM
            for tag, value in own.items():
                parts = [part.replace(tag, value) for part in parts]
            assert parts == [as_utf8(letter.text) or " ", as_utf8(letter.html)][: 2 if letter.html else 1]


def test_what_all_have_in_common_is_said_once() -> None:
    letters = [make_letter(to=f"{name}@example.com", text=f"Dear {name},\n{'word ' * 1000}") for name in ("mona", "sara")]
    told = message(letters, [personal(letter, "a") for letter in letters], {})
    assert told["content"][0]["value"].startswith(f"{MARK}text.0-\nword ")
    assert [person["substitutions"] for person in told["personalizations"]] == [
        {f"{MARK}text.0-": f"Dear {name},"} for name in ("mona", "sara")
    ]


def test_a_name_with_a_comma_stays_one_mailbox() -> None:
    person = personal(make_letter(to_name='Haddad, "Mona"'), "a")
    assert person["to"] == [{"email": "mona@example.com", "name": '"Haddad, Mona"'}]
