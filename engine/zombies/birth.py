"""The birth clock: something expensive, created hours ago, and not used since."""

from datetime import timedelta

import msgspec

from engine.zombies.rule import Look, Rule
from engine.zombies.rules import rules_for

_NO_USE = {
    "instance": "hardly any CPU and network",
    "nat": "not one byte out",
    "database": "no connection",
    "warehouse": "no connection",
    "search": "no search and nothing indexed",
    "model_endpoint": "no invocation",
    "throughput": "no invocation",
}


class Birth(msgspec.Struct, frozen=True):
    """What is told to whoever made it: how old it is, USD an hour, and what it was not used for."""

    rule: str
    hours: float
    hourly_cost: float
    evidence: str


def newborn(look: Look, hourly_cost: float | None) -> Birth | None:
    """Give the birth clock's answer for what is expensive, hours old and unused.

    Where a metric that always has values has none yet, nothing is known, and nothing is said.

    >>> from engine.zombies.examples import NOW
    >>> from engine.zombies.models import Described, Series
    >>> database = Described(kind="database", region="eu-west-1", resource_id="orders", traits=frozenset({"running"}),
    ...     created_at=NOW - timedelta(hours=6))
    >>> newborn(Look(database, {"connections": Series((0.0,))}, NOW), 4.2).evidence
    'created 6 hours ago, no connection since'
    """
    created, limits = look.resource.created_at, look.limits
    if created is None or hourly_cost is None or hourly_cost < limits.birth_usd_an_hour:
        return None
    hours = (look.now - created) / timedelta(hours=1)
    if not limits.birth_hours <= hours <= limits.birth_until_hours:
        return None
    for rule in rules_for(look.resource.kind):
        if rule.is_birth and _is_unused(look, rule):
            text = f"created {int(hours)} hours ago, {_NO_USE[look.resource.kind]} since"
            return Birth(rule.name, hours, hourly_cost, text)
    return None


def _is_unused(look: Look, rule: Rule) -> bool:
    return all(
        need.name in look.series
        and all(value <= look.quiet(need) for value in look.series[need.name].known(look.limits.nat_days))
        and (need.is_sparse or bool(look.series[need.name].known(look.limits.nat_days)))
        for need in rule.needs
    )
