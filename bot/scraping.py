"""What ``/metrics`` tells: what this process counts, and how much waits on the queue that all of them share."""

import asyncio
import logging
import time
from collections.abc import Callable

from clients.aws.sqs_operator import SqsOperator
from clients.telemetry.numbers import PrometheusMeter
from engine.errors import UpstreamError
from engine.models.metrics import SHARED_QUEUE

_log = logging.getLogger(__name__)
_FRESH_SECONDS = 15.0
_PATIENCE_SECONDS = 5.0


class Scraping:
    """Renders numbers; SQS is asked before, at most every 15 seconds, however many ask us.

    What SQS does not tell is left out, because the last answer would look like news.
    """

    def __init__(
        self,
        numbers: PrometheusMeter,
        operator: SqsOperator | None,
        monotonic: Callable[[], float] = time.monotonic,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._numbers = numbers
        self._operator = operator
        self._monotonic = monotonic
        self._patience = patience_seconds
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def render(self) -> bytes:
        """Everything in Prometheus's text format."""
        if self._operator is not None:
            async with self._asking:
                if self._monotonic() - self._asked_at >= _FRESH_SECONDS:
                    await self._ask(self._operator)
                    self._asked_at = self._monotonic()
        return self._numbers.render()

    async def _ask(self, operator: SqsOperator) -> None:
        try:
            depth = await asyncio.wait_for(operator.fetch_depth(), self._patience)
        except (UpstreamError, TimeoutError) as error:
            _log.warning("how much waits on the work queue cannot be told: %s", str(error) or "no answer in time")
            self._numbers.forget(SHARED_QUEUE)
            return
        for state in ("waiting", "in_work", "delayed", "dead"):
            self._numbers.note(SHARED_QUEUE, getattr(depth, state), state=state)
