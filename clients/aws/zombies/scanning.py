"""Looks at all of an account, Regions and services side by side, what fails apart from what does not."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from clients.aws.zombies import (
    backups,
    balancers,
    caches,
    classic_balancers,
    computing,
    databases,
    ec2,
    models,
    streams,
)
from clients.aws.zombies.asker import Asker, Bounds, tags_in
from clients.aws.zombies.checking import NOT_UNDERSTOOD, checked, not_understood
from clients.aws.zombies.ec2 import Found
from clients.aws.zombies.metrics import measure
from engine.errors import Unavailable, UpstreamError
from engine.models.account import AwsAccount
from engine.role_problems import OFF_CODES, region_off
from engine.zombies.judging import needs_of
from engine.zombies.models import Batch, Covered, Described, Trouble
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds

CALLS_AT_ONCE = 40
CALLS_PER_SECOND = 10.0
_REGIONS_AT_ONCE = 3
# Batches that wait to be judged: enough that nobody waits, few enough that memory stays flat.
_BATCHES_AHEAD = 16
_TAGGED = (
    "bedrock",
    "dynamodb:table",
    "ecs",
    "elasticache",
    "elasticloadbalancing:loadbalancer",
    "elasticmapreduce:cluster",
    "es:domain",
    "kinesis:stream",
    "lambda:function",
    "logs:log-group",
    "sagemaker",
)

Family = Callable[[Asker], Found]
# Those on one line need what the line before noted.
FAMILIES: Sequence[Mapping[str, Family]] = (
    {"instances": ec2.instances},
    {
        "volumes": ec2.volumes,
        "addresses": ec2.addresses,
        "images": backups.images,
        "NAT gateways": ec2.nat_gateways,
        "endpoints": ec2.endpoints,
        "load balancers": balancers.balancers,
        "classic load balancers": classic_balancers.classic_balancers,
        "databases": databases.databases,
        "database snapshots": backups.database_snapshots,
        "warehouses": databases.warehouses,
        "caches": caches.caches,
        "search domains": databases.search_domains,
        "tables": databases.tables,
        "ECS": computing.ecs,
        "EKS": computing.eks,
        "provisioned concurrency": computing.concurrency,
        "EMR": computing.emr,
        "model endpoints": models.model_endpoints,
        "notebooks": models.notebooks,
        "model throughput": models.throughputs,
        "streams": streams.streams,
        "MSK": streams.brokers,
        "log groups": streams.log_groups,
    },
    {"snapshots": backups.snapshots},
)

Piece = Batch | Covered | Trouble


class ZombieLooks:
    """Describes and measures; nothing it calls changes anything."""

    def __init__(self, roles: Roles, pacer: Pacer) -> None:
        self._roles = roles
        self._pacer = pacer

    async def look(
        self, account: AwsAccount, regions: Sequence[str], now: datetime, limits: Thresholds
    ) -> AsyncGenerator[Piece, None]:
        """Yield what there is, in any order; each family of each Region ends with Covered or Trouble."""
        ready: asyncio.Queue[Piece | None] = asyncio.Queue(_BATCHES_AHEAD)
        bounds, regions_at_once = (
            Bounds(self._pacer, asyncio.Semaphore(CALLS_AT_ONCE)),
            asyncio.Semaphore(_REGIONS_AT_ONCE),
        )

        async def one_region(region: str) -> None:
            async with regions_at_once, Asker(self._roles, bounds, account, region, now) as asker:
                await _region(asker, limits, ready)

        async def every_region() -> None:
            async with asyncio.TaskGroup() as tasks:
                for region in regions:
                    tasks.create_task(one_region(region))
            await ready.put(None)

        working = asyncio.create_task(every_region())
        working.add_done_callback(lambda _: _wake(ready))
        try:
            while not (working.done() and ready.empty()) and (piece := await ready.get()) is not None:
                yield piece
            await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def _wake(ready: asyncio.Queue[Piece | None]) -> None:
    """Whoever waits must learn of a fault, even where nothing more comes."""
    if not ready.full():
        ready.put_nowait(None)


async def _region(asker: Asker, limits: Thresholds, ready: asyncio.Queue[Piece | None]) -> None:
    try:
        asker.seen.tags = await _read_tags(asker)
    except UpstreamError as error:
        if error.code in OFF_CODES:
            # Whatever else would be asked there would be answered alike, in tens of troubles.
            await ready.put(Trouble(asker.region, "everything", region_off(asker.region).text))
            return
        await ready.put(Trouble(asker.region, "tags", str(error)))
    except NOT_UNDERSTOOD as error:
        await ready.put(Trouble(asker.region, "tags", not_understood(error)))
    for stage in FAMILIES:
        async with asyncio.TaskGroup() as tasks:
            for name, family in stage.items():
                tasks.create_task(_family(asker, name, family, limits, ready))


async def _family(
    asker: Asker, name: str, family: Family, limits: Thresholds, ready: asyncio.Queue[Piece | None]
) -> None:
    """One that fails ends alone; what it had found by then counts."""
    refused: UpstreamError | None = None
    try:
        async for resources in family(asker):
            batch, error = await _measured(asker, name, checked(resources), limits)
            refused = refused or error
            if batch.resources:
                await ready.put(batch)
    except UpstreamError as error:
        await ready.put(Trouble(asker.region, name, str(error)))
    except NOT_UNDERSTOOD as error:
        await ready.put(Trouble(asker.region, name, not_understood(error)))
    else:
        ended = Covered(asker.region, name) if refused is None else Trouble(asker.region, name, str(refused))
        await ready.put(ended)


async def _measured(
    asker: Asker, name: str, resources: Sequence[Described], limits: Thresholds
) -> tuple[Batch, UpstreamError | None]:
    """Resources with their metrics; where CloudWatch gives none, those that are judged without any."""
    batch = Batch(region=asker.region, family=name, resources=tuple(resources))
    try:
        return msgspec.structs.replace(batch, series=await measure(asker, resources, limits)), None
    except UpstreamError as error:
        refused = error
    except NOT_UNDERSTOOD as error:
        refused = Unavailable(not_understood(error), code="malformed")
    looks = (Look(one, {}, asker.now, limits) for one in resources)
    without = tuple(look.resource for look in looks if not look.resource.dimensions or not needs_of(look))
    return msgspec.structs.replace(batch, resources=without), refused


async def _read_tags(asker: Asker) -> Mapping[str, Mapping[str, str]]:
    """The tags of what does not tell them in its description, read once."""
    tags: dict[str, Mapping[str, str]] = {}
    async for page in asker.pages(
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        follow="PaginationToken",
        ResourcesPerPage=100,
        ResourceTypeFilters=list(_TAGGED),
    ):
        tags.update({one["ResourceARN"]: tags_in(one.get("Tags")) for one in page})
    # What is odd about a tag ends no family that has it.
    return msgspec.convert(tags, dict[str, dict[str, str]])
