"""Network Firewall: each subnet has an endpoint of it, and each endpoint costs by the hour."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import Json, get, items, text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "network_firewall"
_SOURCE = "network-firewall.amazonaws.com"
_MOST_SUBNETS = 1_000


def _create(call: Call) -> tuple[Part, ...]:
    """The answer has the firewall's ARN; without it, its name has to do."""
    firewall = _identifier(call)
    if not firewall:
        raise MalformedRecord("CreateFirewall names no firewall")
    return (_part(Change.START, firewall, _described(call) or call.request),)


def _resize(call: Call) -> tuple[Part, ...]:
    """The answer lists all subnets as they are afterwards."""
    firewall = _identifier(call)
    if not firewall or "subnetMappings" not in call.response:
        return ()
    return (_part(Change.MODIFY, firewall, call.response),)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(RESOURCE_TYPE, _identifier(call))


def _part(change: Change, firewall: str, described: Json) -> Part:
    subnets = within(len(items(described, "subnetMappings")), _MOST_SUBNETS, "subnets of a firewall")
    return Part(change, RESOURCE_TYPE, (firewall,), 1, (UsageItem("networkfirewall/endpoint/hour", subnets),))


def _described(call: Call) -> Json | None:
    found = get(call.response, "firewall")
    return found if isinstance(found, dict) else None


def _identifier(call: Call) -> str | None:
    places = (_described(call), call.response, call.request)
    found = (text(place, name) for name in ("firewallArn", "firewallName") for place in places)
    return next((one for one in found if one), None)


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateFirewall"): _create,
    (_SOURCE, "AssociateSubnets"): _resize,
    (_SOURCE, "DisassociateSubnets"): _resize,
    (_SOURCE, "DeleteFirewall"): _delete,
}
