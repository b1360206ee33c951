"""Which of Slack's requests still wait to be acknowledged: all other work lets them pass."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext
from slack_bolt.response import BoltResponse

CALM_SECONDS = 0.03
PATIENCE_SECONDS = 0.5


class Acknowledgements:
    """Counts requests from when they are there until they are acknowledged.

    Slack takes back what is not acknowledged within three seconds, and waits for an answer for half an hour. Where many
    people type at one moment, their requests come one by one over a tenth of a second: work that begins in the gaps
    between them, with its queries in threads that want the interpreter too, holds up those that are still to come. So
    work begins once nothing has come for a moment. It does not wait for ever: where requests come without end, a little
    of the work is done beside them.
    """

    def __init__(self, calm_seconds: float = CALM_SECONDS, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._calm = calm_seconds
        self._patience = patience_seconds
        self._awaited = 0
        self._latest = -math.inf

    @contextmanager
    def awaited(self, context: AsyncBoltContext) -> Iterator[None]:
        """Count the request of this context until its listener acknowledges it, or else until this is left."""
        ack = context["ack"] = _Ack(self._end)
        self._awaited += 1
        try:
            yield
        finally:
            ack.end()

    def _end(self) -> None:
        self._awaited -= 1
        self._latest = time.monotonic()

    def count(self) -> int:
        """How many requests wait for their acknowledgement."""
        return self._awaited

    async def let_pass(self) -> None:
        """Wait until none is awaited, nor was a moment ago, but no longer than the patience lasts."""
        until = time.monotonic() + self._patience
        while not self._is_calm() and time.monotonic() < until:  # noqa: ASYNC110 - that nothing comes, nothing tells
            await asyncio.sleep(self._calm)

    def _is_calm(self) -> bool:
        return not self._awaited and time.monotonic() - self._latest >= self._calm


class _Ack(AsyncAck):
    """Tells, once, that it was used or is not needed any more."""

    def __init__(self, told: Callable[[], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the SDK types its methods, not this one
        self._told: Callable[[], None] | None = told

    async def __call__(self, *given: Any, **named: Any) -> BoltResponse:
        response = await super().__call__(*given, **named)
        self.end()
        return response

    def end(self) -> None:
        told, self._told = self._told, None
        if told is not None:
            told()
