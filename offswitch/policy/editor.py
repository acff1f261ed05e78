"""The policy files as JSON Schema, so that an editor completes keys and marks mistakes while they are typed.

Made from the models and the texts below their keys; the strict loader stays the judge. JSON Schema 2020-12.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from offswitch.policy import (
    authority,
    calendar,
    conditions,
    days,
    exceptions,
    experiments,
    field_owner,
    human,
    launch,
    limits,
    mode,
    off_and_on,
    readiness,
    rollout,
    share,
    values,
    vocabulary,
)
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.funnel import FunnelPolicy
from offswitch.policy.scoring import ScoringPolicy
from offswitch.policy.segments import SegmentsPolicy

FILES: Mapping[str, type[BaseModel]] = {
    "schema.json": FlowPolicy,
    "schema.company.json": CompanyPolicy,
    "schema.scoring.json": ScoringPolicy,
    "schema.segments.json": SegmentsPolicy,
    "schema.funnel.json": FunnelPolicy,
}


def _text(*examples: str, pattern: str = "") -> JsonSchemaValue:
    return {"type": "string", **({"pattern": pattern} if pattern else {}), **({"examples": list(examples)} if examples else {})}


_LENGTH = "[0-9]{1,9} ?[smhd]"
_SHARE = r"^[0-9]{1,3}(\.[0-9]{1,4})? ?%$"
_WINDOW = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
# What a text may look like, by the parser that reads it. Looser than the parser where a pattern can't say it.
SHAPES: Mapping[Callable[..., Any], JsonSchemaValue] = {
    values.duration: _text("30m", "72h", "7d", pattern=f"^{_LENGTH}$"),
    values.cap: _text("1 per day", "3 per week", "2 per 12h", pattern="^[0-9]{1,6} per (minute|hour|day|week|[0-9]{1,9}[smhd])$"),
    values.quiet_hours_or_none: _text("21:00-09:00", "none", pattern=f"^(none|{_WINDOW} ?[-–] ?{_WINDOW})$"),
    values.truth: {"enum": ["yes", "no", True, False]},
    values.one_line: _text(),
    values.several_lines: _text(),
    values.email: _text("mariam@example.org", pattern="^[^@ ]+@[^@ ]+$"),
    values.person: _text("mariam@example.org", pattern="^[^@ ]+@[^@ ]+$"),
    values.answerable: _text("hello@example.org", pattern="^[^@ ]+@[^@ ]+$"),
    values.web_address: _text("https://mail.example.org", pattern="^https?://[^ ]+$"),
    values.zone: _text("Asia/Riyadh", "Africa/Cairo"),
    values.country: _text("SA", "AE", "EG", pattern="^[A-Z]{2}$"),
    values.language: _text("ar", "en", pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    values.named: _text(pattern="^[A-Za-z][A-Za-z0-9_-]{0,62}$"),
    rollout.rung: {
        "anyOf": [
            _text("5%", "0.5%", "100%", pattern=_SHARE),
            {
                "type": "object",
                "properties": {"contacts": {"type": "integer", "minimum": 1, "description": "So many contacts, in the order they come."}},
                "required": ["contacts"],
                "additionalProperties": False,
            },
        ]
    },
    days.past_day: _text("2026-11-01", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    days.day_ahead: _text("2026-11-08", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    readiness.runs_or_waiver: {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 1_000},
            {
                "type": "object",
                "properties": {
                    "waived_by": {
                        "type": "array",
                        "items": _text("mariam@example.org"),
                        "minItems": 2,
                        "maxItems": 2,
                        "description": "The two people who agreed; one of them is an approver.",
                    },
                    "why": {**_text("a fair on Monday"), "description": "Why it can't wait for the manual runs."},
                    "until": {**_text("2026-11-08"), "description": "The last day on which it holds, at most 7 days ahead."},
                },
                "required": ["waived_by", "why", "until"],
                "additionalProperties": False,
            },
        ]
    },
    human.humans: {"type": "array", "items": _text("public_apology", pattern="^[a-z][a-z0-9_]{1,62}$"), "minItems": 1},
    authority.human_class: _text("compensation", "offer", pattern="^[a-z][a-z0-9_]{1,62}$"),
    authority.ceiling: _text("500 SAR", "any", "0", pattern="^(any|0|[0-9][0-9,]*([.][0-9]{1,4})? ?[A-Z]{3})$"),
    launch.mass: _text("500 per day", pattern="^[0-9]{1,7} per (minute|hour|day|week|[0-9]{1,9}[smhd])$"),
    launch.growth: _text("50%", "any", pattern="^(any|[0-9]{1,4} ?%)$"),
    share.share: _text("5%", "0.5%", pattern=_SHARE),
    experiments.aim: {"enum": ["goal", "click", "reply"]},
    experiments.variant_name: _text("own", "short", pattern="^[a-z][a-z0-9_]{0,62}$"),
    experiments.message_name: _text("greet", pattern="^[a-z][a-z0-9_]{0,62}$"),
    experiments.effect: _text("2%", "0.5%", pattern=_SHARE),
    experiments.rate: _text("10%", pattern=_SHARE),
    share.ceiling: _text("0.1%", "2%", pattern=_SHARE),
    off_and_on.inflow: {
        "anyOf": [
            {"enum": ["admit", "worklist", "ignore"]},
            {
                "type": "object",
                "properties": {"admit_if_fresh": {**_text("72h", pattern=f"^{_LENGTH}$"), "description": "What is older is for a person."}},
                "required": ["admit_if_fresh"],
                "additionalProperties": False,
            },
        ]
    },
    mode.mode: {
        "anyOf": [
            {"enum": ["normal", "freeze", "crisis"]},
            {
                "type": "object",
                "properties": {name: {**_text(), "description": "Why, for everybody who looks."} for name in ("freeze", "crisis")},
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
            },
        ]
    },
    off_and_on.removed: {
        "anyOf": [
            {"enum": ["exit", "hand_over"]},
            {
                "type": "object",
                "properties": {"move_to": {**_text(), "description": "The step to go on from."}},
                "required": ["move_to"],
                "additionalProperties": False,
            },
        ]
    },
    conditions.condition: _text("contact.country in ['SA', 'AE']", "score.points >= 70 && !('budget' in score.tags)"),
    conditions.audience: _text("ready", "contact.country in ['SA', 'AE']"),
    field_owner.crm_field: _text("stage", pattern="^[A-Za-z][A-Za-z0-9_]{0,62}$"),
    vocabulary.field_name: _text(pattern="^[a-z][a-z0-9_]{0,62}$"),
    exceptions.required: {
        "anyOf": [
            _text("country", "stage", "score.points"),
            {"type": "object", "additionalProperties": _text("24h", pattern=f"^{_LENGTH}$"), "minProperties": 1, "maxProperties": 1},
        ]
    },
    calendar.country_or_default: _text("SA", "default", pattern="^([A-Z]{2}|default)$"),
    days.gregorian_day: _text("2027-03-09", pattern="^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"),
    limits.per_time: _text("300 per minute", pattern="^[0-9]{1,6} per (minute|hour|day|week|[0-9]{1,9}[smhd])$"),
    limits.times: _text("2x", "1.5x", pattern=r"^[0-9]{1,2}(\.[0-9])?x$"),
    off_and_on.minutes_per_day: _text("240 minutes per day", pattern="^[0-9]{1,7} minutes per day$"),
}


def schema_of(kind: type[BaseModel]) -> JsonSchemaValue:
    """The schema of one kind of file."""
    made = kind.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text(kind: type[BaseModel]) -> str:
    """As it stands in its file."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema file into the policy folder."""
    for name, kind in FILES.items():
        (folder / name).write_text(schema_text(kind), encoding="utf-8")
    return [folder / name for name in FILES]


