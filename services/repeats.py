"""Slack delivers again what it thinks was not heard; that must not be answered twice."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from engine.errors import Conflict, UpstreamError
from services.gathering import Gathered
from services.ports import Clock
from services.ports.billing import Seen

_SOURCE = "slack"
_KEPT = timedelta(days=1)  # Slack repeats for an hour at most.
PATIENCE_SECONDS = 0.5
_APART_SECONDS = 0.02  # All that people do begins with this question.
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
        self._claims = Gathered[str, bool](self._claim, _APART_SECONDS)

    async def is_repeated(self, delivery_id: str) -> bool:
        """Whether somebody has this delivery already; from now on it is the caller's.

        One without an id is never repeated. Where the database does not say in time it counts as new: better answered
        twice than not at all, and Slack lets a modal be opened for three seconds only.
        """
        if not delivery_id:
            return False
        try:
            async with asyncio.timeout(self._patience):
                return not await self._claims.ask(_SOURCE, delivery_id)
        except (UpstreamError, Conflict, TimeoutError) as error:
            _log.warning("whether Slack repeats itself is not known: %s", type(error).__name__)
            return False

    async def _claim(self, source: str, delivery_ids: Sequence[str]) -> Sequence[bool]:
        return await self._seen.claim_all(source, delivery_ids, self._clock() + _KEPT)
