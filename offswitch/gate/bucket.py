"""Who is inside a rollout: the same person always, more people as it grows, independently in each flow."""

from __future__ import annotations

from hashlib import sha256

WHOLE = 1_000_000


def bucket(salt: str, contact_id: str) -> int:
    """A number from 0 to 999,999, evenly spread, from the contact's own id and the flow's salt. Integers only.

    Raises ValueError for an empty id: somebody without an id is never eligible.
    """
    if not contact_id:
        raise ValueError("a contact without an id has no bucket")
    digest = sha256(f"v1\x1f{salt}\x1f{contact_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * WHOLE >> 64
