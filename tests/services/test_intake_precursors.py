"""Precursors on their way in: noted once, never an alert, and a word on the incident they came before."""

import json
from typing import Any

import pytest

from engine.models.account import GovernanceMode
from engine.models.anomaly import DecisionKind
from engine.models.precursor import PrecursorKind
from engine.precursors import is_precursor
from tests.services.world import ACCOUNT, MINUTE, TENANT, World, raw


def failed(world: World, minutes_ago: int) -> dict[str, Any]:
    launch = world.launch(ago=minutes_ago * MINUTE)
    return {**launch, "errorCode": "Client.VcpuLimitExceeded", "responseElements": None}


async def test_failed_launches_are_one_finding_however_they_arrive(world: World) -> None:
    await world.change_account(mode=GovernanceMode.AUDIT)
    failures = raw([failed(world, minutes) for minutes in (9, 6, 3)])
    for batch in (failures[:1], failures[1:], failures):
        report = await world.intake.ingest(TENANT, ACCOUNT, batch)
        assert report.cost_events == 0
    (finding,) = await world.anomalies()
    assert is_precursor(finding)
    assert len(finding.event_ids) == 3
    assert finding.decision.kind is DecisionKind.DIGEST
    assert len((await world.digests.last_day(TENANT)).findings) == 1


async def test_a_known_precursor_writes_nothing(world: World) -> None:
    failure = raw([failed(world, 3)])
    first = await world.intake.ingest(TENANT, ACCOUNT, failure)
    again = await world.intake.ingest(TENANT, ACCOUNT, failure)
    assert (first.anomalies, again.anomalies) == (1, 0)


@pytest.mark.parametrize("together", [True, False])
async def test_an_incident_tells_of_failures_before_it(world: World, *, together: bool) -> None:
    records = raw([world.launch(), *(failed(world, minutes) for minutes in (9, 6, 3))])
    for batch in [records] if together else [records[1:], records[:1]]:
        await world.intake.ingest(TENANT, ACCOUNT, batch)
    (incident,) = [one for one in await world.anomalies() if not is_precursor(one)]
    assert incident.decision.kind is DecisionKind.ALERT
    assert [signal.name for signal in incident.signals if signal.name == PrecursorKind.FAILED_LAUNCH]


async def test_a_precursor_of_another_account_is_malformed(world: World) -> None:
    foreign = json.dumps({**failed(world, 3), "recipientAccountId": "999999999999"}).encode()
    report = await world.intake.ingest(TENANT, ACCOUNT, [foreign])
    assert (report.malformed, await world.anomalies()) == (1, [])
