"""The birth clock: something expensive, created hours ago, and not used since."""

from datetime import datetime, timedelta

import msgspec

from engine.zombies.judging import commands_of
from engine.zombies.models import Need
from engine.zombies.rule import Look, Rule
from engine.zombies.rules import rules_for
from engine.zombies.thresholds import Thresholds

_HOUR = timedelta(hours=1)

_NO_USE = {
    "instance": "hardly any CPU and network",
    "nat": "not one byte out",
    "database": "no connection",
    "database_member": "no connection",
    "warehouse": "no connection",
    "search": "no search and nothing indexed",
    "model_endpoint": "no invocation",
    "throughput": "no invocation",
}


class Birth(msgspec.Struct, frozen=True):
    """What is told to whoever made it: how old it is, USD an hour, and what it was not used for.

    ``measured`` are the metrics that say so, in words with numbers; ``commands`` end it, the most harmless first.
    """

    rule: str
    hours: float
    hourly_cost: float
    evidence: str
    measured: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


def birth_needs(kind: str) -> tuple[Need, ...]:
    """The metrics that tell of the use of what was just created; none where no rule is about that.

    >>> [need.metric for need in birth_needs("database")], birth_needs("volume")
    (['DatabaseConnections'], ())
    """
    needs = {need.name: need for rule in rules_for(kind) if rule.is_birth for need in rule.needs}
    return tuple(needs.values())


def is_newborn(created: datetime, hourly_cost: float | None, now: datetime, limits: Thresholds) -> bool:
    """Whether something is of the age and price at which it is worth asking for its use."""
    hours = (now - created) / _HOUR
    is_dear = hourly_cost is not None and hourly_cost >= limits.birth_usd_an_hour
    return is_dear and limits.birth_hours <= hours <= limits.birth_until_hours


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
    created = look.resource.created_at
    if created is None or hourly_cost is None or not is_newborn(created, hourly_cost, look.now, look.limits):
        return None
    hours = (look.now - created) / _HOUR
    for rule in rules_for(look.resource.kind):
        if rule.is_birth and _is_unused(look, rule):
            text = f"created {int(hours)} hours ago, {_NO_USE[look.resource.kind]} since"
            measured = tuple(_measured(look, need) for need in rule.needs)
            return Birth(rule.name, hours, hourly_cost, text, measured, commands_of(rule, look.resource))
    return None


def _is_unused(look: Look, rule: Rule) -> bool:
    return all(
        need.name in look.series
        and all(value <= look.quiet(need) for value in look.series[need.name].known(look.limits.nat_days))
        and (need.is_sparse or bool(look.series[need.name].known(look.limits.nat_days)))
        for need in rule.needs
    )


def _measured(look: Look, need: Need) -> str:
    most = max(look.series[need.name].known(look.limits.nat_days), default=0.0)
    return f"{need.metric} {_number(most)} (up to {_number(look.quiet(need))} is no use)"


def _number(value: float) -> str:
    """Write a number as people do.

    >>> _number(5e6), _number(1.5), _number(0.0)
    ('5,000,000', '1.5', '0')
    """
    return f"{round(value, 1):,.15g}"
