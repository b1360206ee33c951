"""Sensitivity: how much a score counts, as the customer chose it."""

from collections.abc import Sequence

from engine.models.cost_event import CostEvent
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.scoring.thresholds import SENSITIVITY_FACTORS


def sensitivity_of(event: CostEvent, rules: Sequence[SensitivityRule]) -> float:
    """The factor for an event: the rule for its type wins over the one for its service, that over the account's.

    >>> from engine.examples import launch
    >>> sensitivity_of(launch(), ()), sensitivity_of(launch(), [SensitivityRule(level=Sensitivity.HIGH)])
    (1.0, 1.6)
    """
    return SENSITIVITY_FACTORS[level_of(event.service, event.resource_type, rules)]


def with_rule(rules: Sequence[SensitivityRule], added: SensitivityRule) -> tuple[SensitivityRule, ...]:
    """Give the rules with one more, in the place of the one about the same; one that changes nothing is left out.

    >>> high = SensitivityRule(level=Sensitivity.HIGH, service="rds")
    >>> with_rule((), high) == (high,), with_rule([high], SensitivityRule(level=Sensitivity.MEDIUM, service="rds"))
    (True, ())
    """
    others = [one for one in rules if (one.service, one.resource_type) != (added.service, added.resource_type)]
    needed = added.level is not level_of(added.service, added.resource_type, others)
    kept = [*others, added] if needed else others
    return tuple(sorted(kept, key=lambda one: (one.service, one.resource_type)))


def level_of(service: str, resource_type: str, rules: Sequence[SensitivityRule]) -> Sensitivity:
    """The level that holds for a type of a service.

    >>> level_of("rds", "db.r5.large", [SensitivityRule(level=Sensitivity.LOW, service="rds")]).value
    'low'
    """
    matching = [rule for rule in rules if rule.service in {"", service} and rule.resource_type in {"", resource_type}]
    closest = max(matching, key=lambda rule: (rule.resource_type != "", rule.service != ""), default=None)
    return closest.level if closest else Sensitivity.MEDIUM
