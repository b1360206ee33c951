"""``dd0c bench tracing``, very small: it takes every poll in every way, and exports what it says."""

import pytest

from bench.ingest.traffic import traffic
from bench.tracing.collector import collector
from bench.tracing.measure import NOTHING, NUMBERS, measure
from clients.prices import load_price_table


@pytest.mark.integration
async def test_every_way_takes_all_polls_and_is_compared(mongod_uri: str) -> None:
    told = traffic("000000000001", 50, 40)
    with collector() as endpoint:
        rows = await measure(mongod_uri, load_price_table(), told, endpoint=endpoint, ratios=(0.0, 1.0), batch=20)
    assert [(row.name, row.ratio) for row in rows] == [
        (NOTHING, -1.0),
        (NUMBERS, -1.0),
        ("0% of traces", 0.0),
        ("100% of traces", 1.0),
    ]
    assert all(row.cpu_us > 0 for row in rows)
    assert (rows[0].added_cpu, rows[0].added_time, rows[1].traced_cpu) == (0.0, 0.0, 0.0)
