"""What was given up is tried again, because somebody says so."""

import asyncio

from services.ports import Clock, Outbox, Posts


class Resending:
    """Cards and messages that Slack did not take."""

    def __init__(self, outbox: Outbox, posts: Posts, clock: Clock) -> None:
        self._outbox = outbox
        self._posts = posts
        self._clock = clock

    async def resend(self, tenant_id: str) -> int:
        """Put all that was given up on its way again; gives how much that is. The jobs send it."""
        now = self._clock()
        return sum(
            await asyncio.gather(self._outbox.requeue_dead(tenant_id, now), self._posts.requeue_dead(tenant_id, now))
        )

    async def hasten(self, tenant_id: str) -> None:
        """Let what waits for another try be tried at once: there is a channel now that takes it."""
        now = self._clock()
        await asyncio.gather(self._outbox.hasten_waiting(tenant_id, now), self._posts.hasten_waiting(tenant_id, now))
