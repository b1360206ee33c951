"""Which caches have nothing but their memory: AWS takes no snapshot of them, and refuses to delete them with one."""

from collections.abc import Iterable

from engine.models.cost_event import UsageItem

_MEMORY_ONLY = "elasticache/memcached/"


def is_memory_only(usage: Iterable[UsageItem]) -> bool:
    """Tell by what a cache is priced from whether it is a Memcached cluster; serverless ones do have snapshots.

    >>> is_memory_only((UsageItem("elasticache/memcached/cache.m5.large", 2),))
    True
    >>> is_memory_only((UsageItem("elasticache/serverless/memcached/gb", 1),))
    False
    """
    return any(item.sku.startswith(_MEMORY_ONLY) for item in usage)
