"""Records in any order, again and again, hours late: what happened and what runs are the same, and where nobody is told
of anything so is what is learned."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest

from demo.aws_account.records import Record
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.services.world import ACCOUNT, DEPLOY, HOUR, MINUTE, REGIONS, TENANT, World, furnished
from tests.store.conftest import RETENTION_DAYS

LAUNCHES = 12


@asynccontextmanager
async def new_world() -> AsyncIterator[World]:
    yield await furnished(Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS))


def story(world: World) -> list[Record]:
    """Six hours of small launches of two types, most of which end."""
    records = []
    for number in range(LAUNCHES):
        kind, region = ("t3.small", "t3.large")[number % 2], REGIONS[number % 2]
        launched = world.launch(1, kind, ago=6 * HOUR - number * 20 * MINUTE, actor=DEPLOY, region=region)
        records.append(launched)
        if number % 3:
            records.append(world.terminate(launched, ago=6 * HOUR - number * 20 * MINUTE - 15 * MINUTE))
    return records


async def exact(world: World, records: Sequence[Record]) -> dict[str, Any]:
    """What does not depend on any order."""
    baseline = await world.baseline()
    ids = [record["eventID"] for record in records]
    events = await world.store.anomalies.find_cost_events(TENANT, ACCOUNT, ids)
    return {
        "learned": [baseline.types, baseline.pairs, baseline.actors, baseline.regions, baseline.launches],
        "levels": [baseline.levels, baseline.unit_levels],
        "observed": [baseline.events, baseline.first_event_time, baseline.last_event_time],
        "happened": [(event.event_id, event.part, event.change) for event in events],
        "waited for": baseline.watched,
        "running": await world.store.spending.sum_running(TENANT),
    }


@pytest.mark.parametrize("seed", range(12))
async def test_what_happened_and_runs_and_is_learned_is_the_same_in_any_order(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - orders to try, no secrets
    async with new_world() as ordered, new_world() as shuffled:
        records = story(ordered)
        await ordered.ingest(*records)
        assert [one for one in await ordered.anomalies() if one.decision.kind == "alert"] == []
        arriving = [*records, *rng.choices(records, k=len(records))]
        rng.shuffle(arriving)
        while arriving:
            size = rng.randint(1, 6)
            batch, arriving = arriving[:size], arriving[size:]
            await shuffled.ingest(*batch)
        assert await exact(shuffled, records) == await exact(ordered, records)
