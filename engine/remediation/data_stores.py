"""Databases, caches, warehouses, search domains and file systems.

Deleting data is left to its owner: what can be stopped or made small is, and what cannot leaves a snapshot behind. A
database that was stopped is started by AWS again after seven days. Of a cluster no single member can be stopped: of
Aurora the whole cluster can, of Multi-AZ clusters not even that.
"""

import re

from engine.remediation.way import Way

_RDS_NAME = "(?P<name>[A-Za-z][A-Za-z0-9-]{0,62})"
_RDS_ARN = r"arn:aws[a-z-]*:rds:[a-z0-9-]*:[0-9]{12}:"
_CACHE_NAME = "(?P<name>[a-z][a-z0-9-]{0,49})"
_STOP_CLUSTER = "rds stop-db-cluster --db-cluster-identifier {name}"
_COPY_CLUSTER = (
    "rds create-db-cluster-snapshot --db-cluster-identifier {name} --db-cluster-snapshot-identifier {name}-copy"
)
_DELETE_CLUSTER = "rds delete-db-cluster --db-cluster-identifier {name} --final-db-snapshot-identifier {name}-final"
_DELETE_CACHE = "elasticache delete-cache-cluster --cache-cluster-id {name}"
_DELETE_GROUP = "elasticache delete-replication-group --replication-group-id {name}"
_SMALLEST_DOMAIN = "InstanceType=t3.small.search,InstanceCount=1"

WAYS: tuple[Way, ...] = (
    # Only a Multi-AZ cluster has a class of its own.
    Way(
        service="rds",
        pattern=re.compile(f"cluster:{_RDS_NAME}"),
        stop=_COPY_CLUSTER,
        harder=_DELETE_CLUSTER,
        resource_type="db.",
    ),
    Way(
        service="rds",
        pattern=re.compile(rf"(?:{_RDS_ARN})?cluster:{_RDS_NAME}"),
        stop=_STOP_CLUSTER,
        stops_members=True,
    ),
    Way(
        service="rds",
        pattern=re.compile(_RDS_NAME),
        stop=_STOP_CLUSTER,
        resource_type="cluster",
        stops_members=True,
    ),
    # The cluster keeps its data without a member.
    Way(
        service="rds",
        pattern=re.compile(_RDS_NAME),
        stop="rds delete-db-instance --db-instance-identifier {name}",
        in_cluster=True,
    ),
    Way(
        service="rds",
        pattern=re.compile(rf"(?:{_RDS_ARN}db:)?{_RDS_NAME}"),
        stop="rds stop-db-instance --db-instance-identifier {name}",
    ),
    Way(
        service="rds",
        pattern=re.compile(rf"db-proxy:{_RDS_NAME}"),
        stop="rds delete-db-proxy --db-proxy-name {name}",
    ),
    Way(
        service="elasticache",
        pattern=re.compile(f"cluster:{_CACHE_NAME}"),
        stop=_DELETE_CACHE,
        memory_only=True,
    ),
    Way(
        service="elasticache",
        pattern=re.compile(f"cluster:{_CACHE_NAME}"),
        stop=f"{_DELETE_CACHE} --final-snapshot-identifier {{name}}-final",
        harder=_DELETE_CACHE,
    ),
    Way(
        service="elasticache",
        pattern=re.compile(f"replicationgroup:{_CACHE_NAME}"),
        stop=f"{_DELETE_GROUP} --final-snapshot-identifier {{name}}-final",
        harder=_DELETE_GROUP,
    ),
    Way(
        service="elasticache",
        pattern=re.compile(f"serverlesscache:{_CACHE_NAME}"),
        stop="elasticache delete-serverless-cache --serverless-cache-name {name} --final-snapshot-name {name}-final",
        harder="elasticache delete-serverless-cache --serverless-cache-name {name}",
    ),
    Way(
        service="redshift",
        pattern=re.compile("(?P<name>[a-z][a-z0-9-]{0,62})"),
        stop="redshift pause-cluster --cluster-identifier {name}",
        harder="redshift delete-cluster --cluster-identifier {name} --final-cluster-snapshot-identifier {name}-final",
    ),
    Way(
        service="redshift-serverless",
        pattern=re.compile("(?P<name>[a-z0-9][a-z0-9-]{2,63})"),
        stop="redshift-serverless update-workgroup --workgroup-name {name} --base-capacity 8",
        harder="redshift-serverless delete-workgroup --workgroup-name {name}",
    ),
    Way(
        service="es",
        pattern=re.compile("(?P<name>[a-z][a-z0-9-]{2,27})"),
        stop=f"opensearch update-domain-config --domain-name {{name}} --cluster-config {_SMALLEST_DOMAIN}",
        harder="opensearch delete-domain --domain-name {name}",
    ),
    Way(
        service="aoss",
        pattern=re.compile("(?P<id>[a-z0-9]{3,40})"),
        stop="opensearchserverless delete-collection --id {id}",
    ),
    Way(
        service="memorydb",
        pattern=re.compile("(?P<name>[a-z][a-z0-9-]{0,39})"),
        stop="memorydb delete-cluster --cluster-name {name} --final-snapshot-name {name}-final",
    ),
    Way(
        service="dax",
        pattern=re.compile("(?P<name>[a-z][a-z0-9-]{0,19})"),
        stop="dax delete-cluster --cluster-name {name}",
    ),
    Way(
        service="dynamodb",
        pattern=re.compile("(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{2,254})"),
        stop="dynamodb update-table --table-name {name} --billing-mode PAY_PER_REQUEST",
    ),
    Way(
        service="elasticfilesystem",
        pattern=re.compile("(?P<id>fs-[0-9a-f]{8,40})"),
        stop="efs update-file-system --file-system-id {id} --throughput-mode bursting",
    ),
    Way(
        # It cannot be stopped, and not every flavour keeps a copy when it is deleted: so the copy comes first.
        service="fsx",
        pattern=re.compile("(?P<id>fs-[0-9a-f]{8,40})"),
        stop="fsx create-backup --file-system-id {id}",
        harder="fsx delete-file-system --file-system-id {id}",
    ),
    Way(
        service="kendra",
        pattern=re.compile("(?P<id>[0-9a-f-]{36})"),
        stop="kendra delete-index --id {id}",
    ),
    Way(
        service="ds",
        pattern=re.compile("(?P<id>d-[0-9a-f]{10})"),
        stop="ds delete-directory --directory-id {id}",
    ),
)
