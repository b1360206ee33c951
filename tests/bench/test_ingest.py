"""The benchmark of ingestion measures what it says: the same cost events on every way, and nothing for the rest."""

import pytest

from bench.ingest.measure import BARE, WAYS, measure
from bench.ingest.traffic import IRRELEVANT_PER_RELEVANT, noise, traffic
from clients.prices import load_price_table
from engine.cloudtrail.routing import find_owner
from services.intake import parse_batch

ACCOUNT = "000000000001"


def test_the_traffic_is_repeatable_in_order_and_bears_cost_in_one_record_of_six() -> None:
    told = traffic(ACCOUNT, 20, 60)
    assert told == traffic(ACCOUNT, 20, 60)
    batch = parse_batch(told.now, ACCOUNT)
    assert (batch.read, len(batch.records), batch.malformed) == (60 * (1 + IRRELEVANT_PER_RELEVANT), 60, 0)
    times = [events[0].event_time for events in batch.records]
    assert times == sorted(times)
    past = parse_batch(told.past, ACCOUNT).records
    assert len(past) == 20
    assert past[-1][0].event_time <= told.since < times[0]
    assert {find_owner(record) for record in noise(ACCOUNT, 100)} == {None}


@pytest.mark.integration
async def test_every_way_brings_the_cost_events_in_and_irrelevant_records_ask_nothing(mongod_uri: str) -> None:
    rows = await measure(mongod_uri, load_price_table(), [traffic(ACCOUNT, 20, 60)], rounds=1)
    assert [row.way for row in rows] == [BARE, *(way.name for way in WAYS)]
    assert all(row.cost_events_per_second > 0 for row in rows)
    assert [row.commands_of_irrelevant for row in rows] == [0, 0, 0, 0]
