"""What operators are told of by numbers: which there are, and how work is counted."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from engine.models.work import WorkItem


class Metric(StrEnum):
    """Each number by the name that alarms know it by. docs/operations.md says what each means."""

    OPERATIONS = "Operations"
    ERRORS = "Errors"
    RECORDS = "Records"
    LAG = "LagSeconds"
    DEAD_LETTERS = "DeadLetters"


class Meter(Protocol):
    """Takes numbers; never fails and never waits."""

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count."""

    def observe(self, name: str, value: float) -> None:
        """Note one of many values."""


class Silent:
    """A meter that nobody reads."""

    def count(self, name: str, number: int = 1) -> None:
        """Take no notice."""

    def observe(self, name: str, value: float) -> None:
        """Take no notice."""


def metered(handle: Callable[[WorkItem], Awaitable[None]], meter: Meter) -> Callable[[WorkItem], Awaitable[None]]:
    """Give the same, counted: each item is an operation, and an error if it failed this time."""

    async def counted(item: WorkItem) -> None:
        meter.count(Metric.OPERATIONS)
        try:
            await handle(item)
        except Exception:
            meter.count(Metric.ERRORS)
            raise

    return counted
