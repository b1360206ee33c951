"""Listeners under way, so that a stop can wait for them, and what would be too many is refused."""

import asyncio
import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler

_log = logging.getLogger(__name__)


class Listeners(AsyncListenerStartHandler):
    """Knows which listeners of an app are at work.

    Bolt answers Slack as soon as a listener has acknowledged and lets go of the rest of its work. Who clicked has been
    told by then that it counts, so the rest must not be cut off by a stop.
    """

    def __init__(self) -> None:
        self._at_work: set[asyncio.Task[Any]] = set()

    @classmethod
    def of(cls, app: AsyncApp) -> "Listeners":
        """Watch an app's listeners from now on."""
        listeners = cls()
        app.listener_runner.listener_start_handler = listeners
        return listeners

    async def handle(self, request: object, response: object) -> None:  # noqa: ARG002 - Bolt passes both by name
        """Note the task that Bolt made for a listener; Bolt calls this in it, before anything is acknowledged."""
        task = asyncio.current_task()
        if task is not None:
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    def count(self) -> int:
        """How many are at work."""
        return len(self._at_work)

    async def finish(self, grace_seconds: float) -> None:
        """Wait for the listeners at work, but not for ever; whoever calls this has seen to it that none begins."""
        if not self._at_work:
            return
        _, late = await asyncio.wait(self._at_work, timeout=grace_seconds)
        if late:
            _log.warning(
                "work for Slack is not finished after %.0f s and is cut off: %d listeners", grace_seconds, len(late)
            )
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
