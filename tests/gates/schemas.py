"""What is stored may only grow: a snapshot of every stored model, and what a change against it must not do.

`python -m tests.gates.schemas` writes the snapshot anew after a change that only adds, and refuses any other.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect
from pymongo import IndexModel

from store.index_changes import defined
from store.indexes import FORMER, INDEXES
from tests.gates.stored import STORED

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "schema"
SNAPSHOT = FOLDER / "stored.json"
SUNSETS = FOLDER / "sunsets.json"
MOST_DAYS = timedelta(days=30)
Schema = Mapping[str, Any]


class Sunset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field on its way out: ``struct.name``, written beside its ``replacement`` until ``sunset``."""

    struct: str
    name: str
    replacement: str
    announced: date
    sunset: date


def current() -> dict[str, Any]:
    """Collections with their structs, what every struct and enumeration they need is made of, and the indexes."""
    found: dict[str, Any] = {}
    for kinds in STORED.values():
        for kind in kinds:
            _describe(inspect.type_info(kind), found)
    collections = {name: [kind.__name__ for kind in kinds] for name, kinds in STORED.items()}
    indexes = {name: [_index(model) for model in models] for name, models in INDEXES.items()}
    former = {name: [_index(model) for model in models] for name, models in FORMER.items()}
    return {"collections": collections, "structs": found, "indexes": indexes, "former_indexes": former}


def _index(model: IndexModel) -> str:
    """Its definition on one line."""
    return json.dumps(defined(model), sort_keys=True)


def _describe(of: inspect.Type, found: dict[str, Any]) -> Any:
    """The type in words as JSON can hold it; structs and enumerations are named, and described in ``found``."""
    match of:
        case inspect.StructType(cls=cls):
            if _name(cls) not in found:
                found[_name(cls)] = {}
                found[_name(cls)] |= _struct(of, found)
            return f"struct {_name(cls)}"
        case inspect.EnumType(cls=cls):
            found[_name(cls)] = {"values": sorted(str(one.value) for one in cls)}
            return f"enum {_name(cls)}"
        case inspect.UnionType(types=types):
            return {"any of": sorted((_describe(one, found) for one in types), key=str)}
        case _:
            return _describe_plain(of, found)


def _name(cls: type) -> str:
    """Models have their names to themselves; those of another folder are told apart by it."""
    home = cls.__module__.removeprefix("engine.").split(".")[0]
    return cls.__name__ if home in {"models", "baselines", "lag_sketch"} else f"{home} {cls.__name__}"


def _describe_plain(of: inspect.Type, found: dict[str, Any]) -> Any:
    match of:
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return {"list of": _describe(item, found)}
        case inspect.TupleType(item_types=items):
            return {"row of": [_describe(item, found) for item in items]}
        case inspect.DictType(key_type=key, value_type=value):
            return {"keys": _describe(key, found), "values": _describe(value, found)}
        case _:
            return type(of).__name__.removesuffix("Type").lower()


def _struct(of: inspect.StructType, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "as": "array" if of.array_like else f"object tagged {of.tag}" if of.tag else "object",
        "fields": {field.encode_name: _describe(field.type, found) for field in of.fields},
        "required": sorted(field.encode_name for field in of.fields if field.required),
    }


def faults(before: Schema, after: Schema, sunsets: Iterable[Sunset], today: date) -> list[str]:
    """Say in words what of ``after`` cannot read what ``before`` wrote."""
    over = {(one.struct, one.name) for one in sunsets if one.sunset <= today}
    found = [f"collection {name} is no longer stored" for name in before["collections"].keys() - after["collections"]]
    for name, old in before["structs"].items():
        new = after["structs"].get(name)
        found += [f"{name} is gone"] if new is None else _faults_of(name, old, new, over)
    return sorted(found + _index_faults(before, after))


def _index_faults(before: Schema, after: Schema) -> list[str]:
    """What databases have as an index and the code means otherwise has to be among the former ones, for ever."""
    return [
        f"an index of {name} is not what it was: name that in FORMER of store/indexes.py: {one}"
        for part in ("indexes", "former_indexes")
        for name, some in before.get(part, {}).items()
        for one in some
        if one
        not in (*after["former_indexes"].get(name, ()), *(after["indexes"].get(name, ()) if part == "indexes" else ()))
    ]


