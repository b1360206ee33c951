"""Warehouses by node, workgroups by capacity."""

import pytest
from hypothesis import given

from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, Trail, said

CLUSTER = {"clusterIdentifier": "dw", "nodeType": "ra3.4xlarge", "numberOfNodes": 4, "clusterType": "multi-node"}
WORKGROUP = {"workgroupName": "adhoc", "baseCapacity": 64}
RECORDS = [
    record("redshift", "CreateCluster", CLUSTER, CLUSTER),
    record("redshift", "ResizeCluster", {"clusterIdentifier": "dw", "numberOfNodes": 8}, CLUSTER),
    record("redshift", "PauseCluster", {"clusterIdentifier": "dw"}, CLUSTER),
    record("redshift-serverless", "CreateWorkgroup", WORKGROUP, {"workgroup": WORKGROUP}),
]


@pytest.mark.parametrize("name", ["CreateCluster", "RestoreFromClusterSnapshot", "ResumeCluster"])
def test_a_cluster_costs_by_its_nodes(name: str) -> None:
    raw = record("redshift", name, {"clusterIdentifier": "dw"}, CLUSTER)
    assert said(raw) == (START, "ra3.4xlarge", ("dw",), {"redshift/ra3.4xlarge": 4})


def test_a_single_node_names_no_number() -> None:
    raw = record("redshift", "CreateCluster", {"clusterIdentifier": "dw", "nodeType": "dc2.large"})
    assert said(raw)[3] == {"redshift/dc2.large": 1}


@pytest.mark.parametrize(
    ("asked", "usage"),
    [
        ({"numberOfNodes": 8}, {"redshift/ra3.4xlarge": 8}),
        ({"nodeType": "ra3.16xlarge"}, {"redshift/ra3.16xlarge": 4}),
        ({"nodeType": "ra3.16xlarge", "numberOfNodes": "2"}, {"redshift/ra3.16xlarge": 2}),
    ],
)
@pytest.mark.parametrize("name", ["ResizeCluster", "ModifyCluster"])
def test_a_change_is_laid_over_what_is_described(name: str, asked: Record, usage: dict[str, float]) -> None:
    change = said(record("redshift", name, {"clusterIdentifier": "dw", **asked}, CLUSTER))
    assert (change[0], change[3]) == (MODIFY, usage)


def test_other_modifications_cost_nothing() -> None:
    asked = {"clusterIdentifier": "dw", "automatedSnapshotRetentionPeriod": 7}
    assert parse_record(record("redshift", "ModifyCluster", asked, CLUSTER)) == ()


def test_a_paused_cluster_costs_nothing_until_it_is_resumed() -> None:
    trail = Trail("redshift")
    trail.call("CreateCluster", CLUSTER, CLUSTER)
    trail.call("PauseCluster", {"clusterIdentifier": "dw"})
    assert trail.running == {}
    resumed = trail.call("ResumeCluster", {"clusterIdentifier": "dw"})
    assert (resumed.resource_type, trail.running) == ("ra3.4xlarge", {"dw": 4.0})
    trail.call("DeleteCluster", {"clusterIdentifier": "dw", "skipFinalClusterSnapshot": True}, CLUSTER)
    assert trail.running == {}


@pytest.mark.parametrize(("fields", "capacity"), [({}, 128), ({"baseCapacity": 8}, 8)])
def test_a_workgroup_is_known_by_its_base_capacity(fields: Record, capacity: float) -> None:
    raw = record("redshift-serverless", "CreateWorkgroup", {"workgroupName": "adhoc", **fields})
    assert said(raw) == (START, "redshift_workgroup", ("adhoc",), {"redshift/serverless/rpu": capacity})
    assert parse_record(raw)[0].labels == ("only while queries run",)


def test_a_workgroup_can_be_resized_and_deleted() -> None:
    trail = Trail("redshift-serverless")
    trail.call("CreateWorkgroup", WORKGROUP, {"workgroup": WORKGROUP})
    trail.call("UpdateWorkgroup", {"workgroupName": "adhoc", "baseCapacity": 512}, {"workgroup": WORKGROUP})
    assert trail.running == {"adhoc": 512.0}
    assert parse_record(record("redshift-serverless", "UpdateWorkgroup", {"workgroupName": "adhoc"})) == ()
    trail.call("DeleteWorkgroup", {"workgroupName": "adhoc"})
    assert trail.running == {}


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
