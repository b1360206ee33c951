"""At most one new message a second in a channel, as Slack asks of apps, over all processes that post."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from engine.errors import Throttled, UpstreamError

_log = logging.getLogger(__name__)
_INTERVAL_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0  # Much less than a sender may hold what it delivers.

Sleep = Callable[[float], Awaitable[None]]


class Turns(Protocol):
    """What the processes know together of when a channel may take a message."""

    async def take(self, tenant_id: str, channel_id: str, interval: float, patience: float) -> float:
        """Take the next turn and return the seconds until it comes; more than ``patience``: none was taken."""
        ...

    async def defer(self, tenant_id: str, channel_id: str, seconds: float) -> None:
        """Let the channel take nothing for so many seconds."""
        ...


class ChannelSpacing:
    """Gives each channel's posts their turns, and keeps everybody away from a channel that Slack says to wait for."""

    def __init__(self, turns: Turns, sleep: Sleep = asyncio.sleep) -> None:
        self._turns = turns
        self._sleep = sleep

    @asynccontextmanager
    async def turn(self, tenant_id: str, channel_id: str) -> AsyncIterator[None]:
        """Post inside it. Raises Throttled, before anything is posted, when the channel's turn is too far away."""
        await self._sleep(await self._take(tenant_id, channel_id))
        try:
            yield
        except Throttled as error:
            await self._defer(tenant_id, channel_id, error.retry_after or _INTERVAL_SECONDS)
            raise

    async def _take(self, tenant_id: str, channel_id: str) -> float:
        """Nothing was posted when this fails, so that it must not leave a card in doubt."""
        try:
            seconds = await self._turns.take(tenant_id, channel_id, _INTERVAL_SECONDS, _PATIENCE_SECONDS)
        except UpstreamError as error:
            raise Throttled(f"No turn for {channel_id}: {error}", code="no_turn") from error
        if seconds > _PATIENCE_SECONDS:
            raise Throttled(f"{channel_id} is busy for {seconds:.0f} s.", code="channel_busy", retry_after=seconds)
        return seconds

    async def _defer(self, tenant_id: str, channel_id: str, seconds: float) -> None:
        try:
            await self._turns.defer(tenant_id, channel_id, seconds)
        except UpstreamError as error:
            _log.warning("%s: other senders do not know that Slack asks to wait: %s", channel_id, error)
