"""Sensitivity: how much a score counts, as the customer chose it."""

from collections.abc import Sequence

from engine.models.cost_event import CostEvent
from engine.models.sensitivity import SensitivityRule
from engine.scoring.thresholds import SENSITIVITY_FACTORS


def sensitivity_of(event: CostEvent, rules: Sequence[SensitivityRule]) -> float:
    """The factor for an event: the rule for its type wins over the one for its service, that over the account's.

    >>> from engine.examples import launch
    >>> from engine.models.sensitivity import Sensitivity
    >>> sensitivity_of(launch(), ()), sensitivity_of(launch(), [SensitivityRule(level=Sensitivity.HIGH)])
    (1.0, 1.6)
    """
    matching = [
        rule
        for rule in rules
        if rule.service in {"", event.service} and rule.resource_type in {"", event.resource_type}
    ]
    closest = max(matching, key=lambda rule: (rule.resource_type != "", rule.service != ""), default=None)
    return SENSITIVITY_FACTORS[closest.level] if closest else 1.0
