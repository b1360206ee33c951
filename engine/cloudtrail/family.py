"""What every service family's parser is given and gives back."""

from collections.abc import Callable, Sequence

import msgspec

from engine.errors import MalformedRecord
from engine.fields import Json
from engine.models.cost_event import Change, UsageItem


class Call(msgspec.Struct, frozen=True, gc=False):
    """A successful call: its name without API version, its parameters and its answer as plain dicts.

    ``details`` is what AWS tells in their place of something it did by itself, such as taking back a spot instance.
    """

    name: str
    request: Json
    response: Json
    details: Json = {}


class Part(msgspec.Struct, frozen=True, gc=False):
    """What one call started, stopped or changed of one resource type.

    ``usage`` is for all ``resource_ids`` together. ``quantity`` is how many there are, also where no id is known.
    ``upfront_cost`` and ``group`` are as in a CostEvent. ``longest`` is after how many seconds it has ended by itself
    at the latest, for jobs whose end no record tells.
    """

    change: Change
    resource_type: str
    resource_ids: tuple[str, ...]
    quantity: int = 1
    usage: tuple[UsageItem, ...] = ()
    labels: tuple[str, ...] = ()
    upfront_cost: float | None = None
    group: str = ""
    longest: float | None = None


Parser = Callable[[Call], Sequence[Part]]


def within(value: float, most: float, what: str) -> float:
    """Give the value back if AWS could have sold that much at once; more would only wreck sums and memory.

    >>> within(20.0, 100.0, "executions")
    20.0
    """
    if value > most:
        raise MalformedRecord(f"{value:.0f} {what} is more than AWS sells at once ({most:.0f})")
    return value


def stopped(resource_type: str, *resource_ids: str | None) -> tuple[Part, ...]:
    """One stop of all the ids that are there; without any there is nothing to say.

    >>> stopped("nat_gateway", "nat-1", None)[0].resource_ids
    ('nat-1',)
    """
    ids = tuple(dict.fromkeys(resource_id for resource_id in resource_ids if resource_id))
    return (Part(Change.STOP, resource_type, ids, len(ids)),) if ids else ()
