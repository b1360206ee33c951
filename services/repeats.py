"""Slack delivers again what it thinks was not heard; that must not be answered twice."""

import asyncio
import logging
from datetime import timedelta

from engine.errors import Conflict, UpstreamError
from services.ports import Clock
from services.ports.billing import Seen

_SOURCE = "slack"
_KEPT = timedelta(days=1)  # Slack repeats for an hour at most.
PATIENCE_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Repeats:
    """Knows which deliveries are worked on already, in whatever process.

    Ask after the delivery is acknowledged and before its work begins: then a crash before the acknowledgement leaves it
    free for its repetition, and Slack repeats none that was acknowledged.
    """

    def __init__(self, seen: Seen, clock: Clock, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._seen = seen
        self._clock = clock
        self._patience = patience_seconds

    async def is_repeated(self, delivery_id: str) -> bool:
        """Whether somebody has this delivery already; from now on it is the caller's.

        One without an id is never repeated. Where the database does not say in time it counts as new: better answered
        twice than not at all, and Slack lets a modal be opened for three seconds only.
        """
        if not delivery_id:
            return False
        try:
            async with asyncio.timeout(self._patience):
                return not await self._seen.claim(_SOURCE, delivery_id, self._clock() + _KEPT)
        except (UpstreamError, Conflict, TimeoutError) as error:
            _log.warning("whether Slack repeats itself is not known: %s", type(error).__name__)
            return False
