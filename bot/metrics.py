"""What this process tells CloudWatch, if it is to: by lines on standard output."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import click

from bot.files import build_event_queue
from bot.identity import utc_now
from bot.settings import CoreSettings
from clients.aws.sqs_operator import SqsOperator
from clients.emf import EmfLog
from engine.errors import UpstreamError
from services.metering import Meter, Metric, Silent
from store.connect import Store

_log = logging.getLogger(__name__)
_SECONDS = 60.0
_COUNTS = (Metric.OPERATIONS, Metric.ERRORS, Metric.RECORDS)

Gauges = Mapping[str, Callable[[], Awaitable[int]]]


def build_meter(settings: CoreSettings) -> Meter:
    """Give what counts; without ``DD0C_EMF`` nothing is told."""
    return EmfLog(counts=_COUNTS, clock=utc_now, write=click.echo) if settings.emf else Silent()


def build_gauges(settings: CoreSettings, store: Store, operator: SqsOperator | None) -> Gauges:
    """Give what is asked before each line: how much was given up, of work, of events and of received batches."""
    events = build_event_queue(settings)
    parts = [store.system.count_set_aside, *(one.count_dead for one in (operator, events) if one is not None)]

    async def count_dead_letters() -> int:
        return sum([await count() for count in parts])

    return {Metric.DEAD_LETTERS: count_dead_letters}


@asynccontextmanager
async def told(meter: Meter, gauges: Gauges, seconds: float = _SECONDS) -> AsyncIterator[None]:
    """Tell the numbers once a minute as long as this lasts, and once more at its end."""
    if not isinstance(meter, EmfLog):
        yield
        return
    telling = asyncio.create_task(_tell_again_and_again(meter, gauges, seconds))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        meter.flush()


async def _tell_again_and_again(meter: EmfLog, gauges: Gauges, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        for name, ask in gauges.items():
            try:
                meter.observe(name, await ask())
            except UpstreamError as error:
                _log.warning("%s cannot be told: %s", name, error)
        meter.flush()
