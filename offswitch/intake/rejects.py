"""Where forms that weren't taken are kept, so that a person can mend them: nothing that came in is lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from offswitch.intake.forms import WriteRejects
from offswitch.model.submission import Reject, Submission

CONFLICT = "this id came before with other content: the first one counts; give the other an id or a source of its own"


def keep(home: Path, name: str, rejects: Sequence[Reject], write: WriteRejects) -> Path:
    """A file under `<home>/rejects/` that only its owner may read. Raises OSError."""
    folder = home / "rejects"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    write(rejects, path)
    return path


def conflict(submission: Submission, where: str) -> Reject:
    """A submission that bears another one's id, as a row that can be mended and read again."""
    consent = {"marketing": "yes", "wording": submission.consent[0].wording} if submission.consent else {}
    return Reject(
        where,
        CONFLICT,
        {
            "id": submission.id,
            "event": submission.kind,
            "at": submission.at.isoformat(),
            "email": submission.email,
            **submission.contact,
            "consent": consent,
            **submission.data,
        },
    )
