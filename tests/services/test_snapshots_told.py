"""Snapshots that are made and deleted in other batches than what they are snapshots of, over a real ledger."""

from typing import Any

from engine.models.caution import CautionKind
from tests.services.world import ACCOUNT, TENANT, World, raw


def of_database(world: World, name: str, answer: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """A record of RDS, made of a launch's envelope."""
    changed = {"eventSource": "rds.amazonaws.com", "eventName": name, "requestParameters": asked}
    return {**world.launch(), **changed, "responseElements": {**asked, **answer}}


async def test_a_snapshot_is_heard_of_when_it_is_made_and_when_it_is_deleted(world: World) -> None:
    described = {"dBInstanceClass": "db.r5.24xlarge", "engine": "postgres", "allocatedStorage": 100}
    made = of_database(world, "CreateDBInstance", described, dBInstanceIdentifier="orders")
    named = {"dBSnapshotIdentifier": "nightly"}
    copied = of_database(world, "CreateDBSnapshot", {}, dBInstanceIdentifier="orders", **named)
    deleted = of_database(world, "DeleteDBSnapshot", {}, **named)
    told = []
    for record in (made, copied, deleted):
        await world.intake.ingest(TENANT, ACCOUNT, raw([record]))
        [anomaly] = [one for one in await world.anomalies() if one.lead.resource_type == "db.r5.24xlarge"]
        told.append([one.name for one in anomaly.cautions if one.kind is CautionKind.SNAPSHOT])
    assert told == [[], ["nightly"], []]


async def test_a_snapshot_whose_record_comes_first_is_known_of_its_database(world: World) -> None:
    described = {"dBInstanceClass": "db.r5.24xlarge", "engine": "postgres", "allocatedStorage": 100}
    made = of_database(world, "CreateDBInstance", described, dBInstanceIdentifier="orders")
    copied = of_database(world, "CreateDBSnapshot", {}, dBInstanceIdentifier="orders", dBSnapshotIdentifier="nightly")
    for record in (copied, made):
        await world.intake.ingest(TENANT, ACCOUNT, raw([record]))
    [anomaly] = [one for one in await world.anomalies() if one.lead.resource_type == "db.r5.24xlarge"]
    assert [one.name for one in anomaly.cautions if one.kind is CautionKind.SNAPSHOT] == ["nightly"]
