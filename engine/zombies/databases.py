"""Databases, warehouses, search and tables."""

from engine.zombies.models import Confidence, Idle, Need
from engine.zombies.rule import Look, Rule, unused

CONNECTIONS = Need(name="connections", namespace="AWS/RDS", metric="DatabaseConnections", statistic="Maximum")
LOGINS = Need(name="logins", namespace="AWS/Redshift", metric="DatabaseConnections", statistic="Maximum")
WAREHOUSE_CPU = Need(
    name="warehouse_cpu",
    namespace="AWS/Redshift",
    metric="CPUUtilization",
    statistic="Maximum",
    quiet="warehouse_cpu_percent",
)
SEARCHES = Need(name="searches", namespace="AWS/ES", metric="SearchRate", statistic="Sum")
INDEXING = Need(name="indexing", namespace="AWS/ES", metric="IndexingRate", statistic="Sum")
READ_UNITS = Need(
    name="read_units",
    namespace="AWS/DynamoDB",
    metric="ConsumedReadCapacityUnits",
    statistic="Sum",
    is_sparse=True,
)
WRITE_UNITS = Need(
    name="write_units",
    namespace="AWS/DynamoDB",
    metric="ConsumedWriteCapacityUnits",
    statistic="Sum",
    is_sparse=True,
)


def judge_database(look: Look) -> Idle | None:
    """A database that nobody connects to. A replica is read by its source, and one that is stopped costs no hours.

    >>> from engine.zombies.examples import look_at
    >>> look_at("database", connections=(0.0,) * 12, judge=judge_database).evidence
    ('no connection for 12 days',)
    """
    if "running" not in look.resource.traits or "replica" in look.resource.traits:
        return None
    return unused(look, look.limits.database_days, "no connection for {days} days", CONNECTIONS)


def judge_member(look: Look) -> Idle | None:
    """An instance of an Aurora cluster that nobody connects to. It may be there to take over, so it is less sure.

    >>> from engine.zombies.examples import look_at
    >>> look_at("database_member", connections=(0.0,) * 12, judge=judge_member).evidence
    ('no connection for 12 days; the cluster keeps its data without it',)
    """
    if "running" not in look.resource.traits:
        return None
    saying = "no connection for {days} days; the cluster keeps its data without it"
    return unused(look, look.limits.database_days, saying, CONNECTIONS, confidence=Confidence.MEDIUM)


def judge_database_cluster(look: Look) -> Idle | None:
    """A Multi-AZ cluster of databases to none of whose instances anybody connects.

    >>> from engine.zombies.examples import look_at
    >>> look_at("database_cluster", numbers={"instances": 3}, connections=(0.0,) * 7,
    ...     judge=judge_database_cluster).evidence
    ('no connection to any of its 3 instances for 7 days',)
    """
    if "running" not in look.resource.traits:
        return None
    many = look.resource.numbers.get("instances", 0)
    saying = f"no connection to any of its {many:.0f} instances for {{days}} days"
    return unused(look, look.limits.database_days, saying, CONNECTIONS)


def judge_warehouse(look: Look) -> Idle | None:
    """A Redshift cluster that nobody connects to.

    >>> from engine.zombies.examples import look_at
    >>> look_at("warehouse", logins=(0.0,) * 7, judge=judge_warehouse).evidence
    ('no connection for 7 days',)
    """
    if "running" not in look.resource.traits:
        return None
    return unused(look, look.limits.warehouse_days, "no connection for {days} days", LOGINS)


def judge_warehouse_cpu(look: Look) -> Idle | None:
    """A Redshift cluster that somebody connects to, and that computes nothing.

    >>> from engine.zombies.examples import look_at
    >>> look_at("warehouse", warehouse_cpu=(2.0,) * 7, judge=judge_warehouse_cpu).evidence
    ('CPU never above 5% for 7 days',)
    """
    if "running" not in look.resource.traits:
        return None
    saying = f"CPU never above {look.limits.warehouse_cpu_percent:g}% for {{days}} days"
    return unused(look, look.limits.warehouse_days, saying, WAREHOUSE_CPU, confidence=Confidence.MEDIUM)


def judge_search(look: Look) -> Idle | None:
    """A search domain that nobody searches or fills.

    >>> from engine.zombies.examples import look_at
    >>> look_at("search", searches=(0.0,) * 8, indexing=(0.0,) * 8, judge=judge_search).evidence
    ('no search and nothing indexed for 8 days',)
    """
    return unused(look, look.limits.search_days, "no search and nothing indexed for {days} days", SEARCHES, INDEXING)


