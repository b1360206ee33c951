"""Sizes of Fargate tasks: what they are billed by, wherever ECS tells it."""

import re

from engine.cloudtrail.telling import use
from engine.fields import Json, items, number, text
from engine.models.cost_event import UsageItem

FARGATE = "fargate"
_CPU_UNITS = 1024
_MEGABYTES = 1024
_WORDED = re.compile(r"([0-9.]{1,12}) ?(vcpu|gb)", re.IGNORECASE)


def size(data: Json, sku: str = FARGATE) -> tuple[UsageItem, ...]:
    """The vCPUs and GB of one task, from ``cpu`` and ``memory``; empty if not both are told.

    >>> size({"cpu": "512", "memory": "1 GB"})
    (UsageItem(sku='fargate/vcpu', amount=0.5), UsageItem(sku='fargate/gb', amount=1.0))
    """
    vcpus, gigabytes = _amount(data, "cpu", _CPU_UNITS), _amount(data, "memory", _MEGABYTES)
    if not vcpus or not gigabytes:
        return ()
    return use(f"{sku}/vcpu", vcpus), use(f"{sku}/gb", gigabytes)


def _amount(data: Json, key: str, units: int) -> float | None:
    """Either in words (``0.5 vCPU``, ``2 GB``) or as a number of CPU units or MB."""
    worded = _WORDED.fullmatch(text(data, key) or "")
    if worded:
        return number({key: worded[1]}, key)
    plain = number(data, key)
    return None if plain is None else plain / units


def is_on_fargate(data: Json) -> bool:
    """Whether a task or service says that it runs on Fargate; what runs on EC2 is paid for with its instances.

    >>> is_on_fargate({"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]})
    True
    """
    return any(name.startswith("FARGATE") for name in _places(data))


def is_spot(data: Json) -> bool:
    """Whether any of it may run on spare capacity.

    >>> is_spot({"launchType": "FARGATE"})
    False
    """
    return "FARGATE_SPOT" in _places(data)


def _places(data: Json) -> tuple[str, ...]:
    strategy = (text(one, "capacityProvider") for one in items(data, "capacityProviderStrategy"))
    named = (text(data, "launchType"), text(data, "capacityProviderName"), *strategy)
    return tuple(name for name in named if name)
