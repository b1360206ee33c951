"""Caches by node, replication group and use."""

from typing import Any

import pytest
from hypothesis import given

from engine.errors import MalformedRecord
from engine.examples import incident
from engine.remediation import stop_commands
from tests.unit.engine.factories import Record, parse_record, record
from tests.unit.engine.hostile import mutated, survives
from tests.unit.engine.services import MODIFY, START, STOP, Trail, said

CLUSTER = {"cacheClusterId": "Web", "numCacheNodes": 2, "cacheNodeType": "cache.m5.large", "engine": "memcached"}
GROUP = {"replicationGroupId": "web", "cacheNodeType": "cache.r6g.large", "engine": "valkey"}
MEMBERS = {"memberClusters": ["web-001", "web-002", "web-003"], "nodeGroups": [{"nodeGroupId": "0001"}]}
RECORDS = [
    record("elasticache", "CreateCacheCluster", CLUSTER, CLUSTER),
    record("elasticache", "ModifyCacheCluster", {**CLUSTER, "numCacheNodes": 5}, CLUSTER),
    record("elasticache", "CreateReplicationGroup", {**GROUP, "numNodeGroups": 3, "replicasPerNodeGroup": 2}, None),
    record("elasticache", "CreateReplicationGroup", {**GROUP, "nodeGroupConfiguration": [{"replicaCount": 1}]}, GROUP),
    record(
        "elasticache", "IncreaseReplicaCount", {"replicationGroupId": "web", "newReplicaCount": 4}, {**GROUP, **MEMBERS}
    ),
    record("elasticache", "CreateServerlessCache", {"serverlessCacheName": "web"}, None),
]


def test_a_cluster_costs_by_its_nodes() -> None:
    sku = "elasticache/memcached/cache.m5.large"
    assert said(record("elasticache", "CreateCacheCluster", CLUSTER, {**CLUSTER, "cacheClusterId": "web"})) == (
        START,
        "cache.m5.large",
        ("cluster:web",),
        {sku: 2},
    )
    resized = record("elasticache", "ModifyCacheCluster", {"cacheClusterId": "web", "numCacheNodes": 5}, CLUSTER)
    assert said(resized) == (MODIFY, "cache.m5.large", ("cluster:web",), {sku: 5})
    assert said(record("elasticache", "DeleteCacheCluster", {"cacheClusterId": "web"})) == (
        STOP,
        "cache_cluster",
        ("cluster:web",),
        {},
    )


@pytest.mark.parametrize(
    ("engine", "nodes", "has_copy"), [("memcached", 2, False), ("redis", 1, True), ("valkey", 1, True)]
)
def test_only_a_cache_that_has_snapshots_is_deleted_with_one(engine: str, nodes: int, has_copy: bool) -> None:
    cluster = {**CLUSTER, "cacheClusterId": "web", "engine": engine, "numCacheNodes": nodes}
    (event,) = parse_record(record("elasticache", "CreateCacheCluster", cluster, cluster))
    (line,) = stop_commands(incident(event)).stop
    assert ("--final-snapshot-identifier" in line) is has_copy


@pytest.mark.parametrize(
    ("asked", "answer", "count"),
    [
        ({}, None, 1),
        ({"numCacheClusters": 3}, None, 3),
        ({"numNodeGroups": 3, "replicasPerNodeGroup": "2"}, None, 9),
        ({"replicasPerNodeGroup": 2, "numNodeGroups": 1}, None, 3),
        ({"nodeGroupConfiguration": [{"replicaCount": 1}, {"replicaCount": 2}]}, None, 5),
        ({"nodeGroupConfiguration": [{"slots": "0-1"}, {"slots": "2-3"}], "replicasPerNodeGroup": 1}, None, 4),
        ({"numNodeGroups": 9}, MEMBERS, 3),
    ],
)
def test_a_group_has_a_primary_and_replicas_in_each_shard(asked: Record, answer: Any, count: float) -> None:
    raw = record("elasticache", "CreateReplicationGroup", {**GROUP, **asked}, answer)
    usage = {"elasticache/valkey/cache.r6g.large": count}
    assert said(raw) == (START, "cache.r6g.large", ("replicationgroup:web",), usage)


@pytest.mark.parametrize(
    ("name", "asked", "usage"),
    [
        ("ModifyReplicationGroup", {"cacheNodeType": "cache.r6g.4xlarge"}, {"cache.r6g.4xlarge": 3}),
        ("IncreaseReplicaCount", {"newReplicaCount": 5}, {"cache.r6g.large": 6}),
        ("DecreaseReplicaCount", {"newReplicaCount": 0}, {"cache.r6g.large": 1}),
        ("ModifyReplicationGroupShardConfiguration", {"nodeGroupCount": 4}, {"cache.r6g.large": 12}),
    ],
)
def test_a_group_can_grow_in_every_direction(name: str, asked: Record, usage: dict[str, float]) -> None:
    raw = record("elasticache", name, {"replicationGroupId": "web", **asked}, {**GROUP, **MEMBERS})
    expected = {f"elasticache/valkey/{node_type}": count for node_type, count in usage.items()}
    assert said(raw) == (MODIFY, next(iter(usage)), ("replicationgroup:web",), expected)


@pytest.mark.parametrize("name", ["ModifyReplicationGroup", "ModifyCacheCluster", "IncreaseReplicaCount"])
def test_other_changes_cost_nothing(name: str) -> None:
    asked = {"replicationGroupId": "web", "cacheClusterId": "web", "snapshotRetentionLimit": 3}
    assert parse_record(record("elasticache", name, asked, {**GROUP, **MEMBERS, **CLUSTER})) == ()


@pytest.mark.parametrize(
    ("asked", "usage"),
    [
        ({"engine": "valkey"}, {"elasticache/serverless/valkey/gb": 0.1}),
        ({"engine": "redis"}, {"elasticache/serverless/redis/gb": 1.0}),
        (
            {"engine": "Redis", "cacheUsageLimits": {"dataStorage": {"minimum": 50, "unit": "GB"}}},
            {"elasticache/serverless/redis/gb": 50},
        ),
    ],
)
def test_a_serverless_cache_costs_its_least_storage(asked: Record, usage: dict[str, float]) -> None:
    raw = record("elasticache", "CreateServerlessCache", {"serverlessCacheName": "web", **asked})
    assert said(raw) == (START, "serverless_cache", ("serverlesscache:web",), usage)


def test_every_deletion_ends_what_was_created() -> None:
    trail = Trail("elasticache")
    trail.call("CreateCacheCluster", CLUSTER, CLUSTER)
    trail.call("CreateReplicationGroup", GROUP, {**GROUP, **MEMBERS})
    trail.call("CreateServerlessCache", {"serverlessCacheName": "web", "engine": "redis"})
    assert trail.running == {"cluster:web": 2.0, "replicationgroup:web": 3.0, "serverlesscache:web": 1.0}
    trail.call("DeleteCacheCluster", {"cacheClusterId": "web"})
    trail.call("DeleteReplicationGroup", {"replicationGroupId": "web"})
    trail.call(
        "DeleteServerlessCache", {"serverlessCacheName": "web"}, {"serverlessCache": {"serverlessCacheName": "web"}}
    )
    assert trail.running == {}


def test_more_nodes_than_there_can_be_are_malformed() -> None:
    with pytest.raises(MalformedRecord, match="nodes"):
        parse_record(record("elasticache", "CreateCacheCluster", {**CLUSTER, "numCacheNodes": 10**6}))


@given(mutated(RECORDS))
def test_a_broken_record_is_parsed_or_malformed(raw: Record) -> None:
    survives(raw)
