"""At most one new message a second in a channel, as Slack asks of apps."""

import asyncio
from collections.abc import Awaitable, Callable

_INTERVAL_SECONDS = 1.0
_MOST_CHANNELS = 10_000

Sleep = Callable[[float], Awaitable[None]]


class ChannelSpacing:
    """Gives each channel's posts their turns; times are seconds of a monotonic clock."""

    def __init__(self, monotonic: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_at: dict[tuple[str, str], float] = {}

    async def wait(self, tenant_id: str, channel_id: str) -> None:
        """Return when the channel may take a message, and take that turn."""
        now = self._monotonic()
        if len(self._next_at) > _MOST_CHANNELS:
            self._next_at = {key: at for key, at in self._next_at.items() if at > now}
        turn = max(now, self._next_at.get((tenant_id, channel_id), now))
        self._next_at[tenant_id, channel_id] = turn + _INTERVAL_SECONDS
        if turn > now:
            await self._sleep(turn - now)
