"""MemoryDB, DAX, OpenSearch Serverless, EMR Serverless, and endpoints whose subnets come and go."""

from typing import Any

import pytest
from hypothesis import given

from clients.prices.packaged import load_price_table
from engine.errors import MalformedRecord
from engine.pricing import estimate
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, STOP, Trail, said

SUBMIT = {"entryPoint": "s3://jobs/etl.py"}
WORKERS = {"workerCount": "2", "workerConfiguration": {"cpu": "4 vCPU", "memory": "16 GB"}}
APPLICATION = {"name": "etl", "type": "SPARK", "initialCapacity": {"Driver": WORKERS, "Executor": WORKERS}}
COLLECTION = {"createCollectionDetail": {"id": "07tjusf2h91cunochc", "status": "CREATING"}}
DAX = {"clusterName": "cart", "nodeType": "dax.r5.large", "replicationFactor": 3}
MEMORY = {"clusterName": "carts", "nodeType": "db.r6g.large", "numShards": 2, "numReplicasPerShard": 2}
RECORDS = [
    record("memorydb", "CreateCluster", MEMORY, {"cluster": {"name": "carts", "numberOfShards": 2}}),
    record("memorydb", "UpdateCluster", {"clusterName": "carts", "replicaConfiguration": {"replicaCount": 1}}, MEMORY),
    record("dax", "CreateCluster", DAX, {"cluster": DAX}),
    record("dax", "IncreaseReplicationFactor", {"clusterName": "cart", "newReplicationFactor": 5}, {"cluster": DAX}),
    record("aoss", "CreateCollection", {"name": "docs", "standbyReplicas": "DISABLED"}, COLLECTION),
    record("emr-serverless", "CreateApplication", APPLICATION, {"applicationId": "00f1"}),
    record("emr-serverless", "StartJobRun", {"applicationId": "00f1", "jobDriver": {"sparkSubmit": SUBMIT}}, None),
]


def modify_endpoint(*, add: Any = "", remove: Any = "") -> tuple[dict[str, Any], dict[str, Any]]:
    asked = {"VpcEndpointId": "vpce-1", "AddSubnetId": add, "RemoveSubnetId": remove}
    return {"ModifyVpcEndpointRequest": asked}, {"ModifyVpcEndpointResponse": {"return": True}}


class TestMemoryDb:
    @pytest.mark.parametrize(
        ("fields", "count"), [({}, 2), ({"numShards": 3}, 6), ({"numShards": 2, "numReplicasPerShard": "0"}, 2)]
    )
    def test_a_cluster_costs_by_its_nodes(self, fields: Record, count: int) -> None:
        asked = {"clusterName": "carts", "nodeType": "db.r6g.large", **fields}
        raw = record("memorydb", "CreateCluster", asked, {"cluster": {"name": "carts"}})
        assert said(raw) == (START, "db.r6g.large", ("carts",), {"memorydb/db.r6g.large": count})

    def test_its_life(self) -> None:
        trail = Trail("memorydb")
        assert trail.call("CreateCluster", MEMORY, None).hourly_cost == 6.0
        trail.call("UpdateCluster", {"clusterName": "carts", "description": "of the shop"})
        assert trail.running == {"carts": 6.0}
        resized = {"clusterName": "carts", "replicaConfiguration": {"replicaCount": 4}}
        trail.call("UpdateCluster", resized, {"cluster": {"name": "carts", "numberOfShards": 2}})
        assert trail.running == {"carts": 10.0}
        assert trail.call("UpdateCluster", {"clusterName": "carts", "nodeType": "db.r6g.xlarge"}).usage[0].sku == (
            "memorydb/db.r6g.xlarge"
        )
        trail.call("DeleteCluster", {"clusterName": "carts"})
        assert trail.running == {}

    def test_how_many_nodes_new_shards_have_is_not_told(self) -> None:
        raw = record("memorydb", "UpdateCluster", {"clusterName": "carts", "shardConfiguration": {"shardCount": 5}})
        assert parse_record(raw) == ()


