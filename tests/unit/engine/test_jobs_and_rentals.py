"""Glue, EMR, and services of which there is less to say: file systems, brokers, workflows, desktops, directories."""

from typing import Any

import pytest
from hypothesis import given

from engine.errors import MalformedRecord
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, STOP, Trail, said

RUN = "jr_4f0c"
APP = "arn:aws:apprunner:eu-west-1:111122223333:service/api/29a93580983c4c8ab5489607bdaab024"
BROKER = {"brokerName": "bus", "hostInstanceType": "mq.m5.large", "deploymentMode": "CLUSTER_MULTI_AZ"}
ONTAP = {"fileSystemType": "ONTAP", "storageCapacity": 1024, "storageType": "SSD"}
FSX = {**ONTAP, "fileSystemId": "fs-1", "ontapConfiguration": {"throughputCapacity": 128}}
FLEET = {"name": "lab", "instanceType": "stream.standard.small", "computeCapacity": {"desiredInstances": 3}}
ENVIRONMENT = {"Name": "etl", "EnvironmentClass": "mw1.large", "MinWorkers": 4, "Schedulers": 2}
_BLOGS = ("Instance/blog-1", "Instance/blog-2", "Instance/copy", "RelationalDatabase/blog-1")
RECORDS = [
    record("lightsail", "CreateInstances", {"instanceNames": ["blog-1"], "bundleId": "nano_3_0"}, {"operations": []}),
    record("glue", "CreateJob", {"name": "nightly", "workerType": "G.2X", "numberOfWorkers": 10}, {"name": "nightly"}),
    record("glue", "StartJobRun", {"jobName": "nightly"}, {"jobRunId": RUN}),
    record("glue", "BatchStopJobRun", {"jobName": "nightly", "jobRunIds": [RUN]}),
    record("elasticmapreduce", "RunJobFlow", {"instances": {"masterInstanceType": "m5.xlarge"}}, {"jobFlowId": "j-1"}),
    record("fsx", "CreateFileSystem", FSX, {"fileSystem": FSX}),
    record("amazonmq", "CreateBroker", BROKER, {"brokerId": "b-1"}),
    record("airflow", "CreateEnvironment", ENVIRONMENT, {"Arn": "arn"}),
    record("appstream", "CreateFleet", FLEET, {"fleet": FLEET}),
    record("transfer", "CreateServer", {"protocols": ["SFTP", "FTPS"]}, {"serverId": "s-1"}),
    record("workspaces", "CreateWorkspaces", {}, {"pendingRequests": [{"workspaceId": "ws-1", "bundleId": "wsb-1"}]}),
]


