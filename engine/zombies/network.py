"""Addresses, load balancers, NAT gateways and endpoints."""

from engine.zombies.models import Confidence, Idle, Need
from engine.zombies.rule import Look, Rule, unused

REQUESTS = Need(
    name="requests",
    namespace="AWS/ApplicationELB",
    metric="RequestCount",
    statistic="Sum",
    is_sparse=True,
    quiet="balancer_requests",
)
FLOWS = Need(
    name="flows",
    namespace="AWS/NetworkELB",
    metric="NewFlowCount",
    statistic="Sum",
    is_sparse=True,
    quiet="balancer_requests",
)
CLASSIC_REQUESTS = Need(
    name="requests",
    namespace="AWS/ELB",
    metric="RequestCount",
    statistic="Sum",
    is_sparse=True,
    quiet="balancer_requests",
)
NAT_BYTES = Need(name="bytes", namespace="AWS/NATGateway", metric="BytesOutToDestination", statistic="Sum")
ENDPOINT_BYTES = Need(
    name="bytes", namespace="AWS/PrivateLinkEndpoints", metric="BytesProcessed", statistic="Sum", is_sparse=True
)
_RELEASE = "ec2 release-address --allocation-id {id}"
_DELETE_BALANCER = "elbv2 delete-load-balancer --load-balancer-arn {arn}"
_DELETE_CLASSIC = "elb delete-load-balancer --load-balancer-name {id}"
_DELETE_NAT = "ec2 delete-nat-gateway --nat-gateway-id {id}"


def judge_address(look: Look) -> Idle | None:
    """A public address that is bound to nothing.

    >>> from engine.zombies.examples import look_at
    >>> look_at("address", traits=(), judge=judge_address).evidence
    ('bound to nothing',)
    """
    if look.resource.traits & {"bound", "on_stopped"}:
        return None
    return Idle(evidence=("bound to nothing",), confidence=Confidence.HIGH)


def judge_address_on_stopped(look: Look) -> Idle | None:
    """A public address of an instance that is stopped.

    >>> from engine.zombies.examples import look_at
    >>> look_at("address", traits=("bound", "on_stopped"), words={"instance": "i-1"},
    ...     judge=judge_address_on_stopped).evidence
    ('bound to i-1, which is stopped',)
    """
    if "on_stopped" not in look.resource.traits:
        return None
    where = f"bound to {look.resource.words.get('instance', 'an instance')}, which is stopped"
    return Idle(evidence=(where,), confidence=Confidence.MEDIUM)


def judge_no_targets(look: Look) -> Idle | None:
    """A load balancer without a healthy target behind it. One whose targets are unknown is left alone.

    >>> from engine.zombies.examples import look_at
    >>> look_at("balancer", numbers={"targets": 3, "healthy": 0}, judge=judge_no_targets).evidence
    ('none of its 3 targets is healthy',)
    """
    return _without_healthy(look, "targets")


def judge_no_instances(look: Look) -> Idle | None:
    """A classic load balancer without a healthy instance behind it.

    >>> from engine.zombies.examples import look_at
    >>> look_at("classic_balancer", numbers={"instances": 0}, judge=judge_no_instances).evidence
    ('it has no instances',)
    """
    return _without_healthy(look, "instances")


def _without_healthy(look: Look, parts: str) -> Idle | None:
    many, healthy = look.resource.numbers.get(parts), look.resource.numbers.get("healthy", 0)
    if many is None or healthy or not look.was_born_before(look.limits.grace_days):
        return None
    text = f"none of its {many:.0f} {parts} is healthy" if many else f"it has no {parts}"
    return Idle(evidence=(text,), confidence=Confidence.MEDIUM if many else Confidence.HIGH)


def judge_requests(look: Look) -> Idle | None:
    """An application load balancer that hardly anybody calls.

    >>> from engine.zombies.examples import look_at
    >>> look_at("balancer", words={"type": "application"}, requests=(40.0, None) * 4, judge=judge_requests).evidence
    ('at most 100 requests a day for 8 days',)
    """
    if look.resource.words.get("type") != "application":
        return None
    most = f"at most {look.limits.balancer_requests:g} requests a day for {{days}} days"
    return unused(look, look.limits.balancer_days, most, REQUESTS)


def judge_classic_requests(look: Look) -> Idle | None:
    """A classic load balancer that hardly anybody calls; of what it only passes on, connections are counted.

    >>> from engine.zombies.examples import look_at
    >>> look_at("classic_balancer", requests=(40.0, None) * 4, judge=judge_classic_requests).evidence
    ('at most 100 requests or connections a day for 8 days',)
    """
    most = f"at most {look.limits.balancer_requests:g} requests or connections a day for {{days}} days"
    return unused(look, look.limits.balancer_days, most, CLASSIC_REQUESTS)


