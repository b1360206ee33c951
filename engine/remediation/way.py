"""One way to stop one kind of thing: which ids it is for, and the AWS commands that name one."""

import re
import shlex

import msgspec

from engine.models.anomaly import ResourceRef

_APART = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


class Step(msgspec.Struct, frozen=True):
    """What names one resource to a command. Steps of equal ``prefix`` share one command line if it ``takes_many``."""

    prefix: tuple[str, ...]
    words: tuple[str, ...]
    takes_many: bool = False


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a family's table.

    Attributes:
        service: the event source without ``.amazonaws.com``.
        pattern: what a resource id must be in full; its named groups fill the commands, besides ``{account}``,
            ``{region}`` and ``{partition}``.
        stop: the gentlest AWS command (without ``aws``) that ends the cost, such as ``rds stop-db-instance
            --db-instance-identifier {name}``.
        harder: the command for when that is refused or not enough; it loses more.
        takes_many: whether the last word may be repeated for many resources.
        resource_type: what the resource type must contain.
        listing: the command that lists what runs of this kind in a Region, for what comes in hundreds.
        in_cluster: whether this is only for members of a cluster of databases; they need no step of their own where
            another way with ``stops_members`` stops a cluster of the same Region.
        memory_only: whether this is only for caches of which there can be no snapshot.
    """

    service: str
    pattern: re.Pattern[str]
    stop: str
    harder: str = ""
    takes_many: bool = False
    resource_type: str = ""
    listing: str = ""
    in_cluster: bool = False
    stops_members: bool = False
    memory_only: bool = False

    def match(self, ref: ResourceRef) -> dict[str, str] | None:
        """Give what fills the commands, or None if this way is not for that resource.

        >>> way = Way(service="eks", pattern=re.compile("(?P<name>[a-z]+)"), stop="eks delete-cluster --name {name}")
        >>> way.match(ResourceRef("eu-west-1", "eks", "eks_cluster", "shop"))
        {'name': 'shop'}
        """
        found = self.pattern.fullmatch(ref.resource_id)
        if found is None or ref.service != self.service or self.resource_type not in ref.resource_type:
            return None
        if self.in_cluster > ref.in_cluster or self.memory_only > ref.memory_only:
            return None
        return {name: value for name, value in found.groupdict().items() if value is not None}

    def steps(self, ref: ResourceRef, filling: dict[str, str]) -> tuple[Step, Step | None]:
        """Give the gentle and, where there is one, the hard step for a resource that matched.

        >>> way = Way(service="eks", pattern=re.compile(""), stop="eks delete-cluster --name {partition}/{region}")
        >>> way.steps(ResourceRef("us-gov-west-1", "eks", "eks_cluster", ""), {})[0].words
        ('--name', 'aws-us-gov/us-gov-west-1')
        """
        filling = {**filling, "region": ref.region, "partition": _partition(ref.region)}
        harder = _step(self.harder, ref.region, filling, takes_many=self.takes_many) if self.harder else None
        return _step(self.stop, ref.region, filling, takes_many=self.takes_many), harder

    def list_in(self, region: str) -> str:
        """Give the shell line that lists what runs of this kind in a Region; empty where none is known."""
        if not self.listing:
            return ""
        service, operation, *options = self.listing.split()
        return shlex.join(("aws", service, operation, "--region", region, *options))


def _partition(region: str) -> str:
    """What ARNs of a Region begin with: China and the US government have an AWS of their own."""
    return next((name for start, name in _APART.items() if region.startswith(start)), "aws")


def _step(command: str, region: str, filling: dict[str, str], *, takes_many: bool) -> Step:
    """A command is cut into words before it is filled, so that what fills it can never become two words."""
    service, operation, *options = (word.format(**filling) for word in command.split())
    prefix = ("aws", service, operation, "--region", region)
    return (
        Step((*prefix, *options[:-1]), tuple(options[-1:]), takes_many) if takes_many else Step(prefix, tuple(options))
    )
