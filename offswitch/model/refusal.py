"""What a webhook's sender is told instead of yes."""

from __future__ import annotations

from offswitch.errors import OffswitchError


class Refusal(OffswitchError):
    """An HTTP status with one line for the sender's engineer, without personal data.

    401 the signature, 400 and 413 and 422 the body, 503 our own set-up (the sender tries again, so nothing is lost).
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return f"{self.status} {self.message}"
