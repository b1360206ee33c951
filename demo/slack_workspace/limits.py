"""What goes wrong on purpose: Slack's rate limit and the failures a test asks for."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field


class RateLimiter:
    """One message a second and channel, after a small burst (a token bucket for every channel)."""

    def __init__(self, clock: Callable[[], float], per_second: float = 1.0, burst: int = 5) -> None:
        self.enabled = True
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}

    def seconds_to_wait(self, channel_id: str) -> int:
        """Take a token for this channel and return 0, or return how long to wait (whole seconds)."""
        if not self.enabled:
            return 0
        now = self._clock()
        tokens, then = self._buckets.get(channel_id, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - then) * self._per_second)
        if tokens < 1:
            self._buckets[channel_id] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / self._per_second))
        self._buckets[channel_id] = (tokens - 1, now)
        return 0


@dataclass
class Failure:
    """One planned failure.

    With `after_effect` the call does its work first. Without error, status and retry_after the
    connection is cut and the caller never learns what happened.
    """

    method: str
    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    times: int = 1
    after_effect: bool = False

    @property
    def cuts_connection(self) -> bool:
        """Whether the caller gets no answer at all."""
        return self.error is None and self.status is None and self.retry_after is None

    def to_answer(self) -> tuple[int, dict[str, object], dict[str, str]]:
        """Return HTTP status, JSON body and headers of the failing answer."""
        if self.retry_after is not None:
            headers = {"Retry-After": str(self.retry_after)}
            return self.status or 429, {"ok": False, "error": self.error or "ratelimited"}, headers
        return self.status or 200, {"ok": False, "error": self.error or "internal_error"}, {}


@dataclass
class Hold:
    """One call whose work is done and whose answer waits: the caller does not know, for as long as a test likes."""

    method: str
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        """Say that the call is there, and keep its answer until somebody releases it."""
        self.arrived.set()
        await self.released.wait()


class FailurePlan:
    """The failures still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._planned: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Plan one more failure."""
        self._planned.append(failure)

    def forget(self) -> None:
        """Let no more of them come."""
        self._planned.clear()

    def take(self, method: str) -> Failure | None:
        """Return the failure meant for this call, if any, and count it down."""
        for failure in self._planned:
            if failure.method in (method, "*"):
                failure.times -= 1
                if failure.times <= 0:
                    self._planned.remove(failure)
                return failure
        return None