def judge_flows(look: Look) -> Idle | None:
    """A network load balancer that hardly anybody connects to.

    >>> from engine.zombies.examples import look_at
    >>> look_at("balancer", words={"type": "network"}, flows=(0.0,) * 7, judge=judge_flows).evidence
    ('at most 100 connections a day for 7 days',)
    """
    if look.resource.words.get("type") != "network":
        return None
    most = f"at most {look.limits.balancer_requests:g} connections a day for {{days}} days"
    return unused(look, look.limits.balancer_days, most, FLOWS)


def judge_nat_unrouted(look: Look) -> Idle | None:
    """A NAT gateway that no route leads to.

    >>> from engine.zombies.examples import look_at
    >>> look_at("nat", traits=("routes_known",), judge=judge_nat_unrouted).evidence
    ('no route table leads to it',)
    """
    traits = look.resource.traits
    if "routed" in traits or "routes_known" not in traits or not look.was_born_before(look.limits.grace_days):
        return None
    return Idle(evidence=("no route table leads to it",), confidence=Confidence.HIGH)


def judge_nat_quiet(look: Look) -> Idle | None:
    """A NAT gateway through which nothing goes out.

    >>> from engine.zombies.examples import look_at
    >>> look_at("nat", bytes=(0.0,) * 31, judge=judge_nat_quiet).evidence
    ('0 bytes went out for 31 days',)
    """
    return unused(look, look.limits.nat_days, "0 bytes went out for {days} days", NAT_BYTES)


def judge_endpoint(look: Look) -> Idle | None:
    """An interface endpoint that nothing goes through.

    >>> from engine.zombies.examples import look_at
    >>> look_at("endpoint", bytes=(None,) * 30, judge=judge_endpoint).evidence
    ('0 bytes went through for 30 days',)
    """
    return unused(look, look.limits.endpoint_days, "0 bytes went through for {days} days", ENDPOINT_BYTES)


RULES: tuple[Rule, ...] = (
    Rule(
        name="address_idle",
        kind="address",
        title="unused public address",
        source="Trusted Advisor, Cloud Custodian",
        threshold="bound to nothing",
        judge=judge_address,
        commands=(_RELEASE,),
    ),
    Rule(
        name="address_on_stopped",
        kind="address",
        title="public address of a stopped instance",
        source="Trusted Advisor, Cloud Custodian",
        threshold="bound to an instance that is stopped",
        judge=judge_address_on_stopped,
        # AWS does not release what is bound.
        commands=("ec2 disassociate-address --association-id {association}", _RELEASE),
    ),
    Rule(
        name="balancer_no_targets",
        kind="balancer",
        title="load balancer without targets",
        source="Trusted Advisor, Cloud Custodian",
        threshold="no targets or none healthy, {grace_days} d old at least",
        judge=judge_no_targets,
        commands=(_DELETE_BALANCER,),
    ),
    Rule(
        name="balancer_no_requests",
        kind="balancer",
        title="load balancer without requests",
        source="Trusted Advisor",
        threshold="at most {balancer_requests:g} requests a day, {balancer_days} days",
        judge=judge_requests,
        needs=(REQUESTS,),
        commands=(_DELETE_BALANCER,),
    ),
    Rule(
        name="balancer_no_flows",
        kind="balancer",
        title="load balancer without connections",
        source="Trusted Advisor",
        threshold="at most {balancer_requests:g} connections a day, {balancer_days} days",
        judge=judge_flows,
        needs=(FLOWS,),
        commands=(_DELETE_BALANCER,),
    ),
    Rule(
        name="classic_no_instances",
        kind="classic_balancer",
        title="classic load balancer without instances",
        source="Trusted Advisor, Cloud Custodian",
        threshold="no instances or none healthy, {grace_days} d old at least",
        judge=judge_no_instances,
        commands=(_DELETE_CLASSIC,),
    ),
    Rule(
        name="classic_no_requests",
        kind="classic_balancer",
        title="classic load balancer without requests",
        source="Trusted Advisor",
        threshold="at most {balancer_requests:g} requests or connections a day, {balancer_days} days",
        judge=judge_classic_requests,
        needs=(CLASSIC_REQUESTS,),
        commands=(_DELETE_CLASSIC,),
    ),
    Rule(
        name="nat_unrouted",
        kind="nat",
        title="NAT gateway without a route",
        source="Compute Optimizer",
        threshold="no route table leads to it, {grace_days} d old at least",
        judge=judge_nat_unrouted,
        commands=(_DELETE_NAT,),
    ),
    Rule(
        name="nat_quiet",
        kind="nat",
        title="unused NAT gateway",
        source="Trusted Advisor",
        threshold="0 bytes out, {nat_days} days",
        judge=judge_nat_quiet,
        needs=(NAT_BYTES,),
        commands=(_DELETE_NAT,),
        is_birth=True,
    ),
    Rule(
        name="endpoint_quiet",
        kind="endpoint",
        title="unused interface endpoint",
        source="Trusted Advisor",
        threshold="0 bytes, {endpoint_days} days",
        judge=judge_endpoint,
        needs=(ENDPOINT_BYTES,),
        commands=("ec2 delete-vpc-endpoints --vpc-endpoint-ids {id}",),
    ),
)
