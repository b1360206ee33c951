"""How often somebody may ask: a bucket of tokens for each, refilled evenly."""

import math
from collections.abc import Callable

_MOST_BUCKETS = 10_000
_SECONDS = 60.0


class RateLimits:
    """Buckets of one process. With several processes each allows as much, so the limit bounds load, not use."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._burst = float(per_minute)
        self._per_second = per_minute / _SECONDS
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> int:
        """Take a token; gives 0, or after how many whole seconds there is one again."""
        now = self._monotonic()
        tokens = self._tokens(who, now)
        if tokens < 1.0:
            return math.ceil((1.0 - tokens) / self._per_second)
        self._buckets.pop(who, None)  # Put at the end: at the front is who did not ask for the longest time.
        self._buckets[who] = (tokens - 1.0, now)
        if len(self._buckets) > _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return 0

    def _tokens(self, who: str, now: float) -> float:
        tokens, at = self._buckets.get(who, (self._burst, now))
        return min(self._burst, tokens + (now - at) * self._per_second)
