"""HubSpot's own SDK as the judge of what we send and of what the stand-in answers: all must fit its models, no key is unknown."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

MODELS = {
    r"/objects/\w+/batch/read$": "crm.contacts.BatchReadInputSimplePublicObjectId",
    r"/objects/\w+/batch/upsert$": "crm.contacts.BatchInputSimplePublicObjectBatchInputUpsert",
    r"/objects/\w+/batch/update$": "crm.contacts.BatchInputSimplePublicObjectBatchInput",
    r"/objects/\w+/batch/create$": "crm.contacts.BatchInputSimplePublicObjectBatchInputForCreate",
    r"/objects/\w+/search$": "crm.contacts.PublicObjectSearchRequest",
    r"/properties/\w+$": "crm.properties.PropertyCreate",
}
ANSWERS = {
    r"/objects/\w+/batch/(read|create|update)$": "crm.contacts.BatchResponseSimplePublicObjectWithErrors",
    r"/objects/\w+/batch/upsert$": "crm.contacts.BatchResponseSimplePublicUpsertObjectWithErrors",
    r"/objects/\w+/search$": "crm.contacts.CollectionResponseWithTotalSimplePublicObjectForwardPaging",
    r"/properties/\w+(/\w+)?$": "crm.properties.ModelProperty",
}
_PLAIN = {"str": str, "bool": bool, "int": int, "object": object}


def misfits(path: str, body: Any, models: Mapping[str, str] = MODELS) -> list[str]:
    """What the SDK has against a body, of a POST or, with ANSWERS, of an answer; nothing for a path that it doesn't describe."""
    found = next((name for pattern, name in models.items() if re.search(pattern, path)), None)
    return _against(found, body, "body") if found else []


@cache
def _strict(package: str) -> Any:
    """The SDK ships with its checks off."""
    strict = import_module(f"hubspot.{package}").Configuration()
    strict.client_side_validation = True
    return strict


def _against(type_name: str, value: Any, where: str) -> list[str]:
    if list_of := re.fullmatch(r"list\[(.+)\]", type_name):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [one for number, each in enumerate(value) for one in _against(list_of[1], each, f"{where}[{number}]")]
    if dict_of := re.fullmatch(r"dict\[str, (.+)\]", type_name):
        set_ones = {name: each for name, each in value.items() if each is not None or "properties" not in where}  # unset ones are null
        return [one for name, each in set_ones.items() for one in _against(dict_of[1], each, f"{where}.{name}")]
    if type_name == "datetime":
        datetime.fromisoformat(value)
        return []
    if type_name in _PLAIN:
        return [] if isinstance(value, _PLAIN[type_name]) else [f"{where} is {type(value).__name__}, not {type_name}"]
    return _against_model(type_name, value, where)


def _against_model(type_name: str, value: Mapping[str, Any], where: str) -> list[str]:
    package, _, name = type_name.rpartition(".")
    model = getattr(import_module(f"hubspot.{package}"), name)
    ours = {theirs: ours for ours, theirs in model.attribute_map.items()}
    found = [f"{where} has an unknown key {key}" for key in value if key not in ours]
    known = {ours[key]: each for key, each in value.items() if key in ours}
    for attribute, each in known.items():
        kind = model.openapi_types[attribute]
        found += _against(re.sub(r"([A-Z]\w+)", rf"{package}.\1", kind), each, f"{where}.{attribute}")
    try:
        model(**known, local_vars_configuration=_strict(package))
    except ValueError as error:
        found.append(f"{where}: {error}")
    return found