class TestGlue:
    @pytest.mark.parametrize(
        ("fields", "usage"),
        [
            ({"workerType": "G.2X", "numberOfWorkers": 10}, {"glue/dpu": 20}),
            ({"workerType": "G.025X", "numberOfWorkers": "2"}, {"glue/dpu": 0.5}),
            ({"workerType": "R.4X", "numberOfWorkers": 2}, {"glue/worker/R.4X": 2}),
            ({"maxCapacity": 0.0625}, {"glue/dpu": 0.0625}),
        ],
    )
    def test_a_run_costs_by_what_it_asks_for(self, fields: Record, usage: dict[str, float]) -> None:
        raw = record("glue", "StartJobRun", {"jobName": "nightly", **fields}, {"jobRunId": RUN})
        assert said(raw) == (START, "glue_job_run", (f"job/nightly/{RUN}",), usage)

    def test_a_run_that_asks_for_nothing_is_like_its_job(self) -> None:
        trail = Trail("glue")
        sized = {"workerType": "G.1X", "numberOfWorkers": 10}
        assert trail.call("CreateJob", {"name": "nightly", **sized}, {"name": "nightly"}).hourly_cost == 0.0
        assert trail.call("StartJobRun", {"jobName": "nightly"}, {"jobRunId": RUN}).hourly_cost == 10.0
        larger = {"jobName": "nightly", "jobUpdate": {**sized, "numberOfWorkers": 50}}
        trail.call("UpdateJob", larger)
        assert trail.call("StartJobRun", {"jobName": "nightly"}, {"jobRunId": "jr_2"}).hourly_cost == 50.0
        trail.call("BatchStopJobRun", {"jobName": "nightly", "jobRunIds": [RUN, "jr_2", None]})
        assert trail.running == {}

    def test_a_run_of_a_job_never_seen_is_of_unknown_price(self) -> None:
        assert Trail("glue").call("StartJobRun", {"jobName": "old"}, {"jobRunId": RUN}).hourly_cost is None

    def test_a_development_endpoint_has_five_dpus_unless_it_says_otherwise(self) -> None:
        raw = record("glue", "CreateDevEndpoint", {"endpointName": "lab"}, {"endpointName": "lab"})
        assert said(raw) == (START, "glue_dev_endpoint", ("devEndpoint/lab",), {"glue/dpu": 5})
        raw = record("glue", "CreateDevEndpoint", {"endpointName": "lab", "numberOfNodes": 2})
        assert said(raw)[3] == {"glue/dpu": 2}
        assert said(record("glue", "DeleteDevEndpoint", {"endpointName": "lab"}))[2] == ("devEndpoint/lab",)

    @pytest.mark.parametrize("name", ["StopSession", "DeleteSession"])
    def test_a_session_costs_until_it_is_stopped(self, name: str) -> None:
        trail = Trail("glue")
        trail.call("CreateSession", {"id": "s1", "workerType": "G.1X", "numberOfWorkers": 5}, {"session": {"id": "s1"}})
        assert trail.running == {"session/s1": 5.0}
        trail.call(name, {"id": "s1"})
        assert trail.running == {}


class TestEmr:
    @pytest.mark.parametrize(
        ("instances", "usage"),
        [
            (
                {"masterInstanceType": "m5.xlarge", "slaveInstanceType": "r5.xlarge", "instanceCount": 5},
                {"emr/surcharge/m5.xlarge": 1, "emr/surcharge/r5.xlarge": 4},
            ),
            (
                {"instanceGroups": [{"instanceType": "r5.xlarge", "instanceCount": "3", "instanceRole": "CORE"}]},
                {"emr/surcharge/r5.xlarge": 3},
            ),
            ({"instanceFleets": [{"name": "core"}]}, {}),
        ],
    )
    def test_only_the_surcharge_is_counted(self, instances: Record, usage: dict[str, float]) -> None:
        raw = record("elasticmapreduce", "RunJobFlow", {"instances": instances}, {"jobFlowId": "j-1"})
        assert said(raw) == (START, "emr_cluster", ("j-1",), usage)
        assert parse_record(raw)[0].labels == ("instances counted apart",)

    def test_several_clusters_end_at_once(self) -> None:
        raw = record("elasticmapreduce", "TerminateJobFlows", {"jobFlowIds": ["j-1", "j-2", 7]})
        assert said(raw) == (STOP, "emr_cluster", ("j-1", "j-2"), {})


