"""Clusters, proxies and snapshots of databases."""

from typing import Any

import pytest
from hypothesis import given

from engine.errors import MalformedRecord
from engine.examples import incident
from engine.models.cost_event import Change
from engine.remediation import stop_commands
from engine.remediation.preflight import storing
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, STOP, Trail, said

ARN = "arn:aws:rds:eu-west-1:111122223333"
AURORA = {"dBClusterIdentifier": "orders", "engine": "aurora-postgresql", "engineMode": "provisioned"}
SERVERLESS = {**AURORA, "serverlessV2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 64}}
MULTI_AZ = {
    "dBClusterIdentifier": "orders",
    "engine": "postgres",
    "dBClusterInstanceClass": "db.m6gd.large",
    "allocatedStorage": 100,
    "storageType": "io1",
}
MEMBERS = {**AURORA, "dBClusterMembers": [{"dBInstanceIdentifier": "orders"}, {"dBInstanceIdentifier": "orders-2"}]}
SNAPSHOT = {"dBSnapshotIdentifier": "nightly", "dBInstanceIdentifier": "orders", "engine": "mysql"}
RECORDS = [
    record("rds", "CreateDBCluster", SERVERLESS, {**SERVERLESS, "allocatedStorage": 1}),
    record("rds", "CreateDBCluster", MULTI_AZ, MULTI_AZ),
    record("rds", "ModifyDBCluster", SERVERLESS),
    record("rds", "StartDBCluster", AURORA, MEMBERS),
    record("rds", "CreateDBProxy", {"dBProxyName": "pool"}, {"dBProxy": {"dBProxyName": "pool"}}),
    record("rds", "CreateDBSnapshot", SNAPSHOT, {**SNAPSHOT, "allocatedStorage": 20}),
    record(
        "rds", "CopyDBClusterSnapshot", {"sourceDBClusterSnapshotIdentifier": "a"}, {"dBClusterSnapshotIdentifier": "b"}
    ),
]


@pytest.mark.parametrize(
    ("fields", "resource_type", "usage"),
    [
        (AURORA, "db_cluster", {"rds/idle/cluster": 1}),
        (SERVERLESS, "aurora_serverless_v2", {"aurora/acu": 0.5}),
        (MULTI_AZ, "db.m6gd.large", {"rds/postgres/db.m6gd.large/single": 3, "rds/storage/io1/gb": 300}),
    ],
)
@pytest.mark.parametrize("name", ["CreateDBCluster", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"])
def test_a_cluster_costs_what_its_members_do_not_tell(
    name: str, fields: Record, resource_type: str, usage: dict[str, float]
) -> None:
    answer = {**fields, "dBClusterArn": f"{ARN}:cluster:orders"}
    assert said(record("rds", name, fields, answer)) == (START, resource_type, ("cluster:orders",), usage)
    assert said(record("rds", name, fields, None)) == (START, resource_type, ("cluster:orders",), usage)


def test_serverless_capacity_is_labelled_with_its_maximum() -> None:
    (event,) = parse_record(record("rds", "CreateDBCluster", SERVERLESS))
    assert event.labels == ("up to 64 ACUs",)


def test_serverless_capacity_is_counted_with_the_cluster_and_not_again_with_its_members() -> None:
    trail = Trail("rds")
    trail.call("CreateDBCluster", SERVERLESS, SERVERLESS)
    member = {"dBInstanceIdentifier": "one", "dBInstanceClass": "db.serverless", "dBClusterIdentifier": "orders"}
    created = trail.call("CreateDBInstance", member, {**member, "engine": "aurora-postgresql"})
    assert (created.resource_type, created.hourly_cost) == ("db.serverless", 0.0)
    assert trail.running == {"cluster:orders": 0.5}


def test_capacity_that_may_pause_costs_nothing_at_least() -> None:
    fields = {**AURORA, "serverlessV2ScalingConfiguration": {"minCapacity": 0, "maxCapacity": 8}}
    assert said(record("rds", "CreateDBCluster", fields))[3] == {"aurora/acu": 0}


@pytest.mark.parametrize(
    "fields", [{"backupRetentionPeriod": 7}, {"deletionProtection": False}, {"engineVersion": "15.4"}]
)
def test_most_modifications_cost_nothing(fields: Record) -> None:
    assert parse_record(record("rds", "ModifyDBCluster", {**fields, "dBClusterIdentifier": "orders"}, SERVERLESS)) == ()


def test_capacity_can_be_changed() -> None:
    wanted = {
        "dBClusterIdentifier": "orders",
        "serverlessV2ScalingConfiguration": {"minCapacity": 8, "maxCapacity": 128},
    }
    change = said(record("rds", "ModifyDBCluster", wanted, SERVERLESS))
    assert change == (MODIFY, "aurora_serverless_v2", ("cluster:orders",), {"aurora/acu": 8})


def test_a_cluster_stops_and_starts_with_its_members() -> None:
    trail = Trail("rds")
    trail.call("CreateDBCluster", SERVERLESS, SERVERLESS)
    for name in ("orders", "orders-2"):
        trail.call(
            "CreateDBInstance",
            {"dBInstanceIdentifier": name, "dBInstanceClass": "db.r6g.large", "dBClusterIdentifier": "orders"},
            {"dBInstanceIdentifier": name, "engine": "aurora-postgresql"},
        )
    before = trail.running
    assert before == {"cluster:orders": 0.5, "orders": 1.0, "orders-2": 1.0}
    trail.call("StopDBCluster", AURORA, MEMBERS)
    assert trail.running == {}
    trail.call("StartDBCluster", AURORA, MEMBERS)
    assert trail.running == before


@pytest.mark.parametrize(
    ("engine", "db_class", "command"),
    [
        ("aurora-postgresql", "db.r6g.large", "delete-db-instance"),
        ("aurora-mysql", "db.serverless", "delete-db-instance"),
        ("docdb", "db.t3.medium", "delete-db-instance"),
        ("neptune", "db.r6g.large", "delete-db-instance"),
        ("postgres", "db.r6g.large", "stop-db-instance"),
    ],
)
def test_a_member_of_a_cluster_gets_no_command_that_aws_refuses(engine: str, db_class: str, command: str) -> None:
    fields = {"dBInstanceIdentifier": "orders-1", "dBInstanceClass": db_class, "engine": engine}
    (event,) = parse_record(record("rds", "CreateDBInstance", fields, fields))
    line = f"aws rds {command} --region eu-west-1 --db-instance-identifier orders-1"
    assert stop_commands(incident(event)).stop == (line,)


@pytest.mark.parametrize(("engine", "stores"), [("aurora-postgresql", 0), ("postgres", 1)])
def test_a_member_of_a_cluster_has_no_data_of_its_own_to_lose(engine: str, stores: int) -> None:
    fields = {"dBInstanceIdentifier": "orders-1", "dBInstanceClass": "db.r6g.large", "engine": engine}
    (event,) = parse_record(record("rds", "CreateDBInstance", fields, fields))
    assert len(storing(incident(event))) == stores


@pytest.mark.parametrize("name", ["orders", f"{ARN}:cluster:orders"])
def test_a_deletion_ends_the_cluster_and_not_the_member_of_its_name(name: str) -> None:
    assert said(record("rds", "DeleteDBCluster", {"dBClusterIdentifier": name})) == (
        STOP,
        "db_cluster",
        ("cluster:orders",),
        {},
    )


def test_a_proxy_is_of_unknown_price_until_it_is_deleted() -> None:
    trail = Trail("rds")
    answer = {"dBProxy": {"dBProxyName": "pool", "dBProxyArn": f"{ARN}:db-proxy:prx-1"}}
    trail.call("CreateDBProxy", {"dBProxyName": "pool"}, answer)
    assert trail.running == {"db-proxy:pool": None}
    trail.call("DeleteDBProxy", {"dBProxyName": "pool"}, answer)
    assert trail.running == {}


def test_a_snapshot_costs_at_most_the_size_of_its_database() -> None:
    (event,) = parse_record(record("rds", "CreateDBSnapshot", SNAPSHOT, {**SNAPSHOT, "allocatedStorage": 20}))
    assert event.labels == ("upper bound",)
    assert {one.sku: one.amount for one in event.usage} == {"rds/snapshot/gb": 20}


@pytest.mark.parametrize("engine", ["aurora-mysql", "docdb", "neptune"])
def test_the_size_told_of_storage_that_grows_is_not_believed(engine: str) -> None:
    answer = {"dBClusterSnapshotIdentifier": "nightly", "engine": engine, "allocatedStorage": 1}
    assert said(record("rds", "CreateDBClusterSnapshot", answer, answer))[2:] == (("cluster-snapshot:nightly",), {})


@pytest.mark.parametrize("source", ["nightly", f"{ARN}:snapshot:nightly"])
def test_a_copy_is_as_large_as_what_it_was_made_of(source: str) -> None:
    trail = Trail("rds")
    trail.call("CreateDBSnapshot", SNAPSHOT, {**SNAPSHOT, "allocatedStorage": 20})
    asked = {"sourceDBSnapshotIdentifier": source, "targetDBSnapshotIdentifier": "kept"}
    copied = trail.call("CopyDBSnapshot", asked, {"dBSnapshotIdentifier": "kept", "status": "copying"})
    assert (copied.resource_type, copied.resource_ids, copied.hourly_cost) == ("db_snapshot", ("snapshot:kept",), 20.0)
    trail.call("DeleteDBSnapshot", {"dBSnapshotIdentifier": "nightly"})
    assert trail.running == {"snapshot:kept": 20.0}


def test_a_copy_of_what_was_never_seen_is_of_unknown_price() -> None:
    asked = {"sourceDBSnapshotIdentifier": "old", "targetDBSnapshotIdentifier": "kept"}
    assert Trail("rds").call("CopyDBSnapshot", asked).hourly_cost is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [("CreateDBCluster", None), ("CreateDBProxy", {"dBProxy": {}}), ("CopyDBSnapshot", {"status": "copying"})],
)
def test_what_names_nothing_is_malformed(name: str, answer: Any) -> None:
    with pytest.raises(MalformedRecord, match=name):
        parse_record(record("rds", name, {}, answer))


@pytest.mark.parametrize("name", ["RebootDBCluster", "RebootDBInstance", "FailoverDBCluster"])
def test_a_reboot_changes_no_cost(name: str) -> None:
    assert parse_record(record("rds", name, {"dBClusterIdentifier": "orders", "dBInstanceIdentifier": "orders"})) == ()


def test_a_cluster_snapshot_is_another_thing_than_a_snapshot() -> None:
    (event,) = parse_record(record("rds", "DeleteDBClusterSnapshot", {"dBClusterSnapshotIdentifier": "nightly"}))
    assert (event.change, event.resource_ids) == (Change.STOP, ("cluster-snapshot:nightly",))


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
