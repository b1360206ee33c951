"""Route 53 Resolver endpoints: each of their addresses is a network interface that costs by the hour."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import items, number, text
from engine.models.cost_event import Change, UsageItem

RESOURCE_TYPE = "resolver_endpoint"
_SOURCE = "route53resolver.amazonaws.com"
_MOST_ADDRESSES = 1_000


def _create(call: Call) -> tuple[Part, ...]:
    endpoint = text(call.response, "resolverEndpoint", "id")
    if not endpoint:
        raise MalformedRecord("CreateResolverEndpoint succeeded but names no resolverEndpoint")
    addresses = _addresses(call)
    return (_part(Change.START, endpoint, len(items(call.request, "ipAddresses")) if addresses is None else addresses),)


def _resize(call: Call) -> tuple[Part, ...]:
    """The answer counts the addresses, with the new one and without the old one."""
    endpoint, addresses = text(call.response, "resolverEndpoint", "id"), _addresses(call)
    return (_part(Change.MODIFY, endpoint, addresses),) if endpoint and addresses is not None else ()


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(RESOURCE_TYPE, text(call.request, "resolverEndpointId"))


def _part(change: Change, endpoint: str, addresses: float) -> Part:
    within(addresses, _MOST_ADDRESSES, "addresses of a resolver endpoint")
    return Part(change, RESOURCE_TYPE, (endpoint,), 1, (UsageItem("route53resolver/interface/hour", addresses),))


def _addresses(call: Call) -> float | None:
    return number(call.response, "resolverEndpoint", "ipAddressCount")


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateResolverEndpoint"): _create,
    (_SOURCE, "AssociateResolverEndpointIpAddress"): _resize,
    (_SOURCE, "DisassociateResolverEndpointIpAddress"): _resize,
    (_SOURCE, "DeleteResolverEndpoint"): _delete,
}