LIVES: list[tuple[str, list[tuple[str, Any, Any]], list[dict[str, float | None]]]] = [
    (
        "fsx",
        [
            ("CreateFileSystem", FSX, {"fileSystem": FSX}),
            ("UpdateFileSystem", {"fileSystemId": "fs-1", "storageCapacity": 2048}, {"fileSystem": FSX}),
            ("DeleteFileSystem", {"fileSystemId": "fs-1"}, {"fileSystemId": "fs-1", "lifecycle": "DELETING"}),
        ],
        [{"fs-1": 1152.0}, {"fs-1": 2176.0}, {}],
    ),
    (
        "elasticfilesystem",
        [
            (
                "CreateFileSystem",
                {"throughputMode": "bursting"},
                {"fileSystemId": "fs-1", "throughputMode": "bursting"},
            ),
            (
                "UpdateFileSystem",
                {"fileSystemId": "fs-1", "throughputMode": "provisioned", "provisionedThroughputInMibps": 100},
                {"fileSystemId": "fs-1"},
            ),
            ("DeleteFileSystem", {"fileSystemId": "fs-1"}, None),
        ],
        [{}, {"fs-1": 100.0}, {}],
    ),
    (
        "amazonmq",
        [
            ("CreateBroker", BROKER, {"brokerId": "b-1"}),
            ("UpdateBroker", {"broker-id": "b-1", "hostInstanceType": "mq.m5.4xlarge"}, {"brokerId": "b-1"}),
            ("DeleteBroker", {"broker-id": "b-1"}, {"brokerId": "b-1"}),
        ],
        [{"b-1": 3.0}, {"b-1": 3.0}, {}],
    ),
    (
        "airflow",
        [
            ("CreateEnvironment", ENVIRONMENT, {"Arn": "arn"}),
            ("UpdateEnvironment", {"Name": "etl", "EnvironmentClass": "mw1.small"}, None),
            ("DeleteEnvironment", {"Name": "etl"}, None),
        ],
        [{"etl": 4.0}, {"etl": 1.0}, {}],
    ),
    (
        "apprunner",
        [
            (
                "CreateService",
                {"serviceName": "api"},
                {"service": {"serviceArn": APP, "instanceConfiguration": {"cpu": "1024", "memory": "2048"}}},
            ),
            ("PauseService", {"serviceArn": APP}, None),
            ("ResumeService", {"serviceArn": APP}, {"service": {"serviceArn": APP}}),
            (
                "UpdateService",
                {"serviceArn": APP, "instanceConfiguration": {"cpu": "4 vCPU", "memory": "12 GB"}},
                {"service": {"serviceArn": APP}},
            ),
            ("DeleteService", {"serviceArn": APP}, None),
        ],
        [{APP: 2.0}, {}, {APP: 2.0}, {APP: 12.0}, {}],
    ),
    (
        "appstream",
        [
            ("CreateFleet", FLEET, {"fleet": {**FLEET, "state": "STOPPED"}}),
            ("StartFleet", {"name": "lab"}, None),
            ("StopFleet", {"name": "lab"}, None),
            ("StartFleet", {"name": "lab"}, None),
            ("UpdateFleet", {"name": "lab", "computeCapacity": {"desiredInstances": 9}}, {"fleet": FLEET}),
            ("DeleteFleet", {"name": "lab"}, None),
        ],
        [{"lab": 3.0}, {"lab": 3.0}, {}, {"lab": 3.0}, {"lab": 9.0}, {}],
    ),
    (
        "workspaces",
        [
            ("CreateWorkspaces", {}, {"pendingRequests": [{"workspaceId": "ws-1"}, {"workspaceId": "ws-2"}]}),
            (
                "TerminateWorkspaces",
                {"terminateWorkspaceRequests": [{"workspaceId": "ws-1"}, {"workspaceId": "ws-2"}]},
                {"failedRequests": [{"workspaceId": "ws-2"}]},
            ),
        ],
        [{"ws-1": 1.0, "ws-2": 1.0}, {"ws-2": 1.0}],
    ),
    (
        "ds",
        [
            ("CreateDirectory", {"type": "Large"}, {"directoryId": "d-1"}),
            ("CreateMicrosoftAD", {"edition": "Standard"}, {"directoryId": "d-2"}),
            ("ConnectDirectory", {"size": "Small"}, {"directoryId": "d-3"}),
            ("DeleteDirectory", {"directoryId": "d-2"}, {"directoryId": "d-2"}),
        ],
        [{"d-1": 1.0}, {"d-1": 1.0, "d-2": 1.0}, {"d-1": 1.0, "d-2": 1.0, "d-3": 1.0}, {"d-1": 1.0, "d-3": 1.0}],
    ),
    (
        "lightsail",
        [
            (
                "CreateInstances",
                {"instanceNames": ["blog-1", "blog-2"], "bundleId": "medium_3_0"},
                {"operations": [{"resourceName": "blog-1"}, {"resourceName": "blog-2"}]},
            ),
            ("CreateInstancesFromSnapshot", {"instanceNames": ["copy"], "bundleId": "medium_3_0"}, None),
            ("CreateRelationalDatabase", {"relationalDatabaseName": "blog-1"}, None),
            ("DeleteInstance", {"instanceName": "blog-1"}, None),
            ("DeleteRelationalDatabase", {"relationalDatabaseName": "blog-1"}, None),
        ],
        [
            dict.fromkeys(_BLOGS[:2], 1.0),
            dict.fromkeys(_BLOGS[:3], 1.0),
            dict.fromkeys(_BLOGS, 1.0),
            dict.fromkeys(_BLOGS[1:], 1.0),
            dict.fromkeys(_BLOGS[1:3], 1.0),
        ],
    ),
    (
        "kendra",
        [("CreateIndex", {"edition": "DEVELOPER_EDITION"}, {"id": "k-1"}), ("DeleteIndex", {"id": "k-1"}, None)],
        [{"k-1": 1.0}, {}],
    ),
    (
        "transfer",
        [
            ("CreateServer", {"protocols": ["SFTP", "FTPS"]}, {"serverId": "s-1"}),
            ("DeleteServer", {"serverId": "s-1"}, None),
        ],
        [{"s-1": 2.0}, {}],
    ),
]


