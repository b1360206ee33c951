"""What an incident started, line by line: one for each type in each Region."""

import msgspec

from engine.models.anomaly import Line
from engine.models.cost_event import CostEvent

_MOST_LINES = 1000


def line_of(event: CostEvent) -> Line:
    """Give the line of one launch or purchase.

    >>> from engine.examples import launch
    >>> line_of(launch()).hourly_cost
    1.0
    """
    return Line(
        service=event.service,
        resource_type=event.resource_type,
        region=event.region,
        quantity=event.quantity,
        hourly_cost=event.hourly_cost,
        labels=event.labels,
        price_source=event.price_source,
        upfront_cost=event.upfront_cost,
    )


def merge_line(lines: tuple[Line, ...], new: Line) -> tuple[Line, ...]:
    """Add to the line of the same thing in the same Region, or append one.

    >>> from engine.examples import launch
    >>> merge_line((line_of(launch()),), line_of(launch()))[0].quantity
    2
    """
    for index, line in enumerate(lines):
        if (line.resource_type, line.region, line.labels) == (new.resource_type, new.region, new.labels):
            known = line.hourly_cost is not None and new.hourly_cost is not None
            total = (line.hourly_cost or 0.0) + (new.hourly_cost or 0.0) if known else None
            upfront = _sum_known(line.upfront_cost, new.upfront_cost)
            merged = msgspec.structs.replace(
                line, quantity=line.quantity + new.quantity, hourly_cost=total, upfront_cost=upfront
            )
            return (*lines[:index], merged, *lines[index + 1 :])
    return (*lines, new)[:_MOST_LINES]


def _sum_known(first: float | None, second: float | None) -> float | None:
    return second if first is None else first + (second or 0.0)
