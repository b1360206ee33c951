"""How to stop what an anomaly started: AWS command lines for a person to run. Nothing here runs anything."""

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

import msgspec

from engine.models.anomaly import Anomaly, ResourceRef

_REGION = re.compile(r"[a-z]{2,4}(-[a-z0-9]{1,20}){1,4}")
_INSTANCE = re.compile(r"i-[0-9a-f]{1,32}")
_NAT_GATEWAY = re.compile(r"nat-[0-9a-f]{1,32}")
_DATABASE = re.compile(
    r"(?:arn:aws[a-z-]*:rds:[a-z0-9-]*:[0-9]{12}:(?P<kind>db|cluster):)?(?P<name>[A-Za-z][A-Za-z0-9-]{0,62})"
)
_FUNCTION = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:[a-z0-9-]*:[0-9]{12}:function:)?"
    r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]{0,63})"
    r"(?::(?:\$LATEST|(?P<version>[A-Za-z0-9_][A-Za-z0-9_-]{0,127})))?"
)


class StopCommands(msgspec.Struct, frozen=True):
    """Shell lines in the order to try them.

    ``stop`` ends the cost and keeps what can be kept; ``harder`` is for when that is refused or not enough, and loses
    more. ``named`` of ``running`` resources appear in them.
    """

    stop: tuple[str, ...] = ()
    harder: tuple[str, ...] = ()
    named: int = 0
    running: int = 0


class _Step(msgspec.Struct, frozen=True):
    """What names one resource to a command. Steps of equal ``prefix`` share one command line if it ``takes_many``."""

    prefix: tuple[str, ...]
    words: tuple[str, ...]
    takes_many: bool = False


class _Way(msgspec.Struct, frozen=True):
    """The gentle and, where there is one, the hard step for one resource."""

    stop: _Step
    harder: _Step | None = None


def stop_commands(anomaly: Anomaly, max_ids: int = 20) -> StopCommands:
    """Return the commands that stop what still runs of an anomaly; see ``commands_for``."""
    running = set(anomaly.running_ids)
    return commands_for([ref for ref in anomaly.resources if ref.resource_id in running], max_ids)


def commands_for(resources: Sequence[ResourceRef], max_ids: int) -> StopCommands:
    """Return the commands that stop ``resources``, naming the first ``max_ids`` of them that can be named.

    Resources of a kind we know no command for, and ids that AWS would never give out, are left out, so ``named`` may
    be 0 while ``running`` is not.

    >>> gpus = [ResourceRef("eu-west-1", "ec2", "p3.8xlarge", instance_id) for instance_id in ("i-0a1", "i-0a2")]
    >>> commands_for(gpus, max_ids=20).stop
    ('aws ec2 stop-instances --region eu-west-1 --instance-ids i-0a1 i-0a2',)
    >>> nat = ResourceRef("us-east-1", "ec2", "nat_gateway", "nat-0f")
    >>> commands_for([nat], max_ids=1).stop
    ('aws ec2 delete-nat-gateway --region us-east-1 --nat-gateway-id nat-0f',)
    """
    unique = dict.fromkeys(resources)
    ways = [way for ref in unique if (way := _find_way(ref)) is not None][:max_ids]
    return StopCommands(
        stop=_render(way.stop for way in ways),
        harder=_render(way.harder for way in ways if way.harder is not None),
        named=len(ways),
        running=len(unique),
    )


def _render(steps: Iterable[_Step]) -> tuple[str, ...]:
    """Write the command lines: one for all resources of a command that takes many, one each for others."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for step in steps:
        key = step.prefix if step.takes_many else step.prefix + step.words
        lines.setdefault(key, list(step.prefix)).extend(step.words)
    return tuple(shlex.join(words) for words in lines.values())


def _find_way(ref: ResourceRef) -> _Way | None:
    if not _REGION.fullmatch(ref.region):
        return None
    find = _WAYS.get(ref.service)
    return find(ref) if find is not None else None


def _find_ec2_way(ref: ResourceRef) -> _Way | None:
    if _INSTANCE.fullmatch(ref.resource_id):
        return _Way(
            stop=_aws_many(ref, "ec2 stop-instances", "--instance-ids", ref.resource_id),
            harder=_aws_many(ref, "ec2 terminate-instances", "--instance-ids", ref.resource_id),
        )
    if _NAT_GATEWAY.fullmatch(ref.resource_id):
        return _Way(stop=_aws(ref, "ec2 delete-nat-gateway", "--nat-gateway-id", ref.resource_id))
    return None


def _find_rds_way(ref: ResourceRef) -> _Way | None:
    """A database that was stopped is started by AWS again after seven days; deleting one is left to its owner."""
    match = _DATABASE.fullmatch(ref.resource_id)
    if match is None:
        return None
    if match["kind"] == "cluster" or "cluster" in ref.resource_type:
        return _Way(stop=_aws(ref, "rds stop-db-cluster", "--db-cluster-identifier", match["name"]))
    return _Way(stop=_aws(ref, "rds stop-db-instance", "--db-instance-identifier", match["name"]))


def _find_lambda_way(ref: ResourceRef) -> _Way | None:
    """Provisioned concurrency belongs to a version or alias; without one, only the calls can be stopped."""
    match = _FUNCTION.fullmatch(ref.resource_id)
    if match is None:
        return None
    block_calls = _aws(
        ref, "lambda put-function-concurrency --reserved-concurrent-executions 0", "--function-name", match["name"]
    )
    if match["version"] is None:
        return _Way(stop=block_calls)
    release = ("--function-name", match["name"], "--qualifier", match["version"])
    return _Way(stop=_aws(ref, "lambda delete-provisioned-concurrency-config", *release), harder=block_calls)


def _aws(ref: ResourceRef, command: str, *words: str) -> _Step:
    return _Step(("aws", *command.split(), "--region", ref.region), words)


def _aws_many(ref: ResourceRef, command: str, option: str, resource_id: str) -> _Step:
    return _Step(("aws", *command.split(), "--region", ref.region, option), (resource_id,), takes_many=True)


_WAYS: dict[str, Callable[[ResourceRef], _Way | None]] = {
    "ec2": _find_ec2_way,
    "rds": _find_rds_way,
    "lambda": _find_lambda_way,
}
