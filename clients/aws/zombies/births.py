"""Asks CloudWatch about a few resources that are hours old, and nothing else."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from clients.aws.pacing import Pacer
from clients.aws.roles import Roles
from clients.aws.zombies.asker import Asker, Bounds
from clients.aws.zombies.checking import NOT_UNDERSTOOD, not_understood
from clients.aws.zombies.metrics import QUERIES_AT_ONCE, Query, window_end, written
from engine.errors import Unavailable, UpstreamError
from engine.models.account import AwsAccount
from engine.zombies.birth import birth_needs
from engine.zombies.models import Described, Need, Series

_HOUR_SECONDS = 3600
_LONGEST = timedelta(hours=50)
# What boots computes and loads things by itself; that is no use.
_SETTLING = timedelta(hours=1)
_CALLS_AT_ONCE = 4


class BirthLooks:
    """Nothing it calls changes anything."""

    def __init__(self, roles: Roles, pacer: Pacer) -> None:
        self._roles = roles
        self._pacer = pacer

    async def measure_births(
        self, account: AwsAccount, region: str, resources: Sequence[Described], now: datetime
    ) -> Mapping[tuple[str, str], Mapping[str, Series]]:
        """Give one value for the whole life, but its first hour, of each metric by (kind, id).

        Raises the errors of ``engine.errors``.
        """
        bounds = Bounds(self._pacer, asyncio.Semaphore(_CALLS_AT_ONCE))
        seen: dict[tuple[str, str], dict[str, list[float]]] = {}
        async with Asker(self._roles, bounds, account, region, now) as asker:
            try:
                queries = [one for resource in resources for one in await _queries(asker, resource)]
                for first in range(0, len(queries), QUERIES_AT_ONCE):
                    await _ask(asker, queries[first : first + QUERIES_AT_ONCE], seen)
            except NOT_UNDERSTOOD as error:
                raise Unavailable(not_understood(error), code="malformed") from error
        needs = {resource.kind: {need.name: need for need in birth_needs(resource.kind)} for resource in resources}
        return {
            key: {name: Series((_over_life(needs[key[0]][name], values),)) for name, values in named.items()}
            for key, named in seen.items()
        }


async def _queries(asker: Asker, resource: Described) -> list[tuple[Described, Query]]:
    if not resource.dimensions:
        resource = await _with_variants(asker, resource)
    return [
        (resource, Query(resource.resource_id, need, dimensions))
        for need in birth_needs(resource.kind)
        for dimensions in resource.dimensions
    ]


async def _with_variants(asker: Asker, resource: Described) -> Described:
    """CloudWatch knows a model's endpoint by its variants only. Of one that serves nothing yet none is asked."""
    try:
        answer = await asker.call("sagemaker", "describe_endpoint", EndpointName=resource.resource_id)
    except UpstreamError:
        return resource
    live = answer.get("ProductionVariants", []) if answer.get("EndpointStatus") == "InService" else []
    names = [one["VariantName"] for one in live]
    parts = tuple((("EndpointName", resource.resource_id), ("VariantName", name)) for name in names)
    return msgspec.structs.replace(resource, dimensions=parts)


async def _ask(
    asker: Asker,
    queries: Sequence[tuple[Described, Query]],
    seen: dict[tuple[str, str], dict[str, list[float]]],
) -> None:
    end = window_end(asker.now)
    parameters: dict[str, Any] = {
        "MetricDataQueries": [written(number, one, _HOUR_SECONDS) for number, (_, one) in enumerate(queries)],
        "StartTime": end - _LONGEST,
        "EndTime": end,
    }
    for resource, query in queries:
        seen.setdefault((resource.kind, resource.resource_id), {}).setdefault(query.need.name, [])
    async for page in asker.pages("cloudwatch", "get_metric_data", "MetricDataResults", **parameters):
        for result in page:
            resource, query = queries[int(result["Id"][1:])]
            values = seen[resource.kind, resource.resource_id][query.need.name]
            points = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
            values += [value for at, value in points if _counts(resource, at, value)]


def _counts(resource: Described, at: datetime, value: float) -> bool:
    return resource.created_at is not None and at >= resource.created_at + _SETTLING and math.isfinite(value)


def _over_life(need: Need, values: Sequence[float]) -> float | None:
    """What happens is added up, of what is measured the most counts; None where nothing is known.

    >>> need = birth_needs("instance")[0]
    >>> need.statistic, _over_life(need, [1.0, 4.0]), _over_life(need, [])
    ('Maximum', 4.0, None)
    """
    if not values:
        return None
    return sum(values) if need.statistic == "Sum" else max(values)
