"""NAT gateways, databases and functions to cost events."""

from typing import Any

import pytest

from engine.errors import MalformedRecord
from engine.models.cost_event import Change, UsageItem
from tests.unit.engine.factories import Record, parse_record, record


class TestNatGateways:
    @pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"item": one}])
    def test_the_answer_is_wrapped_in_the_name_of_the_call(self, wrap: Any) -> None:
        answer = {"CreateNatGatewayResponse": {"natGateway": wrap({"natGatewayId": "nat-1", "state": "pending"})}}
        asked = {"CreateNatGatewayRequest": {"SubnetId": "subnet-1", "ConnectivityType": ""}}
        (event,) = parse_record(record("ec2", "CreateNatGateway", asked, answer))
        assert (event.change, event.resource_type, event.resource_ids) == (Change.START, "nat_gateway", ("nat-1",))
        assert event.usage == (UsageItem("nat/hour", 1),)

    @pytest.mark.parametrize(
        "answer", [None, {"CreateNatGatewayResponse": ""}, {"natGateway": {"natGatewayId": "nat-1"}}]
    )
    def test_a_gateway_without_an_id_is_malformed(self, answer: Any) -> None:
        with pytest.raises(MalformedRecord, match="natGatewayId"):
            parse_record(record("ec2", "CreateNatGateway", {}, answer))

    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            ({"DeleteNatGatewayRequest": {"NatGatewayId": "nat-1"}}, None),
            (None, {"DeleteNatGatewayResponse": {"natGatewayId": "nat-1"}}),
            (
                {"DeleteNatGatewayRequest": {"NatGatewayId": "nat-1"}},
                {"DeleteNatGatewayResponse": {"natGatewayId": "nat-1"}},
            ),
        ],
    )
    def test_a_deletion_ends_it_once(self, asked: Any, answer: Any) -> None:
        (event,) = parse_record(record("ec2", "DeleteNatGateway", asked, answer))
        assert (event.change, event.resource_ids, event.quantity) == (Change.STOP, ("nat-1",), 1)


def db(**fields: Any) -> Record:
    return {"dBInstanceIdentifier": "orders", "dBInstanceClass": "db.r5.large", "engine": "postgres", **fields}


class TestDatabases:
    @pytest.mark.parametrize(
        ("fields", "usage"),
        [
            ({}, [("rds/postgres/db.r5.large/single", 1)]),
            (
                {"allocatedStorage": "100", "storageType": "gp3"},
                [("rds/postgres/db.r5.large/single", 1), ("rds/storage/gp3/gb", 100)],
            ),
            (
                {"allocatedStorage": 100, "multiAZ": True},
                [("rds/postgres/db.r5.large/multi", 1), ("rds/storage/gp2/gb", 200)],
            ),
            (
                {"allocatedStorage": 1, "dBClusterIdentifier": "cluster-1"},
                [("rds/postgres/db.r5.large/single", 1)],
            ),
            ({"engine": "docdb"}, [("rds/docdb/db.r5.large/single", 1)]),
            ({"engine": None}, [("rds/unknown/db.r5.large/single", 1)]),
        ],
    )
    def test_a_new_database_is_priced_by_what_it_is(self, fields: Record, usage: list[tuple[str, float]]) -> None:
        (event,) = parse_record(record("rds", "CreateDBInstance", {}, db(**fields)))
        assert event.usage == tuple(UsageItem(*item) for item in usage)
        assert event.labels == (("multi-az",) if fields.get("multiAZ") else ())

    @pytest.mark.parametrize(
        "name", ["RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceFromS3", "RestoreDBInstanceToPointInTime"]
    )
    def test_a_restored_database_runs_too(self, name: str) -> None:
        (event,) = parse_record(record("rds", name, db(), None))
        assert (event.change, event.resource_ids) == (Change.START, ("orders",))

    def test_a_replica_without_a_class_runs_at_an_unknown_price(self) -> None:
        asked = {"dBInstanceIdentifier": "replica", "sourceDBInstanceIdentifier": "orders"}
        (event,) = parse_record(record("rds", "CreateDBInstanceReadReplica", asked, None))
        assert (event.resource_type, event.usage) == ("db_instance", ())

    def test_a_database_without_a_name_is_malformed(self) -> None:
        with pytest.raises(MalformedRecord, match="CreateDBInstance names no"):
            parse_record(record("rds", "CreateDBInstance", {"dBInstanceClass": "db.r5.large"}, None))

    def test_storage_beyond_what_is_sold_is_malformed(self) -> None:
        with pytest.raises(MalformedRecord, match="GB of storage"):
            parse_record(record("rds", "CreateDBInstance", {}, db(allocatedStorage=10**12)))

    def test_a_new_class_is_a_change(self) -> None:
        asked = {"dBInstanceIdentifier": "orders", "dBInstanceClass": "db.r5.large"}
        (event,) = parse_record(record("rds", "ModifyDBInstance", asked, db(dBInstanceClass="db.t3.micro")))
        assert (event.change, event.resource_type) == (Change.MODIFY, "db.r5.large")

    def test_a_change_without_a_class_costs_nothing(self) -> None:
        asked = {"dBInstanceIdentifier": "orders", "backupRetentionPeriod": 7}
        assert parse_record(record("rds", "ModifyDBInstance", asked, db())) == ()

    @pytest.mark.parametrize("name", ["StopDBInstance", "DeleteDBInstance"])
    def test_a_stop_and_a_deletion_end_it(self, name: str) -> None:
        (event,) = parse_record(record("rds", name, {"dBInstanceIdentifier": "orders"}, db()))
        assert (event.change, event.resource_ids, event.usage) == (Change.STOP, ("orders",), ())

    def test_a_start_tells_the_class_again(self) -> None:
        (event,) = parse_record(record("rds", "StartDBInstance", {"dBInstanceIdentifier": "orders"}, db()))
        assert (event.change, event.resource_type) == (Change.START, "db.r5.large")


