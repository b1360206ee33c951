"""From a look at a resource to a finding."""

import hashlib
import shlex
import string
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from engine.models.cost_event import UsageItem
from engine.pricing.estimate import Prices
from engine.zombies.models import Described, Finding, Idle, Need, Owner
from engine.zombies.rule import Look, Rule
from engine.zombies.rules import rules_for

HOURS_A_MONTH = 730.0
CHANGING = "changing"
_CERTAINTY = ("estimated", "seed", "list")
_OWNER_TAGS = ("owner", "created-by", "createdby", "creator", "team")
_ID_DIGITS = 24
_FORMATTER = string.Formatter()
_NOTHING: Mapping[str, str] = {}


class Known(msgspec.Struct, frozen=True):
    """What is known besides what AWS describes: prices, and who created what by (Region, service, id)."""

    account_id: str
    prices: Prices
    creators: Mapping[tuple[str, str, str], Owner]


def judge(known: Known, look: Look) -> Finding | None:
    """Ask the rules of its kind in their order.

    >>> from engine.examples import FlatPrices
    >>> from engine.zombies.examples import NOW
    >>> volume = Described(kind="volume", region="eu-west-1", resource_id="vol-1", usage=(UsageItem("ebs/gp3/gb", 2),))
    >>> found = judge(Known("111122223333", FlatPrices(), {}), Look(volume, {}, NOW))
    >>> found.rule, found.monthly_cost, found.commands[0]
    ('volume_unattached', 1460.0, 'aws ec2 create-snapshot --region eu-west-1 --volume-id vol-1')
    """
    if CHANGING in look.resource.traits:
        return None
    for rule in rules_for(look.resource.kind):
        idle = rule.judge(look)
        if idle is not None:
            return _finding(known, rule, look, idle)
    return None


def finding_id(account_id: str, rule: str, region: str, resource_id: str) -> str:
    """The same for the same resource and rule, in every scan.

    >>> finding_id("111122223333", "nat_quiet", "eu-west-1", "nat-1")
    'z-bcfdb6c22448501912400469'
    """
    told = "\0".join((account_id, rule, region, resource_id)).encode("utf-8", "backslashreplace")
    return f"z-{hashlib.sha256(told).hexdigest()[:_ID_DIGITS]}"


def monthly_cost(usage: Iterable[UsageItem], region: str, prices: Prices) -> tuple[float | None, str | None]:
    """USD of 730 hours and how sure that is; None for what has no price, for unknown is not 0.

    >>> from engine.examples import FlatPrices
    >>> monthly_cost((UsageItem("nat/hour", 1),), "eu-west-1", FlatPrices())
    (730.0, 'list')
    >>> monthly_cost((), "eu-west-1", FlatPrices())
    (None, None)
    """
    total, certainty = 0.0, len(_CERTAINTY) - 1
    items = tuple(usage)
    for item in items:
        rate = prices.rate(item.sku, region)
        if rate is None:
            return None, None
        total += rate.usd_per_hour * item.amount
        certainty = min(certainty, _CERTAINTY.index(rate.provenance))
    return (total * HOURS_A_MONTH, _CERTAINTY[certainty]) if items else (None, None)


def commands_of(rule: Rule, resource: Described, filling: Mapping[str, str] = _NOTHING) -> tuple[str, ...]:
    """The shell lines for one resource; none where a name could be taken for an option.

    A command that names what this resource has not is left out.

    >>> from engine.zombies.rules import BY_NAME
    >>> odd = Described(kind="stream", region="eu-west-1", resource_id="a b; rm -rf /")
    >>> commands_of(BY_NAME["stream_unused"], odd)
    ("aws kinesis delete-stream --region eu-west-1 --stream-name 'a b; rm -rf /'",)
    """
    filling = {
        **filling,
        "name": resource.name or resource.resource_id,
        **resource.words,
        "id": resource.resource_id,
        "arn": resource.arn,
    }
    if any(value.startswith("-") for value in filling.values()):
        return ()
    return tuple(
        _line(command, resource.region, filling) for command in rule.commands if _names(command) <= filling.keys()
    )


def owner_of(resource: Described, creators: Mapping[tuple[str, str, str], Owner]) -> Owner | None:
    """Who created it, by our own records; else whom a tag names.

    >>> owner_of(Described(kind="nat", region="eu-west-1", resource_id="nat-1", tags={"Owner": "data-team"}), {})
    Owner(name='data-team', source='tag Owner', actor_key='')
    """
    service, known_id = resource.known_as
    creator = creators.get((resource.region, service, known_id or resource.resource_id))
    if creator is not None:
        return creator
    by_tag = {key.lower(): (key, value) for key, value in resource.tags.items() if value}
    for wanted in _OWNER_TAGS:
        if wanted in by_tag:
            key, value = by_tag[wanted]
            return Owner(value, f"tag {key}")
    return None


def _finding(known: Known, rule: Rule, look: Look, idle: Idle) -> Finding:
    resource = look.resource
    usage = resource.usage if idle.usage is None else idle.usage
    cost, source = monthly_cost(usage, resource.region, known.prices)
    return Finding(
        finding_id=finding_id(known.account_id, rule.name, resource.region, resource.resource_id),
        account_id=known.account_id,
        rule=rule.name,
        kind=resource.kind,
        region=resource.region,
        resource_id=resource.resource_id,
        name=resource.name,
        tags=resource.tags,
        owner=owner_of(resource, known.creators),
        idle_since=_later(idle.since, resource.created_at),
        created_at=resource.created_at,
        evidence=idle.evidence,
        confidence=idle.confidence,
        threshold=rule.threshold_text(look.limits),
        monthly_cost=cost,
        price_source=source,
        commands=commands_of(rule, resource, idle.filling),
        found_at=look.now,
        seen_at=look.now,
    )


def _later(since: datetime | None, created_at: datetime | None) -> datetime | None:
    """Nothing is idle for longer than it is there."""
    return max(since, created_at) if since is not None and created_at is not None else since


def _names(command: str) -> set[str]:
    return {name for _, name, _, _ in _FORMATTER.parse(command) if name}


def _line(command: str, region: str, filling: Mapping[str, str]) -> str:
    """A command is cut into words before it is filled, so that what fills it can never become two words."""
    service, operation, *options = (word.format(**filling) for word in command.split())
    return shlex.join(("aws", service, operation, "--region", region, *options))


def needs_of(look: Look) -> tuple[Need, ...]:
    """The metrics worth asking for: each costs the customer, so none that could not change the answer.

    >>> from engine.zombies.examples import NOW
    >>> free = Described(kind="volume", region="eu-west-1", resource_id="vol-1")
    >>> needs_of(Look(free, {}, NOW)), len(needs_of(Look(msgspec.structs.replace(free, traits={"attached"}), {}, NOW)))
    ((), 2)
    """
    needs: dict[str, Need] = {}
    if CHANGING in look.resource.traits:
        return ()
    for rule in rules_for(look.resource.kind):
        if not rule.needs and rule.judge(look) is not None:
            break
        needs.update({need.name: need for need in rule.needs})
    return tuple(needs.values())
