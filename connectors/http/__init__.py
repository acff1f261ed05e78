"""The one place with httpx and tenacity. A connector makes a Client and reads the Result of each call."""

from connectors.http.batches import in_batches
from connectors.http.client import Client
from connectors.http.outcome import Answer, Busy, NotSent, Rejected, Result, Unknown, receipt
from connectors.http.request import Again, Body, Request, as_form, as_json, as_multipart
from connectors.http.settings import HttpSettings
from connectors.http.traffic import Service, conditions

__all__ = [
    "Again",
    "Answer",
    "Body",
    "Busy",
    "Client",
    "HttpSettings",
    "NotSent",
    "Rejected",
    "Request",
    "Result",
    "Service",
    "Unknown",
    "as_form",
    "as_json",
    "as_multipart",
    "conditions",
    "in_batches",
    "receipt",
]
