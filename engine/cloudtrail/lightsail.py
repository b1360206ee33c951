"""Lightsail: instances and databases by bundle, from creation to deletion. Stopping one saves nothing.

Ids are ``Instance/blog`` and ``RelationalDatabase/blog``, as Lightsail's operations name them.
"""

from collections.abc import Mapping
from functools import partial

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.cloudtrail.telling import needed, texts, use
from engine.fields import items, text
from engine.models.cost_event import Change

_SOURCE = "lightsail.amazonaws.com"
_INSTANCE, _DATABASE = "Instance", "RelationalDatabase"
_TYPES = {_INSTANCE: "lightsail_instance", _DATABASE: "lightsail_database"}
_UNKNOWN_BUNDLE = "unknown"
_MOST_AT_ONCE = 1000


def _create_instances(call: Call) -> tuple[Part, ...]:
    """Answers list an operation for each; without one, the request names them."""
    made = [name for one in items(call.response, "operations") if (name := text(one, "resourceName"))]
    asked = [name for one in items(call.request, "instances") if (name := text(one, "instanceName"))]
    names = dict.fromkeys(made or texts(call.request, "instanceNames") or asked)
    within(len(names), _MOST_AT_ONCE, "instances")
    needed(call, next(iter(names), None))
    return _started(_INSTANCE, tuple(names), text(call.request, "bundleId"))


def _create_database(call: Call) -> tuple[Part, ...]:
    name = needed(call, text(call.request, "relationalDatabaseName"))
    return _started(_DATABASE, (name,), text(call.request, "relationalDatabaseBundleId"))


def _started(what: str, names: tuple[str, ...], bundle: str | None) -> tuple[Part, ...]:
    usage = use(f"lightsail/{what.lower()}/{bundle or _UNKNOWN_BUNDLE}", len(names))
    ids = tuple(f"{what}/{name}" for name in names)
    return (Part(Change.START, _TYPES[what], ids, len(ids), (usage,)),)


def _delete(what: str, field: str, call: Call) -> tuple[Part, ...]:
    name = text(call.request, field)
    return stopped(_TYPES[what], f"{what}/{name}" if name else None)


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateInstances"): _create_instances,
    (_SOURCE, "CreateInstancesFromSnapshot"): _create_instances,
    (_SOURCE, "DeleteInstance"): partial(_delete, _INSTANCE, "instanceName"),
    (_SOURCE, "CreateRelationalDatabase"): _create_database,
    (_SOURCE, "CreateRelationalDatabaseFromSnapshot"): _create_database,
    (_SOURCE, "DeleteRelationalDatabase"): partial(_delete, _DATABASE, "relationalDatabaseName"),
}
