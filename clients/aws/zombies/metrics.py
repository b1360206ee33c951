"""CloudWatch's metrics of many resources, 500 queries to a call."""

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from clients.aws.zombies.asker import Asker
from engine.zombies.judging import needs_of
from engine.zombies.models import Described, Dimensions, Need, Series
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds

QUERIES_AT_ONCE = 500
DAYS = 32
_DAY_SECONDS = 86_400
_ROUNDED_MINUTES = 5
_DAY = timedelta(days=1)


class Query(msgspec.Struct, frozen=True):
    """One metric of one part of one resource."""

    resource_id: str
    need: Need
    dimensions: Dimensions


async def measure(
    asker: Asker, resources: Iterable[Described], limits: Thresholds
) -> Mapping[str, Mapping[str, Series]]:
    """Give what the rules need, by resource id and the needs' names; what CloudWatch does not answer is left out."""
    queries = [
        Query(resource.resource_id, need, dimensions)
        for resource in resources
        for need in needs_of(Look(resource, {}, asker.now, limits))
        for dimensions in resource.dimensions
    ]
    few = [queries[first : first + QUERIES_AT_ONCE] for first in range(0, len(queries), QUERIES_AT_ONCE)]
    values: dict[str, dict[str, list[float | None]]] = {}
    for answered in await asyncio.gather(*(_ask(asker, some) for some in few)):
        for query, days in answered:
            _add(values.setdefault(query.resource_id, {}), query.need.name, days)
    return {
        resource_id: {name: Series(tuple(days)) for name, days in named.items()}
        for resource_id, named in values.items()
    }


async def _ask(asker: Asker, queries: Sequence[Query]) -> list[tuple[Query, list[float | None]]]:
    days: list[list[float | None]] = [[None] * DAYS for _ in queries]
    end = window_end(asker.now)
    parameters: dict[str, Any] = {
        "MetricDataQueries": [written(number, query, _DAY_SECONDS) for number, query in enumerate(queries)],
        "StartTime": end - DAYS * _DAY,
        "EndTime": end,
    }
    async for page in asker.pages("cloudwatch", "get_metric_data", "MetricDataResults", **parameters):
        for result in page:
            fill(days[int(result["Id"][1:])], end, result.get("Timestamps", []), result.get("Values", []))
    return list(zip(queries, days, strict=True))


def written(number: int, query: Query, period: int) -> dict[str, Any]:
    """One question of GetMetricData; ``period`` is in seconds."""
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions]
    metric = {"Namespace": query.need.namespace, "MetricName": query.need.metric, "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": period, "Stat": query.need.statistic}
    return {"Id": f"q{number}", "MetricStat": stat, "ReturnData": True}


def window_end(now: datetime) -> datetime:
    """The last moment that CloudWatch does not round, which would shift all days: it goes by five minutes.

    >>> window_end(datetime(2026, 3, 10, 12, 34, 56)).isoformat()
    '2026-03-10T12:30:00'
    """
    return now.replace(minute=now.minute // _ROUNDED_MINUTES * _ROUNDED_MINUTES, second=0, microsecond=0)


def fill(days: list[float | None], end: datetime, timestamps: Sequence[datetime], values: Sequence[float]) -> None:
    """Put each value into its day; a point's time is when its day began.

    >>> from datetime import UTC
    >>> end, days = datetime(2026, 3, 10, tzinfo=UTC), [None] * 3
    >>> fill(days, end, [end - timedelta(days=1), end - timedelta(days=3)], [1.0, 3.0])
    >>> days
    [1.0, None, 3.0]
    """
    for timestamp, value in zip(timestamps, values, strict=False):
        day = math.ceil((end - timestamp) / _DAY) - 1
        if 0 <= day < len(days) and math.isfinite(value):
            days[day] = (days[day] or 0.0) + value


def _add(named: dict[str, list[float | None]], name: str, days: list[float | None]) -> None:
    """Parts are added up; a day that is missing for one part alone counts by the others."""
    known = named.setdefault(name, days)
    if known is not days:
        named[name] = [one if other is None else (one or 0.0) + other for one, other in zip(known, days, strict=True)]
