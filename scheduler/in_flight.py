"""Turns under way, so that a stop can wait for them."""

import asyncio
from typing import Any

import msgspec

from scheduler.jobs import Job


class InFlight:
    """Knows which jobs are at work. APScheduler would cut them off, and a card cut off on its way is in doubt."""

    def __init__(self) -> None:
        self._turns: set[asyncio.Future[Any]] = set()

    def tracked(self, job: Job) -> Job:
        """Give the same job, watched."""

        async def run() -> object:
            turn = asyncio.ensure_future(job.run())
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)
            return await turn

        return msgspec.structs.replace(job, run=run)

    async def finish(self, grace_seconds: float) -> None:
        """Wait for the turns under way, but not for ever; whoever calls this has seen to it that no new one begins."""
        if self._turns:
            await asyncio.wait(self._turns, timeout=grace_seconds)
