"""A token bucket for each key, on an injected clock."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

Clock = Callable[[], float]
"""Seconds since the epoch, or any other steadily growing number of seconds."""


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


@dataclass
class Throttle:
    """Lets `rate()` calls a second through for each key, and as many in one burst; None lets all through."""

    rate: Callable[[], float | None]
    clock: Clock
    _buckets: dict[Hashable, _Bucket] = field(default_factory=dict, repr=False)

    def admits(self, key: Hashable) -> bool:
        """Take a token for this call, or say that there is none left."""
        rate = self.rate()
        if rate is None:
            return True
        now, most = self.clock(), max(1.0, rate)
        bucket = self._buckets.setdefault(key, _Bucket(most, now))
        bucket.tokens = min(most, bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
