"""Clients for the tests of connectors/http: small deadlines, and traffic that no other test shares."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from connectors.http import Again, Client, HttpSettings, Request, Service, as_json

SECRET = "canary-k3y"
PERSON = "sara@example.com"
_numbers = count()

WRITE = Request("POST", f"/mails/{PERSON}", as_json({"to": PERSON}))
SAFE = Request("PUT", f"/people/{PERSON}", as_json({"email": PERSON}), Again.SAFE)
READ = Request("GET", f"/people/{PERSON}", again=Again.READ)


@contextmanager
def client_of(
    url: str, service: Mapping[str, Any] | None = None, headers: Callable[[], Mapping[str, str]] | None = None, **settings: Any
) -> Iterator[Client]:
    told: dict[str, Any] = {"base_url": url, "read_timeout": 2.0, "deadline": 4.0, "largest_answer": 100_000}
    known: dict[str, Any] = {"name": f"provider{next(_numbers)}", "tries": 2, "calls": 1e6, **(service or {})}
    made = Client(Service(**known), HttpSettings(**told | settings), headers or (lambda: {"Authorization": f"Bearer {SECRET}"}))
    try:
        yield made
    finally:
        made.close()
