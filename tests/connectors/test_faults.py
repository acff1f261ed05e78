"""Whatever a provider does, each connector says exactly what is certain: judged by a stand-in behind real sockets."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from offswitch.testing.connector_contract import find_connectors
from offswitch.testing.fault_contract import EveryFault, StandIn
from tests.connectors.fakes.hubspot import FakeHubspot
from tests.connectors.fakes.mailgun import FakeMailgun
from tests.connectors.fakes.postmark import FakePostmark
from tests.connectors.fakes.resend import FakeResend
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.fakes.sendgrid import FakeSendgrid
from tests.connectors.fakes.ses import FakeSes
from tests.connectors.fakes.tryton import FakeTryton

FAKES: tuple[Callable[[], StandIn], ...] = (
    FakeHubspot,
    FakeMailgun,
    FakePostmark,
    FakeResend,
    FakeSalesforce,
    FakeSendgrid,
    FakeSes,
    FakeTryton,
)


class TestEveryFault(EveryFault):
    providers: ClassVar[Mapping[str, Callable[[], StandIn]]] = {fake().name: fake for fake in FAKES}


def test_every_connector_over_http_has_a_stand_in() -> None:
    over_http = {found.name for found in find_connectors("email", "crm") if hasattr(found.module, "SERVICE")}
    assert over_http == set(TestEveryFault.providers)