class TestDax:
    def test_its_life(self) -> None:
        trail = Trail("dax")
        assert trail.call("CreateCluster", DAX, {"cluster": DAX}).hourly_cost == 3.0
        trail.call("IncreaseReplicationFactor", {"clusterName": "cart", "newReplicationFactor": 5})
        assert (trail.running, trail.events[-1].resource_type) == ({"cart": 5.0}, "dax.r5.large")
        trail.call("DecreaseReplicationFactor", {"clusterName": "cart", "newReplicationFactor": 1})
        assert trail.running == {"cart": 1.0}
        trail.call("DeleteCluster", {"clusterName": "cart"})
        assert trail.running == {}

    def test_clusters_of_other_services_are_told_apart(self) -> None:
        assert said(record("dax", "CreateCluster", DAX))[3] == {"dax/dax.r5.large": 3}
        assert said(record("eks", "CreateCluster", {"name": "cart"}, {"cluster": {"name": "cart"}}))[1] == "eks_cluster"


class TestOpenSearchServerless:
    @pytest.mark.parametrize(
        ("standby", "units", "usd"), [(None, 2, 0.48), ("ENABLED", 2, 0.48), ("DISABLED", 1, 0.24)]
    )
    def test_a_collection_keeps_capacity_running(self, standby: str | None, units: int, usd: float) -> None:
        asked = {"name": "docs", "type": "VECTORSEARCH", **({"standbyReplicas": standby} if standby else {})}
        (event,) = parse_record(record("aoss", "CreateCollection", asked, COLLECTION, region="us-east-1"))
        assert (event.resource_ids, event.usage[0].amount) == (("07tjusf2h91cunochc",), units)
        priced = estimate(event, load_price_table())
        assert priced.hourly_cost == pytest.approx(usd)
        assert priced.labels == ("least capacity",)

    def test_it_ends_by_its_id(self) -> None:
        raw = record("aoss", "DeleteCollection", {"id": "07tjusf2h91cunochc"})
        assert said(raw) == (STOP, "opensearch_collection", ("07tjusf2h91cunochc",), {})


class TestEmrServerless:
    def test_workers_held_ready_cost_from_start_to_stop(self) -> None:
        trail = Trail("emr-serverless")
        assert trail.call("CreateApplication", APPLICATION, {"applicationId": "00f1"}).hourly_cost == 0.0
        assert trail.call("StartApplication", {"applicationId": "00f1"}).hourly_cost == 16.0 + 64.0
        assert trail.running == {"ready/00f1": 80.0}
        trail.call("StopApplication", {"applicationId": "00f1"})
        assert trail.running == {}

    def test_an_application_that_holds_nothing_ready_is_free(self) -> None:
        trail = Trail("emr-serverless")
        trail.call("CreateApplication", {"name": "etl"}, {"applicationId": "00f1"})
        assert trail.call("StartApplication", {"applicationId": "00f1"}).hourly_cost == 0.0
        trail.call("DeleteApplication", {"applicationId": "00f1"})
        assert not any(one.running for one in trail.state.resources.values())

    def test_nobody_knows_what_an_application_never_seen_holds_ready(self) -> None:
        assert Trail("emr-serverless").call("StartApplication", {"applicationId": "00f2"}).hourly_cost is None

    @pytest.mark.parametrize(
        ("driver", "usage"),
        [
            ({"sparkSubmit": SUBMIT}, {"emrserverless/vcpu": 16.0, "emrserverless/gb": 64.0}),
            (
                {
                    "sparkSubmit": {
                        "sparkSubmitParameters": "--conf spark.executor.instances=10 --conf spark.executor.cores=2 "
                        "--conf spark.executor.memory=10g --conf spark.driver.memory=5120M --conf spark.driver.cores=1"
                    }
                },
                {"emrserverless/vcpu": 21.0, "emrserverless/gb": 115.5},
            ),
            ({"hive": {"query": "s3://jobs/q.sql"}}, {}),
        ],
    )
    def test_a_run_begins_with_what_its_parameters_say(self, driver: Record, usage: dict[str, float]) -> None:
        asked = {"applicationId": "00f1", "jobDriver": driver}
        raw = record("emr-serverless", "StartJobRun", asked, {"applicationId": "00f1", "jobRunId": "00g2"})
        change, resource_type, ids, told = said(raw)
        assert (change, resource_type, ids) == (START, "emr_serverless_job_run", ("run/00f1/00g2",))
        assert told == pytest.approx(usage)

    @pytest.mark.parametrize(("minutes", "hours"), [(None, 12.0), (15, 0.25), (0, 12.0)])
    def test_a_run_ends_at_its_timeout(self, minutes: int | None, hours: float) -> None:
        asked = {"applicationId": "00f1", **({} if minutes is None else {"executionTimeoutMinutes": minutes})}
        (event,) = parse_record(record("emr-serverless", "StartJobRun", asked, {"jobRunId": "00g2"}))
        assert event.ends_by is not None
        assert (event.ends_by - event.event_time).total_seconds() == hours * 3600

    def test_a_run_that_is_cancelled_has_ended(self) -> None:
        raw = record("emr-serverless", "CancelJobRun", {"applicationId": "00f1", "jobRunId": "00g2"})
        assert said(raw) == (STOP, "emr_serverless_job_run", ("run/00f1/00g2",), {})

    def test_a_run_costs_what_its_workers_cost(self) -> None:
        asked = {"applicationId": "00f1", "jobDriver": {"sparkSubmit": SUBMIT}}
        raw = record("emr-serverless", "StartJobRun", asked, {"jobRunId": "00g2"}, region="us-east-1")
        (event,) = parse_record(raw)
        assert estimate(event, load_price_table()).hourly_cost == pytest.approx(16 * 0.052624 + 64 * 0.0057785)


