"""All rules. A resource is found by the first one that says so, so that no dollar is counted twice."""

from collections.abc import Mapping, Sequence

from engine.zombies import backups, caches, computing, databases, instances, network, streams, volumes
from engine.zombies.rule import Rule

RULES: Sequence[Rule] = (
    *instances.RULES,
    *volumes.RULES,
    *backups.RULES,
    *network.RULES,
    *databases.RULES,
    *caches.RULES,
    *computing.RULES,
    *streams.RULES,
)
BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}


def title_of(rule: str) -> str:
    """How people call what a rule finds; its name where there is no such rule any more.

    >>> title_of("nat_quiet"), title_of("gone_rule")
    ('unused NAT gateway', 'gone_rule')
    """
    return BY_NAME[rule].title if rule in BY_NAME else rule


def rules_for(kind: str) -> Sequence[Rule]:
    """The rules about one kind of resource, in the order in which they are asked.

    >>> [rule.name for rule in rules_for("nat")]
    ['nat_unrouted', 'nat_quiet']
    """
    return [rule for rule in RULES if rule.kind == kind]
