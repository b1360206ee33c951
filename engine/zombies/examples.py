"""Small resources for the runnable examples of rules, and for their tests."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from engine.models.cost_event import UsageItem
from engine.zombies.models import Confidence, Described, Finding, Idle, Series
from engine.zombies.rule import Look

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def look_at(
    kind: str,
    *,
    judge: Callable[[Look], Idle | None],
    traits: Iterable[str] = ("running",),
    age_days: float = 400.0,
    days_in_state: float | None = None,
    numbers: Mapping[str, float] | None = None,
    words: Mapping[str, str] | None = None,
    usage: tuple[UsageItem, ...] = (),
    **series: tuple[float | None, ...],
) -> Idle | None:
    """Judge one resource, 400 days old if nothing else is said, by a rule's function; metrics are keyword arguments.

    >>> look_at("volume", judge=lambda look: None) is None
    True
    """
    resource = Described(
        kind=kind,
        region="eu-west-1",
        resource_id="r-1",
        created_at=NOW - timedelta(days=age_days),
        changed_at=None if days_in_state is None else NOW - timedelta(days=days_in_state),
        traits=frozenset(traits),
        numbers=numbers or {},
        words=words or {},
        usage=usage,
    )
    return judge(Look(resource, {name: Series(values) for name, values in series.items()}, NOW))


def found(rule: str) -> Finding:
    """What a rule found of a NAT gateway.

    >>> found("nat_quiet").resource_id
    'nat-1'
    """
    return Finding(
        finding_id="z-1",
        account_id="111122223333",
        rule=rule,
        kind="nat",
        region="eu-west-1",
        resource_id="nat-1",
        evidence=("0 bytes went out for 31 days",),
        confidence=Confidence.HIGH,
        monthly_cost=32.85,
        found_at=NOW,
        seen_at=NOW,
    )
