"""docs/sources.md: its file is a source, its policy holds, its script signs, and it names every source, function and key."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path

from connectors.inbound.expression import FUNCTIONS
from connectors.inbound.schema import page
from connectors.inbound.source import load
from connectors.inbound.verify import verify_form
from offswitch.policy.load import check_all

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```yaml\n# (\w+/\w+)\.yaml\n(.*?)```", PAGE, re.DOTALL))
JMESPATH = (
    "abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by starts_with sum"
)


def test_the_example_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(FILES["sources/shop"], encoding="utf-8")
    found = load(tmp_path, "shop")
    assert found is not None
    assert found.kinds == ["donation.refunded", "donation.succeeded"]


def test_the_policy_about_tickets_is_valid(tmp_path: Path) -> None:
    for path in (ROOT / "policies").glob("*.yaml"):
        more = FILES["policies/welcome"] if path.stem == "welcome" else ""
        (tmp_path / path.name).write_text(path.read_text("utf-8") + more, encoding="utf-8")
    assert check_all(tmp_path, ["welcome"]) == []


def test_every_shipped_source_is_in_the_table_and_no_other() -> None:
    table = PAGE.partition("## The senders")[2].partition("```")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(named) == sorted(path.stem for path in (ROOT / "sources").glob("*.yaml"))


def test_every_function_of_our_own_is_on_the_page() -> None:
    own = set(FUNCTIONS) - set(JMESPATH.split()) - {"to_array", "to_number", "to_string", "type", "values"}
    assert own == set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE))


def test_the_tables_of_keys_are_those_of_the_code() -> None:
    assert page(PAGE) == PAGE, "run `offswitch schema --sources-page docs/sources.md`"


def test_zendesks_json_is_what_its_source_reads() -> None:
    [template] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    sample = json.loads((ROOT / "tests/connectors/payloads/zendesk.json").read_text("utf-8"))
    assert json.loads(template).keys() == sample.keys()


def test_the_script_signs_so_that_it_is_believed() -> None:
    [signed] = re.findall(r"newBlob\((.*?)\)", PAGE)
    [header] = re.findall(r'"webhook-signature": (.*?) \+ Utilities', PAGE)
    at, secret = datetime(2026, 11, 22, 12, tzinfo=UTC), b64encode(b"a secret of 24 letters..").decode()
    parts = {"id": "u-1", "time": str(int(at.timestamp())), "body": "{}"}
    mac = hmac.digest(b64decode(secret), str(eval(signed, {}, parts)).encode(), "sha256")
    headers = {"webhook-id": "u-1", "webhook-timestamp": parts["time"], "webhook-signature": json.loads(header) + b64encode(mac).decode()}
    assert verify_form(b"{}", headers, [f"whsec_{secret}"], at) == "u-1"
