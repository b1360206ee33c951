"""What the tree ensembles see of a launch: five numbers between 0 and 1."""

import math
from collections import Counter

from engine.models.cost_event import CostEvent

_MOST_LOG = 8.0


class Features:
    """Cost, time of day, and how often type, actor and Region were seen, from the events so far."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._total = 0

    def of(self, event: CostEvent) -> tuple[float, ...]:
        """The numbers of one launch, which is seen from now on."""
        names = (f"t/{event.resource_type}", f"a/{event.actor.key}", f"r/{event.region}")
        news = [math.log((self._total + 3) / (self._seen[name] + 0.5)) / _MOST_LOG for name in names]
        self._seen.update(names)
        self._total += 1
        return (log_cost(event), event.event_time.hour / 24, *(min(1.0, max(0.0, new)) for new in news))


def log_cost(event: CostEvent) -> float:
    """``ln(1 + USD per hour)`` from 0 to 1."""
    return min(1.0, math.log1p(event.hourly_cost or 0.0) / _MOST_LOG)
