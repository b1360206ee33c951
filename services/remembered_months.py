"""The month's estimate for pages: it adds up all that runs, moves slowly, and is looked at again and again."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from engine.models.spend_report import MonthEstimate

_SECONDS = 60.0
_MOST = 10_000

Estimate = Callable[[str], Awaitable[MonthEstimate]]


class RememberedMonths:
    """An estimate is added up once a minute for each tenant at most, also when many ask at one time."""

    def __init__(self, estimate: Estimate, monotonic: Callable[[], float]) -> None:
        self._estimate = estimate
        self._monotonic = monotonic
        self._known: OrderedDict[str, tuple[asyncio.Future[MonthEstimate], float]] = OrderedDict()

    async def estimate(self, tenant_id: str) -> MonthEstimate:
        """Give the estimate, at most a minute old. What fails is not remembered: it raises as the estimate does."""
        now = self._monotonic()
        under_way, until = self._known.get(tenant_id, (None, 0.0))
        if under_way is None or now >= until:
            under_way = asyncio.ensure_future(self._estimate(tenant_id))
            self._keep(tenant_id, under_way, now + _SECONDS)
        try:
            # Whoever closes the page while it is added up must not take it away from the others.
            return await asyncio.shield(under_way)
        except Exception:
            self._forget(tenant_id, under_way)
            raise

    def _keep(self, tenant_id: str, under_way: asyncio.Future[MonthEstimate], until: float) -> None:
        self._known[tenant_id] = under_way, until
        self._known.move_to_end(tenant_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def _forget(self, tenant_id: str, failed: asyncio.Future[MonthEstimate]) -> None:
        if self._known.get(tenant_id, (None, 0.0))[0] is failed:
            del self._known[tenant_id]
