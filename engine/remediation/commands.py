"""How to stop what an anomaly started: AWS command lines for a person to run. Nothing here runs anything."""

import bisect
import re
import shlex
from collections.abc import Callable, Container, Iterable, Sequence

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
    more. ``named`` of ``running`` resources appear in them. ``listing`` finds what does not, one line a Region, among
    others of its kind; empty where all are named or no command is known.
    """

    stop: tuple[str, ...] = ()
    harder: tuple[str, ...] = ()
    named: int = 0
    running: int = 0
    listing: tuple[str, ...] = ()


class _Found(msgspec.Struct, frozen=True):
    """A resource that can be named, with the steps that stop it and the line that lists its kind."""

    ref: ResourceRef
    way: Way
    stop: Step | None
    harder: Step | None
    listing: str


def stop_commands(anomaly: Anomaly, fits: Callable[[StopCommands], bool] | None = None) -> StopCommands:
    """Return the commands that stop what still runs of an anomaly; see ``commands_for``."""
    running = set(anomaly.running_ids)
    return commands_for(anomaly.account_id, [ref for ref in anomaly.resources if ref.resource_id in running], fits)


def commands_for(
    account_id: str, resources: Sequence[ResourceRef], fits: Callable[[StopCommands], bool] | None = None
) -> StopCommands:
    """Return the commands that stop an account's ``resources``: all that can be named, or the first that ``fits``.

    Resources of a kind we know no command for, and ids that AWS would never give out, are left out, so ``named`` may
    be 0 while ``running`` is not.

    >>> gpus = [ResourceRef("eu-west-1", "ec2", "p3.8xlarge", instance_id) for instance_id in ("i-0a1", "i-0a2")]
    >>> commands_for("111122223333", gpus).stop
    ('aws ec2 stop-instances --region eu-west-1 --instance-ids i-0a1 i-0a2',)
    >>> commands_for("111122223333", gpus, fits=lambda commands: commands.named <= 1).stop
    ('aws ec2 stop-instances --region eu-west-1 --instance-ids i-0a1',)
    """
    unique = dict.fromkeys(resources)
    found = _with_clusters([one for ref in unique if (one := _find(account_id, ref)) is not None])
    every = _naming(len(found), found, len(unique))
    if fits is None or fits(every):
        return every
    # What fits is sought by halves: naming a thousand things a thousand times would take seconds.
    most = bisect.bisect_left(
        range(1, len(found)), True, key=lambda count: not fits(_naming(count, found, len(unique)))
    )
    return _naming(most, found, len(unique))


def _naming(most: int, found: Sequence[_Found], running: int) -> StopCommands:
    named, rest = found[:most], found[most:]
    return StopCommands(
        stop=_render(one.stop for one in named if one.stop is not None),
        harder=_render(one.harder for one in named if one.harder is not None),
        named=len(named),
        running=running,
        listing=tuple(dict.fromkeys(one.listing for one in rest if one.listing)),
    )


def _render(steps: Iterable[Step]) -> tuple[str, ...]:
    """Write the command lines: one for all resources of a command that takes many, one each for others."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for step in steps:
        key = step.prefix if step.takes_many else step.prefix + step.words
        lines.setdefault(key, list(step.prefix)).extend(step.words)
    return tuple(shlex.join(words) for words in lines.values())


def _find(account_id: str, ref: ResourceRef) -> _Found | None:
    """The first way that is for this resource; nothing for a Region that cannot be one."""
    if not _REGION.fullmatch(ref.region):
        return None
    for way in WAYS:
        filling = way.match(ref)
        if filling is not None:
            return _Found(ref, way, *way.steps(ref, {**filling, "account": account_id}), way.list_in(ref.region))
    return None


def _with_clusters(found: Sequence[_Found]) -> list[_Found]:
    """Where a cluster of databases is stopped, its members stop with it: deleting them is for when that is refused."""
    clusters = [one for one in found if one.way.stops_members]
    regions = {one.ref.region for one in clusters}
    # Clusters come first, so that no part of the list names members alone.
    return [*clusters, *(_beside(one, regions) for one in found if not one.way.stops_members)]


def _beside(one: _Found, regions: Container[str]) -> _Found:
    is_stopped = one.way.in_cluster and one.ref.region in regions
    return msgspec.structs.replace(one, stop=None, harder=one.stop) if is_stopped else one
