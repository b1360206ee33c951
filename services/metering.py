"""Work, jobs and what they come to, counted."""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

from engine.models.metrics import WORK
from engine.models.work import WorkItem
from services.correlation import correlate
from services.ports.injected import NewId
from services.ports.watching import Meter


class Metric(StrEnum):
    """Each number by the name that CloudWatch's alarms know it by. docs/operations.md says what each means."""

    OPERATIONS = "Operations"
    ERRORS = "Errors"
    RECORDS = "Records"
    LAG = "LagSeconds"
    DEAD_LETTERS = "DeadLetters"


def metered(
    handle: Callable[[WorkItem], Awaitable[None]],
    meter: Meter,
    new_id: NewId,
    monotonic: Callable[[], float] = time.monotonic,
) -> Callable[[WorkItem], Awaitable[None]]:
    """Give the same, counted: each item with its kind, its seconds and whether it failed this time.

    What is logged of an item, that it failed included, carries its kind and an id of this try, and nothing of whatever
    put it into the queue.
    """

    async def counted(item: WorkItem) -> None:
        correlate(work=item.kind.value, work_id=new_id())
        began, outcome = monotonic(), "failed"
        try:
            await handle(item)
            outcome = "ok"
        finally:
            meter.note(WORK, monotonic() - began, kind=item.kind.value, outcome=outcome)

    return counted
