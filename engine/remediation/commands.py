"""How to stop what an anomaly started: AWS command lines for a person to run. Nothing here runs anything."""

import re
import shlex
from collections.abc import Iterable, Sequence

import msgspec

from engine.models.anomaly import Anomaly, ResourceRef
from engine.remediation import compute, data_stores, machine_learning, storage_and_network, streams_and_jobs
from engine.remediation.way import Step, Way

_REGION = re.compile(r"[a-z]{2,4}(-[a-z0-9]{1,20}){1,4}")
WAYS: tuple[Way, ...] = (
    *compute.WAYS,
    *data_stores.WAYS,
    *machine_learning.WAYS,
    *storage_and_network.WAYS,
    *streams_and_jobs.WAYS,
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
    found = [steps for ref in unique if (steps := _find_steps(ref)) is not None][:max_ids]
    return StopCommands(
        stop=_render(stop for stop, _ in found),
        harder=_render(harder for _, harder in found if harder is not None),
        named=len(found),
        running=len(unique),
    )


def _render(steps: Iterable[Step]) -> tuple[str, ...]:
    """Write the command lines: one for all resources of a command that takes many, one each for others."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for step in steps:
        key = step.prefix if step.takes_many else step.prefix + step.words
        lines.setdefault(key, list(step.prefix)).extend(step.words)
    return tuple(shlex.join(words) for words in lines.values())


def _find_steps(ref: ResourceRef) -> tuple[Step, Step | None] | None:
    """The first way that is for this resource; nothing for a Region that cannot be one."""
    if not _REGION.fullmatch(ref.region):
        return None
    for way in WAYS:
        filling = way.match(ref)
        if filling is not None:
            return way.steps(ref, filling)
    return None
