"""The certificates of the connectors' tests."""

from tests.connectors.conftest import certificate, tls

__all__ = ["certificate", "tls"]
