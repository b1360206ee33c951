"""Load balancers: the older API (classic) names them, the newer one gives ARNs; that tells the two apart."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped, within
from engine.errors import MalformedRecord
from engine.fields import items, text
from engine.models.cost_event import Change, UsageItem

CLASSIC = "classic_load_balancer"
_SOURCE = "elasticloadbalancing.amazonaws.com"
_DEFAULT_KIND = "application"
_MOST_AT_ONCE = 100
_KINDS_IN_ARN = {"app": "application", "net": "network", "gwy": "gateway"}


def _create(call: Call) -> tuple[Part, ...]:
    made = items(call.response, "loadBalancers")
    if made:
        within(len(made), _MOST_AT_ONCE, "load balancers")
        return tuple(_started(call, text(one, "loadBalancerArn"), text(one, "type")) for one in made)
    name = text(call.request, "loadBalancerName")
    if name:
        return (Part(Change.START, CLASSIC, (name,), 1, (UsageItem("elb/classic", 1),)),)
    if text(call.request, "name"):
        return (_started(call, None, None),)
    raise MalformedRecord("CreateLoadBalancer names no load balancer")


def _started(call: Call, arn: str | None, kind: str | None) -> Part:
    """Without an answer there is no ARN, but what was asked for runs and costs."""
    kind = kind or text(call.request, "type") or _DEFAULT_KIND
    return Part(Change.START, f"{kind}_load_balancer", (arn,) if arn else (), 1, (UsageItem(f"elb/{kind}", 1),))


def _delete(call: Call) -> tuple[Part, ...]:
    arn = text(call.request, "loadBalancerArn")
    return stopped(_type_of(arn), arn) if arn else stopped(CLASSIC, text(call.request, "loadBalancerName"))


def _type_of(arn: str) -> str:
    """The kind stands behind ``loadbalancer/``, shortened."""
    short = arn.partition("loadbalancer/")[2].partition("/")[0]
    return f"{_KINDS_IN_ARN.get(short, _DEFAULT_KIND)}_load_balancer"


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateLoadBalancer"): _create,
    (_SOURCE, "DeleteLoadBalancer"): _delete,
}
