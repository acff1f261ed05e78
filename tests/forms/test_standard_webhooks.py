from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from connectors.inbound.verify import verify_form as verify
from offswitch.model.refusal import Refusal

# The test vector of the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {"webhook-id": ID, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}
OTHER = "whsec_" + b64encode(b"another secret of length").decode()


def refused(body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), now: datetime = SENT, **changed: str) -> str:
    headers = HEADERS | {f"webhook-{name}": value for name, value in changed.items()}
    with pytest.raises(Refusal) as caught:
        verify(body, headers, secrets, now)
    return str(caught.value)


def test_the_vector_of_the_specification_is_believed() -> None:
    assert verify(BODY, HEADERS, [SECRET], SENT) == ID


def test_a_secret_is_read_with_and_without_its_prefix_and_padding() -> None:
    key = b64encode(b"x" * 25).decode()
    headers = HEADERS | {"webhook-signature": Webhook(key).sign(ID, SENT, BODY.decode())}
    for secret in (key, f"whsec_{key}", key.rstrip("=")):
        assert verify(BODY, headers, [secret], SENT) == ID


def test_header_names_are_read_in_any_case() -> None:
    assert verify(BODY, {name.title(): value for name, value in HEADERS.items()}, [SECRET], SENT) == ID


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_timestamp_five_minutes_away_is_believed(seconds: int) -> None:
    assert verify(BODY, HEADERS, [SECRET], SENT + timedelta(seconds=seconds)) == ID


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_a_timestamp_further_away_is_refused_on_both_sides(seconds: int) -> None:
    assert refused(now=SENT + timedelta(seconds=seconds)) == "401 webhook-timestamp is more than 5 minutes from now"


def test_while_a_secret_is_changed_both_are_believed() -> None:
    assert verify(BODY, HEADERS, [OTHER, SECRET], SENT) == ID
    assert verify(BODY, HEADERS, [SECRET, OTHER], SENT) == ID


def test_one_good_signature_among_others_is_enough() -> None:
    listed = f"v1,{'A' * 43}= v1a,xyz nonsense , {SIGNATURE}"
    assert verify(BODY, HEADERS | {"webhook-signature": listed}, [SECRET], SENT) == ID


def test_a_secret_that_was_taken_out_is_believed_no_more() -> None:
    assert refused(secrets=(OTHER,)) == "401 webhook-signature does not fit the body"


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_without_a_secret_nothing_is_believed_and_the_sender_may_try_again(secrets: tuple[str, ...]) -> None:
    assert refused(secrets=secrets).startswith("503 no webhook secret is set")


@pytest.mark.parametrize(("secret", "fault"), [("whsec_!!", "not base64"), ("سر", "not base64"), ("whsec_YWJj", "shorter than 24 bytes")])
def test_a_secret_that_is_none_is_our_fault_not_the_senders(secret: str, fault: str) -> None:
    answer = refused(secrets=(SECRET, secret))
    assert answer.startswith("503")
    assert fault in answer


@pytest.mark.parametrize("body", [b'{"test":2432232314}', BODY + b"\n", b"", BODY.replace(b"4", b"5"), b"\xef\xbb\xbf" + BODY])
def test_a_body_that_differs_by_one_byte_is_refused(body: bytes) -> None:
    assert refused(body) == "401 webhook-signature does not fit the body"


def test_bytes_that_are_no_text_are_signed_as_they_are() -> None:
    assert refused(b"\xff\xfe") == "401 webhook-signature does not fit the body"


@pytest.mark.parametrize("name", ["id", "timestamp", "signature"])
def test_each_header_is_needed(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        verify(BODY, HEADERS | {f"webhook-{name}": ""}, [SECRET], SENT)
    assert str(caught.value) == "401 webhook-id, webhook-timestamp and webhook-signature are all needed"


@pytest.mark.parametrize("stamp", ["now", "nan", "inf", "1e9", "-1614265330", "1614265330.5", " 1614265330", "٢", "9" * 30])
def test_a_timestamp_that_is_no_number_of_seconds_is_refused(stamp: str) -> None:
    assert refused(timestamp=stamp) == "401 webhook-timestamp is not a number of seconds"


@pytest.mark.parametrize("changed", ["msg_other", "msg_\u200f", "x" * 201])
def test_another_id_under_the_same_signature_is_refused(changed: str) -> None:
    assert refused(id=changed).startswith("401")


@pytest.mark.parametrize("signature", [SIGNATURE[3:], f"v2{SIGNATURE[2:]}", f"{SIGNATURE}x", SIGNATURE.lower(), ",", "v1,", "\udc80", "ف"])
def test_a_signature_of_another_shape_is_refused(signature: str) -> None:
    assert refused(signature=signature) == "401 webhook-signature does not fit the body"