class TestModifyVpcEndpoint:
    def test_subnets_that_come_and_go_change_the_price(self) -> None:
        trail = Trail("ec2")
        subnets = {"item": ["subnet-1", "subnet-2"]}
        made = {"vpcEndpointId": "vpce-1", "vpcEndpointType": "Interface", "subnetIdSet": subnets}
        trail.call("CreateVpcEndpoint", {}, {"CreateVpcEndpointResponse": {"vpcEndpoint": made}})
        assert trail.running == {"vpce-1": 2.0}
        trail.call("ModifyVpcEndpoint", *modify_endpoint(add={"tag": 1, "content": "subnet-3"}))
        assert (trail.running, trail.events[-1].resource_type) == ({"vpce-1": 3.0}, "vpc_interface_endpoint")
        gone = [{"tag": 1, "content": "subnet-1"}, {"tag": 2, "content": "subnet-2"}]
        trail.call("ModifyVpcEndpoint", *modify_endpoint(remove=gone))
        assert trail.running == {"vpce-1": 1.0}

    def test_other_changes_cost_nothing(self) -> None:
        asked, answer = modify_endpoint()
        asked["ModifyVpcEndpointRequest"]["PolicyDocument"] = "{}"
        assert parse_record(record("ec2", "ModifyVpcEndpoint", asked, answer)) == ()
        swapped = modify_endpoint(add={"content": "subnet-3"}, remove={"content": "subnet-1"})
        assert parse_record(record("ec2", "ModifyVpcEndpoint", *swapped)) == ()

    def test_one_never_seen_is_of_unknown_price(self) -> None:
        trail = Trail("ec2")
        event = trail.call("ModifyVpcEndpoint", *modify_endpoint(add={"content": "subnet-3"}))
        assert (event.change, event.hourly_cost) == (MODIFY, None)


@pytest.mark.parametrize("name", ["CreateCluster", "CreateCollection", "StartJobRun"])
def test_a_start_that_names_nothing_is_malformed(name: str) -> None:
    source = {"CreateCluster": "memorydb", "CreateCollection": "aoss", "StartJobRun": "emr-serverless"}[name]
    with pytest.raises(MalformedRecord, match=name):
        parse_record(record(source, name, {}, {}))


@given(mutated(RECORDS))
def test_any_shape_of_record_is_survived(raw: Record) -> None:
    survives(raw)
