"""Turns under way, so that a stop can wait for them."""

import asyncio
import logging
from typing import Any

import msgspec

from scheduler.jobs import Job

_log = logging.getLogger(__name__)


class InFlight:
    """Knows which jobs are at work. APScheduler would cut them off, and a card cut off on its way is in doubt."""

    def __init__(self) -> None:
        self._at_work: dict[asyncio.Task[Any], str] = {}
        self._is_over = False

    def tracked(self, job: Job) -> Job:
        """Give the same job, watched. Each turn is to run in a task of its own."""

        async def run() -> object:
            self._watch(job.name)
            try:
                return await job.run()
            except asyncio.CancelledError:
                if not self._is_over:
                    raise
                return None  # APScheduler would print a traceback of what was meant.

        return msgspec.structs.replace(job, run=run)

    def _watch(self, name: str) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._at_work[task] = name
            task.add_done_callback(lambda done: self._at_work.pop(done, None))

    async def finish(self, grace_seconds: float) -> None:
        """Wait for the turns under way, but not for ever; whoever calls this has seen to it that no new one begins."""
        if not self._at_work:
            return
        names = dict(self._at_work)
        _, late = await asyncio.wait(names, timeout=grace_seconds)
        if late:
            cut = ", ".join(sorted({names[task] for task in late}))
            _log.warning("not finished after %.0f s and cut off: %s", grace_seconds, cut)
        self._is_over = True
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