@pytest.mark.parametrize(("source", "calls", "running"), LIVES, ids=[source for source, _, _ in LIVES])
def test_what_is_rented_costs_from_its_creation_to_its_deletion(
    source: str, calls: list[tuple[str, Any, Any]], running: list[dict[str, float | None]]
) -> None:
    trail = Trail(source)
    seen = []
    for call in calls:
        trail.call(*call)
        seen.append(trail.running)
    assert seen == running


@pytest.mark.parametrize(
    ("source", "name", "request_", "sku"),
    [
        ("ds", "CreateMicrosoftAD", {"edition": "Enterprise"}, "ds/microsoft/enterprise"),
        ("ds", "CreateDirectory", {"size": "Small"}, "ds/simple/small"),
        ("ds", "ConnectDirectory", {"size": "Large"}, "ds/connector/large"),
        ("kendra", "CreateIndex", {}, "kendra/enterprise_edition"),
        ("transfer", "CreateServer", {}, "transfer/protocol"),
    ],
)
def test_a_price_is_named_after_size_or_edition(source: str, name: str, request_: Record, sku: str) -> None:
    answer = {"directoryId": "x", "id": "x", "serverId": "x"}
    assert said(record(source, name, request_, answer))[3] == {sku: 1}


def test_a_broker_of_several_hosts_is_labelled() -> None:
    (event,) = parse_record(record("amazonmq", "CreateBroker", BROKER, {"brokerId": "b-1"}))
    assert (event.resource_type, event.labels) == ("mq.m5.large", ("multi-az",))
    larger = record("amazonmq", "UpdateBroker", {"broker-id": "b-1", "hostInstanceType": "mq.m5.4xlarge"})
    assert said(larger)[:2] == (MODIFY, "mq.m5.4xlarge")


@pytest.mark.parametrize(
    ("source", "name"),
    [("fsx", "UpdateFileSystem"), ("elasticfilesystem", "UpdateFileSystem"), ("appstream", "UpdateFleet")],
)
def test_changes_of_other_things_cost_nothing(source: str, name: str) -> None:
    answer = {"fileSystemId": "fs-1", "fileSystem": FSX, "fleet": FLEET}
    assert parse_record(record(source, name, {"fileSystemId": "fs-1", "name": "lab"}, answer)) == ()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("glue", "StartJobRun"),
        ("elasticmapreduce", "RunJobFlow"),
        ("fsx", "CreateFileSystem"),
        ("amazonmq", "CreateBroker"),
        ("airflow", "CreateEnvironment"),
        ("kendra", "CreateIndex"),
    ],
)
def test_a_creation_that_names_nothing_is_malformed(source: str, name: str) -> None:
    with pytest.raises(MalformedRecord, match=name):
        parse_record(record(source, name, {}, {}))


@pytest.mark.parametrize("name", ["StopInstance", "StartInstance"])
def test_stopping_a_lightsail_instance_saves_nothing(name: str) -> None:
    assert parse_record(record("lightsail", name, {"instanceName": "blog-1"})) == ()


def test_more_desktops_than_one_call_makes_are_malformed() -> None:
    many = {"pendingRequests": [{"workspaceId": f"ws-{n}"} for n in range(26)]}
    with pytest.raises(MalformedRecord, match="25"):
        parse_record(record("workspaces", "CreateWorkspaces", {}, many))


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
