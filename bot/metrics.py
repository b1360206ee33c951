"""What this process tells CloudWatch, if it is to: by lines on standard output."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import click

from bot.files import build_event_queue
from bot.identity import utc_now
from bot.settings import CoreSettings
from clients.aws.sqs_operator import SqsOperator
from clients.emf import EmfLog
from engine.errors import UpstreamError
from engine.models import metrics
from services.metering import Metric
from services.ports.watching import Meter
from store.connect import Store

_log = logging.getLogger(__name__)
_SECONDS = 60.0
_COUNTS = (Metric.OPERATIONS, Metric.ERRORS, Metric.RECORDS)

Gauges = Mapping[str, Callable[[], Awaitable[int]]]


class Meters:
    """Tells several: a number is counted at one place in the code, whoever reads it."""

    def __init__(self, meters: Sequence[Meter]) -> None:
        self._meters = meters

    def note(self, metric: metrics.Metric, amount: float = 1.0, **labels: str) -> None:
        """Tell each of them."""
        for meter in self._meters:
            meter.note(metric, amount, **labels)


class CloudWatch:
    """The few of all numbers that CloudWatch alarms by; the others would only cost money there."""

    def __init__(self, write: Callable[[str], None] = click.echo) -> None:
        self.log = EmfLog(counts=_COUNTS, clock=utc_now, write=write)

    def note(self, metric: metrics.Metric, amount: float = 1.0, **labels: str) -> None:
        """Take what CloudWatch is told of, under the name it has there."""
        if metric in {metrics.WORK, metrics.HTTP_REQUESTS}:
            self.log.count(Metric.OPERATIONS)
            self.log.count(Metric.ERRORS, int("failed" in labels.values() or "5xx" in labels.values()))
        elif metric is metrics.RECORDS and labels["outcome"] == "read":
            self.log.count(Metric.RECORDS, int(amount))
        elif metric is metrics.RECORD_LAG:
            self.log.observe(Metric.LAG, amount)


def build_gauges(settings: CoreSettings, store: Store, operator: SqsOperator | None) -> Gauges:
    """Give what is asked before each line: how much was given up, of work, of events and of received batches."""
    events = build_event_queue(settings)
    parts = [store.system.count_set_aside, *(one.count_dead for one in (operator, events) if one is not None)]

    async def count_dead_letters() -> int:
        return sum([await count() for count in parts])

    return {Metric.DEAD_LETTERS: count_dead_letters}


@asynccontextmanager
async def told(cloudwatch: CloudWatch | None, gauges: Gauges, seconds: float = _SECONDS) -> AsyncIterator[None]:
    """Tell CloudWatch once a minute as long as this lasts, and once more at its end, if it is to be told."""
    if cloudwatch is None:
        yield
        return
    telling = asyncio.create_task(_tell_again_and_again(cloudwatch.log, gauges, seconds))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        cloudwatch.log.flush()


async def _tell_again_and_again(log: EmfLog, gauges: Gauges, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        for name, ask in gauges.items():
            try:
                log.observe(name, await ask())
            except UpstreamError as error:
                _log.warning("%s cannot be told: %s", name, error)
        log.flush()
