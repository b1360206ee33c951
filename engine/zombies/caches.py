"""Caches. Health checks connect to them, so connections say nothing, and what counts is whether keys are asked for."""

from engine.zombies.models import Idle, Need
from engine.zombies.rule import Look, Rule, unused

HITS = Need(name="hits", namespace="AWS/ElastiCache", metric="CacheHits", statistic="Sum")
MISSES = Need(name="misses", namespace="AWS/ElastiCache", metric="CacheMisses", statistic="Sum")
GETS = Need(name="gets", namespace="AWS/ElastiCache", metric="CmdGet", statistic="Sum")
_NOT_READ = "not one key was asked for in {days} days"


def judge_cache(look: Look) -> Idle | None:
    """A cache of one node that nobody reads.

    >>> from engine.zombies.examples import look_at
    >>> look_at("cache", hits=(0.0,) * 7, misses=(0.0,) * 7, judge=judge_cache).evidence
    ('not one key was asked for in 7 days',)
    """
    return unused(look, look.limits.cache_days, _NOT_READ, HITS, MISSES)


def judge_group(look: Look) -> Idle | None:
    """A replication group none of whose nodes anybody reads: replicas may be read where the primary is not.

    >>> from engine.zombies.examples import look_at
    >>> look_at("cache_group", numbers={"nodes": 2}, hits=(0.0,) * 7, misses=(0.0,) * 7, judge=judge_group).evidence
    ('not one key was asked for of its 2 nodes in 7 days',)
    """
    many = look.resource.numbers.get("nodes", 0)
    saying = f"not one key was asked for of its {many:.0f} nodes in {{days}} days"
    return unused(look, look.limits.cache_days, saying, HITS, MISSES)


def judge_memcached(look: Look) -> Idle | None:
    """A Memcached cluster that nobody reads.

    >>> from engine.zombies.examples import look_at
    >>> look_at("memcached", gets=(0.0,) * 7, judge=judge_memcached).evidence
    ('not one key was asked for in 7 days',)
    """
    return unused(look, look.limits.cache_days, _NOT_READ, GETS)


_THRESHOLD = "not one key asked for, {cache_days} days"
RULES: tuple[Rule, ...] = (
    Rule(
        name="cache_not_read",
        kind="cache",
        title="cache that nobody reads",
        source="Trusted Advisor",
        threshold=_THRESHOLD,
        judge=judge_cache,
        needs=(HITS, MISSES),
        commands=("elasticache delete-cache-cluster --cache-cluster-id {id} --final-snapshot-identifier {id}-final",),
    ),
    Rule(
        name="cache_group_not_read",
        kind="cache_group",
        title="replication group of caches that nobody reads",
        source="Trusted Advisor",
        threshold="not one key asked for of any of its nodes, {cache_days} days",
        judge=judge_group,
        needs=(HITS, MISSES),
        # AWS deletes neither a primary alone, nor the last replica, nor a node of a sharded group.
        commands=(
            "elasticache delete-replication-group --replication-group-id {id} --final-snapshot-identifier {id}-final",
        ),
    ),
    Rule(
        name="memcached_not_read",
        kind="memcached",
        title="Memcached cluster that nobody reads",
        source="Trusted Advisor",
        threshold=_THRESHOLD,
        judge=judge_memcached,
        needs=(GETS,),
        # There are no snapshots of Memcached: AWS refuses the command that asks for one.
        commands=("elasticache delete-cache-cluster --cache-cluster-id {id}",),
    ),
)
