"""What this month may cost, of what is known to run."""

import asyncio
from datetime import datetime, timedelta

import msgspec

from services.ports import Clock, Spending

_LONGEST_MONTH = timedelta(days=31)
_HOUR = timedelta(hours=1)


class MonthEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """USD at list prices of everything whose start was seen: since the month began, and by its end at today's rate."""

    so_far_usd: float
    total_usd: float


class MonthEstimates:
    """Reads; never writes. Months are UTC's, as on AWS's bill."""

    def __init__(self, spending: Spending, clock: Clock) -> None:
        self._spending = spending
        self._clock = clock

    async def estimate(self, tenant_id: str) -> MonthEstimate:
        """Give the estimate; all is zero where nothing with a known price was seen."""
        now = self._clock()
        began, ends = month_around(now)
        so_far, running = await asyncio.gather(
            self._spending.sum_spent(tenant_id, began, now), self._spending.sum_running(tenant_id)
        )
        rest = sum(running.values()) * ((ends - now) / _HOUR)
        return MonthEstimate(so_far_usd=so_far, total_usd=so_far + rest)


def month_around(now: datetime) -> tuple[datetime, datetime]:
    """When the month of a moment began, and when it ends.

    >>> from datetime import UTC
    >>> [f"{one:%Y-%m-%d}" for one in month_around(datetime(2026, 12, 31, 23, tzinfo=UTC))]
    ['2026-12-01', '2027-01-01']
    """
    began = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return began, (began + _LONGEST_MONTH).replace(day=1)
