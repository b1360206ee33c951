"""A bucket of tokens for each, and never more buckets than are allowed."""

from services import rate_limits
from services.rate_limits import RateLimits


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_tokens_come_back_evenly() -> None:
    time = Time()
    limits = RateLimits(6, time)
    assert [limits.take("a") for _ in range(7)] == [0] * 6 + [10]
    assert limits.take("b") == 0
    time.now = 9.0
    assert limits.take("a") == 1
    time.now = 10.0
    assert [limits.take("a"), limits.take("a")] == [0, 10]


def test_memory_is_bounded_and_who_came_last_stays_known() -> None:
    limits = RateLimits(1, Time())
    most = rate_limits._MOST_BUCKETS  # noqa: SLF001 - the bound is nobody else's business
    limits.take("here")
    for number in range(3 * most):
        limits.take(f"stranger-{number}")
        if number % 1000 == 0:
            assert limits.take(f"stranger-{number}") > 0
    assert len(limits._buckets) == most  # noqa: SLF001 - as above
    assert limits.take("here") == 0
    assert limits.take(f"stranger-{3 * most - 1}") > 0
