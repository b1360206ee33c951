"""Work, jobs and what they come to, counted."""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

from engine.models.metrics import WORK
from engine.models.work import WorkItem
from services.ports.watching import Meter


class Metric(StrEnum):
    """Each number by the name that CloudWatch's alarms know it by. docs/operations.md says what each means."""

    OPERATIONS = "Operations"
    ERRORS = "Errors"
    RECORDS = "Records"
    LAG = "LagSeconds"
    DEAD_LETTERS = "DeadLetters"


def metered(
    handle: Callable[[WorkItem], Awaitable[None]], meter: Meter, monotonic: Callable[[], float] = time.monotonic
) -> Callable[[WorkItem], Awaitable[None]]:
    """Give the same, counted: each item with its kind, its seconds and whether it failed this time."""

    async def counted(item: WorkItem) -> None:
        began, outcome = monotonic(), "failed"
        try:
            await handle(item)
            outcome = "ok"
        finally:
            meter.note(WORK, monotonic() - began, kind=item.kind.value, outcome=outcome)

    return counted
