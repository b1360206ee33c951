"""Every threshold of the zombie hunter, in one place. A tenant may have its own."""

import msgspec

_MEGABYTE = 1_000_000.0


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From when on something counts as idle. Names end in their unit; a ``quiet`` value is the most that is no use.

    >>> Thresholds(nat_days=32).nat_days
    32
    """

    instance_days: int = 14
    instance_cpu_percent: float = 5.0
    instance_network_bytes: float = 5 * _MEGABYTE
    low_cpu_percent: float = 10.0
    low_days: int = 4
    stopped_days: int = 30
    volume_days: int = 7
    volume_operations: float = 1.0
    volume_iops_percent: float = 5.0
    snapshot_days: int = 90
    image_days: int = 120
    database_snapshot_days: int = 30
    balancer_days: int = 7
    balancer_requests: float = 100.0
    nat_days: int = 30
    endpoint_days: int = 30
    database_days: int = 7
    warehouse_days: int = 7
    warehouse_cpu_percent: float = 5.0
    cache_days: int = 7
    search_days: int = 7
    kafka_days: int = 7
    emr_days: int = 1
    model_days: int = 14
    notebook_days: int = 7
    service_days: int = 30
    service_cpu_percent: float = 5.0
    function_days: int = 7
    table_days: int = 14
    stream_days: int = 7
    log_group_gb: float = 1.0
    grace_days: int = 1
    birth_hours: float = 3.0
    birth_until_hours: float = 48.0
    birth_usd_an_hour: float = 1.0
