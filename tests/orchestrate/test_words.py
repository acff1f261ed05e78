from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offswitch.act.report import Report
from offswitch.orchestrate.words import in_words, masked


def test_a_pass_is_told_in_one_line() -> None:
    report = Report()
    report.add("performed", n=1200)
    report.add("hand over", "outside the rollout", 30)
    report.add("entered for people", "the flow is off", 5)
    assert in_words(report) == "entered 5, sent 1,200, for people 30"


def test_a_pass_without_work_says_so() -> None:
    assert in_words(Report()) == "nothing was due"


@given(
    st.from_regex(r"[a-z0-9.+]{1,20}@[a-z0-9-]{1,20}\.[a-z]{2,6}", fullmatch=True), st.sampled_from(["<{}>", "to {} refused", "'{}'", "{}"])
)
def test_no_address_gets_through(address: str, sentence: str) -> None:
    assert address not in masked(sentence.format(address))


def test_the_rest_of_a_reason_stays() -> None:
    assert masked("the server answered 550 to <a@b.example>") == "the server answered 550 to <…@…>"