def _faults_of(name: str, old: Schema, new: Schema, over: set[tuple[str, str]]) -> list[str]:
    if "values" in old:
        return [f"{name} lost the value {one}" for one in old["values"] if one not in new.get("values", ())]
    if old["as"] != new.get("as"):
        return [f"{name} is stored in another way"]
    old_fields, new_fields = old["fields"], new["fields"]
    kept = {field: one for field, one in old_fields.items() if (name, field) not in over}
    lost = [f"{name}.{field} was dropped or renamed" for field in kept.keys() - new_fields]
    both = kept.keys() & new_fields
    retyped = [f"{name}.{field} has another type" for field in both if not _reads(new_fields[field], kept[field])]
    needed = set(new["required"]) - set(old["required"])
    return lost + retyped + [f"{name}.{field} is required, which older documents lack" for field in needed]


def _reads(new: Any, old: Any) -> bool:
    """Whether all that ``old`` allows ``new`` allows too: a type may only get wider."""
    if new == old or (new, old) == ("float", "int"):
        return True
    if isinstance(old, dict) and "any of" in old:
        return all(_reads(new, one) for one in old["any of"])
    if isinstance(new, dict) and "any of" in new:
        return any(_reads(one, old) for one in new["any of"])
    if not (isinstance(new, dict) and isinstance(old, dict) and new.keys() == old.keys()) or "row of" in new:
        return False
    return all(_reads(new[part], old[part]) for part in new)


def sunset_faults(sunsets: Iterable[Sunset], now: Schema) -> list[str]:
    """Say which planned ends are too far away, name no successor, or are of fields whose successor is not there."""
    found = []
    for one in sunsets:
        fields = now["structs"].get(one.struct, {}).get("fields", {})
        if not timedelta(0) < one.sunset - one.announced <= MOST_DAYS:
            found.append(
                f"the sunset of {one.struct}.{one.name} must be within {MOST_DAYS.days} days after its announcement"
            )
        if one.replacement not in fields:
            found.append(f"{one.struct}.{one.replacement}, which is to replace {one.name}, does not exist")
        if not re.fullmatch(rf"{one.name}_v\d+", one.replacement):
            found.append(f"what replaces {one.struct}.{one.name} is to be called {one.name}_v2")
    return found


def unwritten(sunsets: Iterable[Sunset], modules: Iterable[str], today: date) -> list[str]:
    """Name each call that writes a field on its way out without its successor, or the other way round.

    Both are fields of one struct, and so of one document: who gives both to one call writes them in one transaction.
    """
    going = [one for one in sunsets if today < one.sunset]
    return [
        f"{one.struct}.{one.name} and {one.replacement} are to be written together: {call}"
        for module in (modules if going else ())
        for one in going
        if one.struct in module
        for call in _half_written(one, module)
    ]


def _half_written(one: Sunset, module: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(module)) if isinstance(node, ast.Call)]
    makes = [call for call in calls if ast.unparse(call.func) in {one.struct, "msgspec.structs.replace"}]
    pair = {one.name, one.replacement}
    return [ast.unparse(call) for call in makes if len(pair & {word.arg for word in call.keywords}) == 1]


def writers() -> list[str]:
    """The modules of all code that makes what is stored."""
    homes = ("bot", "clients", "engine", "handlers", "scheduler", "services", "store")
    return [path.read_text() for home in homes for path in sorted((ROOT / home).rglob("*.py"))]


def load_sunsets() -> list[Sunset]:
    return msgspec.json.decode(SUNSETS.read_bytes(), type=list[Sunset])


def load_snapshot() -> Schema:
    snapshot: Schema = json.loads(SNAPSHOT.read_text())
    return snapshot


if __name__ == "__main__":
    if found := faults(load_snapshot(), current(), load_sunsets(), date.today()):  # noqa: DTZ011 - a sunset is a day
        sys.exit("\n".join(found))
    SNAPSHOT.write_text(json.dumps(current(), indent=1, sort_keys=True) + "\n")
