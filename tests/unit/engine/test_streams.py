"""MSK, Kinesis and DynamoDB: capacity that is provisioned."""

from typing import Any

import pytest
from hypothesis import given

from engine.errors import MalformedRecord
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, STOP, Trail, said

MSK = "arn:aws:kafka:eu-west-1:111122223333:cluster/clicks/50275221-135d-41d1-8004-2844259afa2d-3"
BROKERS = {
    "numberOfBrokerNodes": 3,
    "brokerNodeGroupInfo": {
        "instanceType": "kafka.m5.large",
        "storageInfo": {"ebsStorageInfo": {"volumeSize": 100}},
    },
}
CLICKS = {"clusterArn": MSK, "clusterName": "clicks", "state": "CREATING"}
CAPACITY = {"readCapacityUnits": 100, "writeCapacityUnits": 50}
INDEX = {"indexName": "by-day", "provisionedThroughput": {"readCapacityUnits": 10, "writeCapacityUnits": 50}}
TABLE = {
    "tableName": "orders",
    "billingMode": "PROVISIONED",
    "provisionedThroughput": CAPACITY,
    "globalSecondaryIndexes": [INDEX],
}
DESCRIBED = {"tableDescription": {**TABLE, "tableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}}
RECORDS = [
    record("kafka", "CreateCluster", {"clusterName": "clicks", **BROKERS}, CLICKS),
    record("kafka", "CreateClusterV2", {"clusterName": "clicks", "provisioned": BROKERS}, CLICKS),
    record("kafka", "UpdateBrokerCount", {"clusterArn": MSK, "targetNumberOfBrokerNodes": 6}),
    record("kinesis", "CreateStream", {"streamName": "clicks", "shardCount": 4}),
    record("kinesis", "SplitShard", {"streamName": "clicks"}),
    record("dynamodb", "CreateTable", TABLE, DESCRIBED),
    record(
        "dynamodb",
        "UpdateTable",
        {"tableName": "orders", "globalSecondaryIndexUpdates": [{"update": INDEX}, {"delete": {"indexName": "x"}}]},
        DESCRIBED,
    ),
]


class TestMsk:
    @pytest.mark.parametrize(
        ("name", "asked"), [("CreateCluster", BROKERS), ("CreateClusterV2", {"provisioned": BROKERS})]
    )
    def test_a_cluster_costs_its_brokers_and_their_volumes(self, name: str, asked: Record) -> None:
        usage = {"msk/m5.large": 3, "msk/storage/gb": 300}
        raw = record("kafka", name, {"clusterName": "clicks", **asked}, CLICKS)
        assert said(raw) == (START, "kafka.m5.large", (MSK,), usage)

    def test_a_serverless_cluster_costs_by_the_hour(self) -> None:
        raw = record("kafka", "CreateClusterV2", {"clusterName": "clicks", "serverless": {"vpcConfigs": []}}, CLICKS)
        assert said(raw) == (START, "msk_serverless", (MSK,), {"msk/serverless/hour": 1})

    def test_brokers_can_be_more_and_larger(self) -> None:
        trail = Trail("kafka")
        trail.call("CreateCluster", {"clusterName": "clicks", **BROKERS}, CLICKS)
        more = trail.call("UpdateBrokerCount", {"clusterArn": MSK, "targetNumberOfBrokerNodes": 6})
        assert (more.resource_type, more.hourly_cost) == ("kafka.m5.large", 6 + 600)
        larger = trail.call("UpdateBrokerType", {"clusterArn": MSK, "targetInstanceType": "kafka.m5.4xlarge"})
        assert larger.resource_type == "kafka.m5.4xlarge"
        assert {one.sku: one.amount for one in larger.usage} == {"msk/m5.4xlarge": 6, "msk/storage/gb": 600}

    def test_what_was_never_seen_stays_unknown(self) -> None:
        more = Trail("kafka").call("UpdateBrokerCount", {"clusterArn": MSK, "targetNumberOfBrokerNodes": 6})
        assert (more.change.value, more.hourly_cost) == (MODIFY, None)

    @pytest.mark.parametrize("answer", [None, {"clusterArn": MSK, "state": "DELETING"}])
    def test_a_deletion_names_the_arn_as_in_its_address(self, answer: Any) -> None:
        escaped = MSK.replace(":", "%3A").replace("/", "%2F")
        assert said(record("kafka", "DeleteCluster", {"clusterArn": escaped}, answer)) == (
            STOP,
            "msk_cluster",
            (MSK,),
            {},
        )


class TestKinesis:
    def test_a_stream_costs_by_its_shards(self) -> None:
        trail = Trail("kinesis")
        trail.call("CreateStream", {"streamName": "clicks", "shardCount": 4})
        trail.call("SplitShard", {"streamName": "clicks", "shardToSplit": "shardId-0", "newStartingHashKey": "1"})
        assert trail.running == {"clicks": 5.0}
        trail.call("MergeShards", {"streamARN": "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"})
        trail.call("MergeShards", {"streamName": "clicks"})
        assert trail.running == {"clicks": 3.0}
        trail.call("UpdateShardCount", {"streamName": "clicks", "targetShardCount": 100})
        assert trail.running == {"clicks": 100.0}
        trail.call("DeleteStream", {"streamName": "clicks", "enforceConsumerDeletion": True})
        assert trail.running == {}

    def test_splitting_what_was_never_seen_is_of_unknown_price(self) -> None:
        assert Trail("kinesis").call("SplitShard", {"streamName": "clicks"}).hourly_cost is None

    @pytest.mark.parametrize("shards", [{}, {"shardCount": 0}, {"shardCount": None}])
    def test_a_stream_of_unknown_size_is_of_unknown_price(self, shards: dict[str, object]) -> None:
        trail = Trail("kinesis")
        created = trail.call("CreateStream", {"streamName": "clicks", **shards})
        assert (created.quantity, created.hourly_cost) == (1, None)
        assert trail.call("UpdateShardCount", {"streamName": "clicks"}).hourly_cost is None

    def test_a_stream_on_demand_costs_by_the_hour(self) -> None:
        mode = {"streamModeDetails": {"streamMode": "ON_DEMAND"}}
        raw = record("kinesis", "CreateStream", {"streamName": "clicks", **mode})
        assert said(raw) == (START, "kinesis_stream", ("clicks",), {"kinesis/on-demand/stream": 1})
        arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"
        changed = record("kinesis", "UpdateStreamMode", {"streamARN": arn, **mode})
        assert said(changed) == (MODIFY, "kinesis_stream", ("clicks",), {"kinesis/on-demand/stream": 1})
        back = {"streamARN": arn, "streamModeDetails": {"streamMode": "PROVISIONED"}}
        assert said(record("kinesis", "UpdateStreamMode", back))[3] == {}

    def test_more_shards_than_there_can_be_are_malformed(self) -> None:
        with pytest.raises(MalformedRecord, match="kinesis/shard"):
            parse_record(record("kinesis", "CreateStream", {"streamName": "clicks", "shardCount": 10**9}))


class TestDynamoDb:
    @pytest.mark.parametrize("answer", [None, DESCRIBED])
    def test_a_table_costs_its_own_capacity_and_that_of_its_indexes(self, answer: Any) -> None:
        usage = {"dynamodb/rcu": 110, "dynamodb/wcu": 100}
        assert said(record("dynamodb", "CreateTable", TABLE, answer)) == (START, "dynamodb_table", ("orders",), usage)

    @pytest.mark.parametrize(
        ("asked", "usage"),
        [
            ({"provisionedThroughput": {"readCapacityUnits": 1000, "writeCapacityUnits": 1}}, (1010, 51)),
            ({"globalSecondaryIndexUpdates": [{"update": {**INDEX, "provisionedThroughput": CAPACITY}}]}, (200, 100)),
            ({"globalSecondaryIndexUpdates": [{"create": {**INDEX, "indexName": "new"}}]}, (120, 150)),
            ({"globalSecondaryIndexUpdates": [{"delete": {"indexName": "by-day"}}]}, (100, 50)),
        ],
    )
    def test_an_update_is_laid_over_what_is_described(self, asked: Record, usage: tuple[float, float]) -> None:
        raw = record("dynamodb", "UpdateTable", {"tableName": "orders", **asked}, DESCRIBED)
        expected = dict(zip(("dynamodb/rcu", "dynamodb/wcu"), usage, strict=True))
        assert said(raw) == (MODIFY, "dynamodb_table", ("orders",), expected)

    def test_on_demand_a_table_is_free_while_idle(self) -> None:
        trail = Trail("dynamodb")
        created = trail.call("CreateTable", {"tableName": "orders", "billingMode": "PAY_PER_REQUEST"})
        assert created.hourly_cost == 0.0
        trail.call("UpdateTable", {**TABLE, "globalSecondaryIndexes": None}, DESCRIBED)
        assert trail.running == {"orders": 210.0}
        trail.call("UpdateTable", {"tableName": "orders", "billingMode": "PAY_PER_REQUEST"}, DESCRIBED)
        assert trail.running == {}

    def test_other_updates_cost_nothing(self) -> None:
        asked = {"tableName": "orders", "deletionProtectionEnabled": True}
        assert parse_record(record("dynamodb", "UpdateTable", asked, DESCRIBED)) == ()

    @pytest.mark.parametrize("name", ["orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"])
    def test_a_table_may_be_named_by_its_arn(self, name: str) -> None:
        assert said(record("dynamodb", "DeleteTable", {"tableName": name}))[2] == ("orders",)

    @pytest.mark.parametrize("name", ["RestoreTableFromBackup", "RestoreTableToPointInTime"])
    def test_a_restored_table_is_a_new_one(self, name: str) -> None:
        asked = {"targetTableName": "orders-2", "sourceTableName": "orders"}
        told = {"tableDescription": {**TABLE, "tableName": "orders-2"}}
        assert said(record("dynamodb", name, asked, told))[2:] == (
            ("orders-2",),
            {"dynamodb/rcu": 110, "dynamodb/wcu": 100},
        )
        smaller = {**asked, "provisionedThroughputOverride": {"readCapacityUnits": 1, "writeCapacityUnits": 1}}
        assert said(record("dynamodb", name, smaller, told))[3] == {"dynamodb/rcu": 11, "dynamodb/wcu": 51}


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