ARN = "arn:aws:lambda:eu-west-1:111122223333:function:resize"


class TestFunctions:
    @pytest.mark.parametrize("name", ["resize", "111122223333:function:resize", ARN])
    @pytest.mark.parametrize("call", ["CreateFunction", "CreateFunction20150331", "CreateFunction20150331v2"])
    def test_a_function_has_one_name_however_it_is_called(self, name: str, call: str) -> None:
        (event,) = parse_record(record("lambda", call, {"functionName": name, "memorySize": 512}, None))
        assert (event.event_name, event.resource_ids) == ("CreateFunction", ("resize",))
        assert event.usage == (UsageItem("lambda/idle/x86_64", 0.5),)

    def test_memory_and_architecture_are_kept_for_later(self) -> None:
        answer = {"functionName": "resize", "memorySize": "1024", "architectures": ["arm64"]}
        (event,) = parse_record(
            record("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": ARN}, answer)
        )
        assert (event.change, event.usage) == (Change.MODIFY, (UsageItem("lambda/idle/arm64", 1.0),))

    @pytest.mark.parametrize(
        ("named", "qualifier", "resource"),
        [
            ("resize", "prod", "resize:prod"),
            (ARN, "7", "resize:7"),
            (f"{ARN}:7", None, "resize:7"),
            ("resize:prod", None, "resize:prod"),
            ("resize", None, "resize:$LATEST"),
        ],
    )
    def test_provisioned_concurrency_belongs_to_a_version(
        self, named: str, qualifier: str | None, resource: str
    ) -> None:
        asked = {"functionName": named, "qualifier": qualifier, "provisionedConcurrentExecutions": "5"}
        (event,) = parse_record(record("lambda", "PutProvisionedConcurrencyConfig", asked))
        assert (event.resource_type, event.resource_ids) == ("lambda_provisioned_concurrency", (resource,))
        assert event.usage == (UsageItem("lambda/provisioned/unknown", 5),)

    @pytest.mark.parametrize("count", [None, 0, -1, "many", 10**12, 1e300, True])
    def test_a_number_of_executions_that_cannot_be_is_malformed(self, count: Any) -> None:
        asked = {"functionName": "resize", "qualifier": "1", "provisionedConcurrentExecutions": count}
        with pytest.raises(MalformedRecord, match="executions"):
            parse_record(record("lambda", "PutProvisionedConcurrencyConfig", asked))

    @pytest.mark.parametrize(
        ("call", "asked", "resource"),
        [
            ("DeleteFunction", {"functionName": ARN}, "resize"),
            ("DeleteFunction20150331", {"functionName": "resize", "qualifier": "7"}, "resize:7"),
            ("DeleteFunction", {"functionName": "resize:7"}, "resize:7"),
            ("DeleteProvisionedConcurrencyConfig", {"functionName": "resize", "qualifier": "7"}, "resize:7"),
        ],
    )
    def test_deleting_a_version_leaves_the_function(self, call: str, asked: Record, resource: str) -> None:
        (event,) = parse_record(record("lambda", call, asked))
        assert (event.change, event.resource_ids) == (Change.STOP, (resource,))

    def test_a_function_without_a_name_is_malformed(self) -> None:
        with pytest.raises(MalformedRecord, match="no function"):
            parse_record(record("lambda", "CreateFunction20150331", {}))

    def test_memory_beyond_belief_is_malformed(self) -> None:
        with pytest.raises(MalformedRecord, match="MB of memory"):
            parse_record(record("lambda", "CreateFunction", {"functionName": "resize", "memorySize": 10**11}))
