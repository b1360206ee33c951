"""A long run cut into stretches of time."""

from collections.abc import Sequence

import msgspec

from bench.load.driving import Answered
from bench.slack.measure import quantile


class Sample(msgspec.Struct, frozen=True):
    """A stretch of the time: when it ended (seconds since the beginning), the bot's memory then, and how soon what fell
    due in it was answered."""

    at: float
    rss_mb: float
    requests: int
    errors: int
    p50_ms: float
    p99_ms: float


def sampled(told: Sequence[Answered], began: float, memory: Sequence[tuple[float, int]]) -> list[Sample]:
    """Give a sample for each stretch of time.

    >>> sampled([Answered("command", 10.5, 7.0), Answered("command", 11.5, 9.0)], 10.0, [(1.0, 2**20), (2.0, 2**21)])[1]
    Sample(at=2.0, rss_mb=2.0, requests=1, errors=0, p50_ms=9.0, p99_ms=9.0)
    """
    samples, before = [], 0.0
    for at, rss in memory:
        some = [one for one in told if before <= one.at - began < at]
        times = sorted(one.took_ms for one in some if not one.trouble) or [0.0]
        errors = sum(bool(one.trouble) for one in some)
        samples.append(Sample(at, rss / 2**20, len(some), errors, quantile(times, 0.5), quantile(times, 0.99)))
        before = at
    return samples
