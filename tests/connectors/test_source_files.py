"""A source's file: what is wrong is said with its place before anything comes; what editors mark is what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from connectors.inbound.scheme import SCHEMES
from connectors.inbound.source import Source, load
from connectors.inbound.source_file import SourceFile
from offswitch.errors import ConfigError
from offswitch.policy.editor import schema_of, schema_text

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "sources").glob("*.yaml"))
GOOD = {"signature": "stripe", "id": "id", "event": "form.submitted", "contact": "{email: email}"}
HMAC = '{kind: hmac, header: x-sig, signed: "{timestamp}.{body}", timestamp: x-time}'


def written(folder: Path, **changed: str) -> Source:
    lines = "".join(f"{key}: {value}\n" for key, value in (GOOD | changed).items())
    (folder / "shop.yaml").write_text(lines, encoding="utf-8")
    found = load(folder, "shop")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "value", "place", "said"),
    [
        ("signature", "stipe", "1:12", "did you mean stripe?"),
        ("signature", "none", "1:12", "allowed: calcom"),
        ("signature", "hmac", "1:12", "with header"),
        ("signature", "hubspot", "1:12", "with url"),
        ("signature", "{kind: stripe, header: x}", "1:35", "takes no header"),
        ("signature", "{kind: hmac}", "1:12", "no header"),
        ("signature", '{kind: hmac, header: x, signed: "{timestamp}.{body}"}', "1:12", "stands nowhere"),
        ("signature", "{kind: hmac, header: x, timestamp: x-time}", "1:12", "isn't signed"),
        ("signature", "{kind: hmac, header: x, signed: fixed}", "1:44", "write it with {body}"),
        ("signature", "{kind: token, query: t, header: x}", "1:12", "two ways"),
        ("body", "xml", "5:7", "allowed: form, json"),
        ("id", '"a..b"', "2:8", "can't stand there"),
        ("id", "a[0", "2:8", "ends too early"),
        ("id", "lenght(a)", "2:5", "did you mean length?"),
        ("id", "a || join(b)", "2:10", "it takes 2"),
        ("event", "form.sumbitted", "3:8", "did you mean form.submitted?"),
        ("event", "{from: t, map: {a: donation.suceeded}}", "3:27", "did you mean donation.succeeded?"),
        ("event", "{from: t}", "3:8", "map"),
        ("event", "donation.succeeded", "1:1", "no donation_id"),
        ("contact", "{emial: a}", "4:11", "did you mean email?"),
        ("contact", "{email: [a]}", "4:18", "write one expression"),
        ("at", "{from: a, as: unx}", "5:19", "did you mean unix?"),
        ("at", "{from: a, column: b}", "5:5", "one of from, column and value"),
        ("at", '{from: a, as: "%d.%m"}', "5:19", "a date's pattern"),
        ("data", "{amount: {form: a}}", "5:17", "did you mean from?"),
        ("data", "{amount: {from: a, as: minor_units}}", "5:16", "both as and currency"),
        ("data", "{amount: {from: a, as: minor_units, currency: c, digits: {ISK: 9}}}", "5:70", "write 0, 2 or 3"),
        ("consent", "{from: a}", "5:1", "wording"),
        ("signatures", "a", "5:1", "did you mean signature?"),
    ],
)
def test_a_mistake_is_said_with_its_place_and_what_to_write(tmp_path: Path, key: str, value: str, place: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        written(tmp_path, **{key: value})
    assert any(f"shop.yaml:{place}: " in line and said in line for line in str(caught.value).splitlines()), str(caught.value)


def test_every_mistake_of_a_file_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        written(tmp_path, signature="stipe", id="a[", contact="{emial: a}")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 4, 4]


def test_a_changed_file_holds_at_once_and_one_that_went_is_gone(tmp_path: Path) -> None:
    assert written(tmp_path).signature == "stripe"
    assert written(tmp_path, signature=HMAC).signature == "hmac"
    (tmp_path / "shop.yaml").unlink()
    assert load(tmp_path, "shop") is None


def test_a_kind_of_ones_own_is_written_in_the_file(tmp_path: Path) -> None:
    scheme = written(tmp_path, signature=HMAC.replace("}.{body}", "}:{body}")).file.signature.scheme
    assert (scheme.signature, scheme.signed, scheme.timestamp, scheme.window.seconds) == ("x-sig", "{timestamp}:{body}", "x-time", 300)


@pytest.mark.parametrize("kind", sorted(set(SCHEMES) - {"hmac", "hubspot"}))
def test_every_other_kind_is_a_word(tmp_path: Path, kind: str) -> None:
    assert written(tmp_path, signature=kind).signature == kind


def test_the_schema_beside_the_sources_is_that_of_the_code() -> None:
    assert (ROOT / "sources/schema.json").read_text("utf-8") == schema_text(SourceFile), "run `offswitch schema`"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_shipped_source_loads_says_what_it_is_and_agrees_with_the_schema(path: Path) -> None:
    found = load(path.parent, path.stem)
    assert found is not None
    assert found.about
    assert path.read_text("utf-8").startswith("# yaml-language-server: $schema=schema.json\n")
    schema = json.loads((ROOT / "sources/schema.json").read_text("utf-8"))
    tree = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(tree)] == []


@pytest.mark.parametrize(
    "line", ["sing: a", "signature: stipe", "body: xml", "contact: {emial: a}", "event: []", "at: {from: a, zone: []}"]
)
def test_an_editor_marks_what_the_loader_refuses(line: str) -> None:
    tree = YAML(typ="safe", pure=True).load(
        "".join(f"{key}: {value}\n" for key, value in GOOD.items() if key != line.partition(":")[0]) + line
    )
    assert list(Draft202012Validator(schema_of(SourceFile)).iter_errors(tree))


def test_every_key_says_what_it_means() -> None:
    schema = schema_of(SourceFile)
    sections = [schema, *schema["$defs"].values()]
    assert not [key for section in sections for key, shape in section["properties"].items() if len(shape.get("description", "")) < 10]
