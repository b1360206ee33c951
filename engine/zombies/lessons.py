"""What "not idle" teaches: about the resource at once, and about the rule once it was wrong often enough."""

from collections.abc import Mapping

import msgspec

from engine.zombies.models import Confidence, Finding

ENOUGH = 3
_LESS: Mapping[Confidence, Confidence] = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW}

ResourceName = tuple[str, str, str]
"""Region, kind and id."""


class Opinions(msgspec.Struct, frozen=True):
    """How often people called what a rule found not idle, and how often it was to go or went."""

    not_idle: int = 0
    confirmed: int = 0


class Lessons(msgspec.Struct, frozen=True):
    """What people said so far: of resources of one account, and of rules in all accounts of the tenant."""

    not_idle: frozenset[ResourceName] = frozenset()
    by_rule: Mapping[str, Opinions] = {}


def learned(finding: Finding, lessons: Lessons) -> Finding | None:
    """Give a finding as it is after what was learned; None for a resource that is not idle, whatever finds it.

    A rule that was wrong three times, and more often than right, is one step less sure from then on, and says why.

    >>> from engine.zombies.examples import found
    >>> less = learned(found("nat_quiet"), Lessons(by_rule={"nat_quiet": Opinions(3, 1)}))
    >>> less.confidence.value, less.evidence[-1]
    ('medium', 'of what this rule found, you called 3 not idle and let 1 go')
    """
    said = lessons.by_rule.get(finding.rule, Opinions())
    if (finding.region, finding.kind, finding.resource_id) in lessons.not_idle:
        return None
    if said.not_idle < ENOUGH or said.not_idle <= said.confirmed:
        return finding
    told = f"of what this rule found, you called {said.not_idle:,} not idle and let {said.confirmed:,} go"
    confidence = _LESS.get(finding.confidence, finding.confidence)
    return msgspec.structs.replace(finding, confidence=confidence, evidence=(*finding.evidence, told))
