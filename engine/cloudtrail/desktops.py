"""Streamed desktops: AppStream fleets by instance, WorkSpaces by bundle."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, asked_number, changed, needed, nodes, started, use
from engine.errors import MalformedRecord
from engine.fields import get, items, text
from engine.models.cost_event import Change, UsageItem

_APPSTREAM = "appstream.amazonaws.com"
_WORKSPACES = "workspaces.amazonaws.com"
FLEET = "appstream_fleet"
WORKSPACE = "workspace"
_MOST_WORKSPACES = 25


def _create_fleet(call: Call) -> tuple[Part, ...]:
    """A fleet is made stopped and started a moment later: the price is what it costs from then on."""
    return started(_instance_type(call), needed(call, _fleet(call)), _fleet_usage(call))


def _update_fleet(call: Call) -> tuple[Part, ...]:
    if not get(call.request, "instanceType") and not get(call.request, "computeCapacity"):
        return ()
    return changed(_instance_type(call), _fleet(call), _fleet_usage(call))


def _start_fleet(call: Call) -> tuple[Part, ...]:
    return started(FLEET, needed(call, _fleet(call)))


def _stop_fleet(call: Call) -> tuple[Part, ...]:
    return stopped(FLEET, _fleet(call))


def _fleet(call: Call) -> str | None:
    return asked(call, "name", "fleet.name")


def _instance_type(call: Call) -> str:
    return asked(call, "instanceType", "fleet.instanceType") or FLEET


def _fleet_usage(call: Call) -> tuple[UsageItem, ...]:
    instance_type = asked(call, "instanceType", "fleet.instanceType")
    count = asked_number(
        call,
        "computeCapacity.desiredInstances",
        "computeCapacity.desiredSessions",
        "fleet.computeCapacityStatus.desired",
    )
    return (use(f"appstream/{instance_type}", nodes(count)),) if instance_type else ()


def _create_workspaces(call: Call) -> tuple[Part, ...]:
    """Some may fail while others are made; only those have an id."""
    made = items(call.response, "pendingRequests")
    if len(made) > _MOST_WORKSPACES:
        raise MalformedRecord(f"CreateWorkspaces makes at most {_MOST_WORKSPACES} at once, not {len(made)}")
    bundles: dict[str, list[str]] = {}
    for one in made:
        bundle = text(one, "bundleId") or "unknown"
        bundles.setdefault(bundle, []).append(needed(call, text(one, "workspaceId")))
    return tuple(
        Part(Change.START, WORKSPACE, tuple(ids), len(ids), (use(f"workspaces/{bundle}", len(ids)),))
        for bundle, ids in bundles.items()
    )


def _terminate_workspaces(call: Call) -> tuple[Part, ...]:
    asked_for = items(call.request, "terminateWorkspaceRequests")[:_MOST_WORKSPACES]
    failed = {text(one, "workspaceId") for one in items(call.response, "failedRequests")}
    ids = (text(one, "workspaceId") for one in asked_for)
    return stopped(WORKSPACE, *(one for one in ids if one not in failed))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_APPSTREAM, "CreateFleet"): _create_fleet,
    (_APPSTREAM, "UpdateFleet"): _update_fleet,
    (_APPSTREAM, "StartFleet"): _start_fleet,
    (_APPSTREAM, "StopFleet"): _stop_fleet,
    (_APPSTREAM, "DeleteFleet"): _stop_fleet,
    (_WORKSPACES, "CreateWorkspaces"): _create_workspaces,
    (_WORKSPACES, "TerminateWorkspaces"): _terminate_workspaces,
}
