"""Work until it is done, or until somebody asks the process to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

_STOPPING = (signal.SIGINT, signal.SIGTERM)


async def until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Run ``work``; a first SIGINT or SIGTERM cancels it, wherever it is, and it may clean up undisturbed by a second.

    Return whether it was stopped that way. What ``work`` raises by itself is raised.
    """
    task = asyncio.ensure_future(work)
    asked = asyncio.Event()

    def stop() -> None:
        if not asked.is_set():
            asked.set()
            task.cancel()

    for number in _STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not asked.is_set():
            raise
    return asked.is_set()