class _Schema(GenerateJsonSchema):
    """Texts as people write them: no null, no titles, every key with its meaning."""

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> JsonSchemaValue:
        parse: Any = schema["function"]["function"]
        if not isinstance(parse, partial):
            return dict(SHAPES[parse])
        if parse.func is values.one_of:
            return {"enum": [word.value for word in parse.args[0]]}
        least, most = parse.args
        return {"type": "integer", "minimum": least, "maximum": most}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        return inner if default in (None, (), "") else {**inner, "default": as_written(default)}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        for name, text in meanings(schema["cls"]).items():
            made["properties"][schema["cls"].model_fields[name].alias or name]["description"] = text
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def as_written(value: Any) -> Any:
    """A value as a marketer would write it in a file."""
    match value:
        case BaseModel():
            return {name: as_written(getattr(value, name)) for name in type(value).model_fields if getattr(value, name) is not None}
        case off_and_on.Inflow(how=off_and_on.Stored.ADMIT_IF_FRESH, fresh=fresh):
            return {"admit_if_fresh": values.written(fresh)}
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return values.written(value)
        case StrEnum():
            return value.value
        case tuple() | list():
            return [as_written(one) for one in value]
        case dict() | bool() | int() | str():
            return value
        case _:
            return str(value)


def meanings(kind: type[BaseModel]) -> dict[str, str]:
    """The text below each key of a section, by key. Read from the source, so that commands need not carry it."""
    tree = ast.parse(inspect.getsource(kind))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for key, text in pairwise(body):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name) and isinstance(text, ast.Expr):
            said = ast.literal_eval(text.value)
            found[key.target.id] = " ".join(str(said).split())
    return found
