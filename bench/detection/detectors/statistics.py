"""Textbook statistics over the cost of launches: a plain z-score with novelty, and an exponentially weighted mean."""

import math
from collections import Counter

from bench.detection.cards import Card, alarm_by_event
from bench.detection.world import AccountWorld
from engine.models.cost_event import CostEvent

_Z_LIMIT = 2.5
_NOVEL = 2
_FEW = 5
_EWMA_WEIGHT = 0.05
_EWMA_LIMIT = 3.0
_EWMA_WARM_UP = 20
_LEAST_DEVIATION = 0.1


class _Running:
    """Mean and deviation, by Welford."""

    def __init__(self) -> None:
        self.count, self.mean, self._squares = 0, 0.0, 0.0

    def add(self, value: float) -> None:
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self._squares += step * (value - self.mean)

    def z_score(self, value: float) -> float:
        deviation = math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0
        return (value - self.mean) / max(deviation, 1e-6)


def plain_z(account: AccountWorld) -> list[Card]:
    """z > 2.5 on dollars an hour by resource type, or a type or actor hardly seen."""
    costs: dict[str, _Running] = {}
    actors: Counter[str] = Counter()

    def is_alarming(event: CostEvent) -> bool:
        known = costs.setdefault(event.resource_type, _Running())
        usd = event.hourly_cost or 0.0
        novel = known.count < _NOVEL or actors[event.actor.key] < _NOVEL
        far = known.count >= _FEW and known.z_score(usd) > _Z_LIMIT
        known.add(usd)
        actors[event.actor.key] += 1
        return novel or far

    return alarm_by_event(account, is_alarming)


def ewma(account: AccountWorld) -> list[Card]:
    """Three deviations above the exponentially weighted mean of the account's log cost per launch."""
    mean, variance, count = 0.0, 1.0, 0

    def is_alarming(event: CostEvent) -> bool:
        nonlocal mean, variance, count
        value = math.log((event.hourly_cost or 0.0) + 1e-3)
        step = value - mean
        far = count >= _EWMA_WARM_UP and step > _EWMA_LIMIT * max(math.sqrt(variance), _LEAST_DEVIATION)
        mean += _EWMA_WEIGHT * step
        variance = (1 - _EWMA_WEIGHT) * (variance + _EWMA_WEIGHT * step * step)
        count += 1
        return far

    return alarm_by_event(account, is_alarming)