def judge_table(look: Look) -> Idle | None:
    """A table with provisioned capacity of which nothing is consumed.

    >>> from engine.zombies.examples import look_at
    >>> look_at("table", traits=("provisioned",), read_units=(None,) * 14, write_units=(None,) * 14,
    ...     numbers={"read": 100, "write": 50}, judge=judge_table).evidence
    ('nothing of 100 read and 50 write units consumed for 14 days',)
    """
    if "provisioned" not in look.resource.traits:
        return None
    read, write = (look.resource.numbers.get(name, 0) for name in ("read", "write"))
    saying = f"nothing of {read:g} read and {write:g} write units consumed for {{days}} days"
    return unused(look, look.limits.table_days, saying, READ_UNITS, WRITE_UNITS)


_FINAL = "{id}-final"
_SMALLEST_DOMAIN = "InstanceType=t3.small.search,InstanceCount=1"
RULES: tuple[Rule, ...] = (
    Rule(
        name="database_no_connections",
        kind="database",
        title="database without connections",
        source="Trusted Advisor, thrifty",
        threshold="no connection, {database_days} days; not a replica",
        judge=judge_database,
        needs=(CONNECTIONS,),
        commands=(
            "rds stop-db-instance --db-instance-identifier {id}",
            f"rds delete-db-instance --db-instance-identifier {{id}} --final-db-snapshot-identifier {_FINAL}",
        ),
        is_birth=True,
    ),
    Rule(
        name="member_no_connections",
        kind="database_member",
        title="Aurora instance without connections",
        source="Trusted Advisor, thrifty",
        threshold="no connection, {database_days} days",
        judge=judge_member,
        needs=(CONNECTIONS,),
        # AWS stops only the whole cluster, and takes no final snapshot of one instance.
        commands=("rds delete-db-instance --db-instance-identifier {id}",),
        is_birth=True,
    ),
    Rule(
        name="database_cluster_no_connections",
        kind="database_cluster",
        title="Multi-AZ database cluster without connections",
        source="Trusted Advisor, thrifty",
        threshold="no connection to any of its instances, {database_days} days",
        judge=judge_database_cluster,
        needs=(CONNECTIONS,),
        # AWS can neither stop it nor an instance of it.
        commands=(
            "rds create-db-cluster-snapshot --db-cluster-identifier {id} --db-cluster-snapshot-identifier {id}-copy",
            f"rds delete-db-cluster --db-cluster-identifier {{id}} --final-db-snapshot-identifier {_FINAL}",
        ),
    ),
    Rule(
        name="warehouse_no_connections",
        kind="warehouse",
        title="Redshift cluster without connections",
        source="Trusted Advisor",
        threshold="no connection, {warehouse_days} days",
        judge=judge_warehouse,
        needs=(LOGINS,),
        commands=(
            "redshift pause-cluster --cluster-identifier {id}",
            f"redshift delete-cluster --cluster-identifier {{id}} --final-cluster-snapshot-identifier {_FINAL}",
        ),
        is_birth=True,
    ),
    Rule(
        name="warehouse_low_cpu",
        kind="warehouse",
        title="Redshift cluster that computes nothing",
        source="Trusted Advisor",
        threshold="CPU at most {warehouse_cpu_percent:g}%, {warehouse_days} days",
        judge=judge_warehouse_cpu,
        needs=(WAREHOUSE_CPU,),
        commands=("redshift pause-cluster --cluster-identifier {id}",),
    ),
    Rule(
        name="search_unused",
        kind="search",
        title="unused search domain",
        source="Trusted Advisor",
        threshold="no search and nothing indexed, {search_days} days",
        judge=judge_search,
        needs=(SEARCHES, INDEXING),
        commands=(
            f"opensearch update-domain-config --domain-name {{id}} --cluster-config {_SMALLEST_DOMAIN}",
            "opensearch delete-domain --domain-name {id}",
        ),
        is_birth=True,
    ),
    Rule(
        name="table_unused",
        kind="table",
        title="DynamoDB table with unused capacity",
        source="Trusted Advisor",
        threshold="provisioned, nothing consumed, {table_days} days",
        judge=judge_table,
        needs=(READ_UNITS, WRITE_UNITS),
        commands=("dynamodb update-table --table-name {id} --billing-mode PAY_PER_REQUEST",),
    ),
)
