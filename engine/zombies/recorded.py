"""What our own creation records say of a resource, in the words of the rules; nobody needs to ask AWS for it."""

from collections.abc import Callable

import msgspec

from engine.asking import email_of
from engine.database_members import is_cluster_member
from engine.models.cost_event import Actor, ActorKind
from engine.models.resource import Resource, plain_id
from engine.zombies.models import Described, Dimensions

_SSO_ROLE = "AWSReservedSSO_"


class _Kind(msgspec.Struct, frozen=True):
    """Which records are of this kind, by service and how their ids begin, and how CloudWatch calls one."""

    name: str
    service: str
    prefix: str
    dimensions: Callable[[str, str], Dimensions | None]
    """Takes the id without its prefix, and the account's; None where AWS must be asked for its parts."""


def _named(dimension: str) -> Callable[[str, str], Dimensions | None]:
    return lambda resource_id, _account: ((dimension, resource_id),)


_KINDS = (
    _Kind("instance", "ec2", "i-", _named("InstanceId")),
    _Kind("nat", "ec2", "nat-", _named("NatGatewayId")),
    _Kind("database", "rds", "", _named("DBInstanceIdentifier")),
    _Kind("warehouse", "redshift", "", _named("ClusterIdentifier")),
    _Kind("search", "es", "", lambda name, account: (("DomainName", name), ("ClientId", account))),
    _Kind("model_endpoint", "sagemaker", "endpoint/", lambda _name, _account: None),
    _Kind("throughput", "bedrock", "arn:", _named("ModelId")),
)
_KEPT_PREFIXES = frozenset({"i-", "nat-", "arn:"})
# Connections are counted by a cluster's instances.
_CLUSTER = "cluster:"


def described(resource: Resource) -> Described | None:
    """Describe what runs by its record; None for what the birth clock has no rule for.

    >>> from engine.examples import MONDAY
    >>> record = Resource(resource_id="eu-west-1/rds/orders", account_id="111122223333", region="eu-west-1",
    ...     service="rds", resource_type="db.r5.large", actor_key="ci", since=MONDAY, hourly_cost=2.0)
    >>> found = described(record)
    >>> found.kind, found.resource_id, found.dimensions
    ('database', 'orders', ((('DBInstanceIdentifier', 'orders'),),))
    """
    known_id = plain_id(resource)
    if known_id.startswith(_CLUSTER):
        return None
    for kind in _KINDS:
        if kind.service == resource.service and known_id.startswith(kind.prefix):
            own_id = known_id if kind.prefix in _KEPT_PREFIXES else known_id.removeprefix(kind.prefix)
            dimensions = kind.dimensions(own_id, resource.account_id)
            return Described(
                kind="database_member" if is_cluster_member(resource.usage) else kind.name,
                region=resource.region,
                resource_id=own_id,
                arn=own_id if own_id.startswith("arn:") else "",
                known_as=(resource.service, known_id),
                created_at=resource.since,
                usage=resource.usage,
                traits=frozenset({"running"}),
                words={"type": resource.resource_type},
                dimensions=() if dimensions is None else (dimensions,),
            )
    return None


def email_in(actor_key: str) -> str:
    """The address of the person whose key this is; empty where it is none's, or not a person's.

    >>> email_in("arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1/Maria@acme.example")
    'maria@acme.example'
    >>> email_in("arn:aws:iam::1:role/maria@acme.example")
    ''
    """
    issuer, _, name = actor_key.rpartition("/")
    is_person = issuer.endswith(":user") or issuer.rpartition("/")[2].startswith(_SSO_ROLE)
    return email_of(Actor(actor_key, ActorKind.PERSON, name)) if is_person else ""
