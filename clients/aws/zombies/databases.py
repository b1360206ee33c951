"""Databases, warehouses, search domains and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from clients.aws.zombies.asker import Answer, Asker, tags_in, those_there
from clients.aws.zombies.database_clusters import is_of_multi_az, multi_az_clusters, standing_of_database
from clients.aws.zombies.ec2 import Found
from clients.aws.zombies.standing import IN_BETWEEN, RUNNING, STOPPED
from engine.models.cost_event import UsageItem
from engine.zombies.models import Described

_DOMAINS_AT_ONCE = 5
_STANDING = {"available": RUNNING, "paused": STOPPED}


async def databases(asker: Asker) -> Found:
    """Instances of RDS and Aurora; what AWS stops and deletes only together is one."""
    together: list[Mapping[str, Any]] = []
    async for page in asker.pages("rds", "describe_db_instances", "DBInstances", follow="Marker", MaxRecords=100):
        yield [_database(asker.region, one) for one in page if not is_of_multi_az(one)]
        together += [one for one in page if is_of_multi_az(one)]
    yield multi_az_clusters(asker.region, together)


def _database(region: str, one: Mapping[str, Any]) -> Described:
    name, engine = one["DBInstanceIdentifier"], one.get("Engine", "unknown")
    zones = "multi" if one.get("MultiAZ") else "single"
    items = [UsageItem(f"rds/{engine}/{one['DBInstanceClass']}/{zones}", 1)]
    if not engine.startswith("aurora") and one.get("AllocatedStorage"):
        copies = 2 if one.get("MultiAZ") else 1
        items.append(UsageItem(f"rds/storage/{one.get('StorageType', 'gp2')}/gb", one["AllocatedStorage"] * copies))
    replica = {"replica"} if one.get("ReadReplicaSourceDBInstanceIdentifier") else set()
    return Described(
        kind="database_member" if one.get("DBClusterIdentifier") else "database",
        region=region,
        resource_id=name,
        name=name,
        arn=one.get("DBInstanceArn", ""),
        known_as=("rds", name),
        created_at=one.get("InstanceCreateTime"),
        usage=tuple(items),
        traits=standing_of_database(one) | replica,
        tags=tags_in(one.get("TagList")),
        dimensions=((("DBInstanceIdentifier", name),),),
    )


async def warehouses(asker: Asker) -> Found:
    """Clusters of Redshift."""
    async for page in asker.pages("redshift", "describe_clusters", "Clusters", follow="Marker", MaxRecords=100):
        yield [
            Described(
                kind="warehouse",
                region=asker.region,
                resource_id=one["ClusterIdentifier"],
                name=one["ClusterIdentifier"],
                known_as=("redshift", one["ClusterIdentifier"]),
                created_at=one.get("ClusterCreateTime"),
                usage=(UsageItem(f"redshift/{one['NodeType']}", one.get("NumberOfNodes", 1)),),
                traits=_STANDING.get(one.get("ClusterStatus", ""), IN_BETWEEN),
                tags=tags_in(one.get("Tags")),
                dimensions=((("ClusterIdentifier", one["ClusterIdentifier"]),),),
            )
            for one in page
        ]


async def search_domains(asker: Asker) -> Found:
    """Domains of OpenSearch, five at a time as AWS describes them."""
    names = [one["DomainName"] for one in (await asker.call("opensearch", "list_domain_names")).get("DomainNames", [])]
    for first in range(0, len(names), _DOMAINS_AT_ONCE):
        few = names[first : first + _DOMAINS_AT_ONCE]
        # If one went after it was listed, the answer for all may be that it is not there: then each is asked alone.
        answers = await _domains(asker, few) or await _domains(asker, *([name] for name in few))
        told = [one for answer in answers for one in answer.get("DomainStatusList", [])]
        yield [_domain(asker, one) for one in told if not one.get("Deleted")]


async def _domains(asker: Asker, *names: Sequence[str]) -> list[Answer]:
    return await those_there(asker.call("opensearch", "describe_domains", DomainNames=list(few)) for few in names)


def _domain(asker: Asker, one: Mapping[str, Any]) -> Described:
    cluster, name, arn = one.get("ClusterConfig", {}), one["DomainName"], one.get("ARN", "")
    kind = cluster.get("InstanceType", "unknown").removesuffix(".search").removesuffix(".elasticsearch")
    return Described(
        kind="search",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=arn,
        known_as=("es", name),
        usage=(UsageItem(f"opensearch/{kind}", cluster.get("InstanceCount", 1)),),
        tags=asker.tags_of(arn),
        dimensions=((("DomainName", name), ("ClientId", asker.account.account_id)),),
    )


async def tables(asker: Asker) -> Found:
    """Tables of DynamoDB."""
    async for names in asker.pages(
        "dynamodb", "list_tables", "TableNames", follow="LastEvaluatedTableName", asked="ExclusiveStartTableName"
    ):
        answers = await those_there(asker.call("dynamodb", "describe_table", TableName=name) for name in names)
        yield [_table(asker, answer["Table"]) for answer in answers]


def _table(asker: Asker, one: Mapping[str, Any]) -> Described:
    bought, name, arn = one.get("ProvisionedThroughput", {}), one["TableName"], one.get("TableArn", "")
    read, write = bought.get("ReadCapacityUnits", 0), bought.get("WriteCapacityUnits", 0)
    return Described(
        kind="table",
        region=asker.region,
        resource_id=name,
        name=name,
        arn=arn,
        known_as=("dynamodb", name),
        created_at=one.get("CreationDateTime"),
        usage=(UsageItem("dynamodb/rcu", read), UsageItem("dynamodb/wcu", write)),
        traits=frozenset({"provisioned"} if read or write else ()),
        numbers={"read": read, "write": write},
        tags=asker.tags_of(arn),
        dimensions=((("TableName", name),),),
    )
