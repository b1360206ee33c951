"""Thresholds that a tenant chose itself: which there are, within which bounds, and what follows from them."""

import math
from collections.abc import Iterable, Mapping

import msgspec

from engine.command_line.nearest import did_you_mean
from engine.command_line.words import shown
from engine.errors import Conflict, InvalidCommand
from engine.zombies.rule import Rule
from engine.zombies.rules import RULES
from engine.zombies.thresholds import Thresholds

USUAL = Thresholds()
_NAMES = Thresholds.__struct_fields__
MEASURED_DAYS = 32
_OLDEST_DAYS = 3650
_BY_AGE = frozenset(
    {"stopped_days", "snapshot_days", "image_days", "database_snapshot_days", "notebook_days", "grace_days"}
)
_BY_UNIT: Mapping[str, tuple[float, float]] = {
    "days": (1, MEASURED_DAYS),
    "percent": (0, 100),
    "hours": (1, 168),
    "hour": (0.1, 100_000),
}
_AMOUNTS = (0.0, 1e12)
# The first of each pair must be less than the second, or the rule that reads both can find nothing.
_ORDERED = (("volume_days", "stopped_days"), ("birth_hours", "birth_until_hours"))


class ThresholdRow(msgspec.Struct, frozen=True):
    """One threshold as it holds for a tenant, beside the usual value."""

    name: str
    value: float
    usual: float

    @property
    def is_own(self) -> bool:
        """Whether the tenant chose it."""
        return self.value != self.usual


def limits_of(own: Mapping[str, float]) -> Thresholds:
    """Give the thresholds that hold for a tenant. What is stored under a name that is no more does not count.

    >>> limits_of({"nat_days": 20.0, "gone": 1.0}).nat_days
    20
    """
    return msgspec.structs.replace(USUAL, **{name: _typed(name, own[name]) for name in own if name in _NAMES})


def rows_of(own: Mapping[str, float]) -> tuple[ThresholdRow, ...]:
    """Every threshold, in the order of docs/zombies.md."""
    limits = limits_of(own)
    return tuple(ThresholdRow(name, getattr(limits, name), getattr(USUAL, name)) for name in _NAMES)


def checked(own: Mapping[str, float], changes: Mapping[str, float | None]) -> Mapping[str, float | None]:
    """Give changes that may be made to ``own``; None brings the usual value back. Raises InvalidCommand, and Conflict.

    >>> checked({}, {"nat_days": 14.0, "table_days": None})
    {'nat_days': 14, 'table_days': None}
    """
    made = {_known(name): None if value is None else _value(name, value) for name, value in changes.items()}
    after = limits_of({name: value for name, value in {**own, **made}.items() if value is not None})
    for lower, higher in _ORDERED:
        if getattr(after, lower) >= getattr(after, higher):
            raise Conflict(f"`{lower}` must be less than `{higher}`, which is {getattr(after, higher):g}.")
    if after.low_days > after.instance_days:
        raise Conflict(f"`low_days` is at most `instance_days`, which is {after.instance_days}.")
    return made


def parse_threshold(name: str, word: str) -> float | None:
    """Read a value as people type it; ``default`` gives None. Raises InvalidCommand.

    >>> parse_threshold("balancer_requests", "1,000"), parse_threshold("nat_days", "default")
    (1000.0, None)
    """
    known = _known(name.lower())
    if word.lower() in {"default", "usual"}:
        return None
    try:
        return float(word.replace(",", "").removesuffix("%"))
    except ValueError:
        low, high = bounds_of(known)
        told = f"{shown(word)} is no value for `{known}`"
        raise InvalidCommand(f"{told}: say a number from {low:g} to {high:g}, or `default`.") from None


def bounds_of(name: str) -> tuple[float, float]:
    """The lowest and highest value. What is measured is measured for 32 days.

    >>> bounds_of("nat_days"), bounds_of("snapshot_days"), bounds_of("low_cpu_percent")
    ((1, 32), (1, 3650), (0, 100))
    """
    if name in _BY_AGE:
        return 1, _OLDEST_DAYS
    return _BY_UNIT.get(name.rpartition("_")[2], _AMOUNTS)


def is_own(rule: Rule, threshold: str) -> bool:
    """Whether what a finding was found at is not what the rule usually asks for."""
    return bool(threshold) and threshold != rule.threshold_text(USUAL)


def widest_births(all_own: Iterable[Mapping[str, float]]) -> Thresholds:
    """Thresholds that let through whatever is told to any tenant by its birth clock, besides the usual.

    >>> widest_births([{"birth_usd_an_hour": 0.5}, {"birth_hours": 6.0}]).birth_usd_an_hour
    0.5
    """
    every = [USUAL, *map(limits_of, all_own)]
    return msgspec.structs.replace(
        USUAL,
        birth_hours=min(one.birth_hours for one in every),
        birth_until_hours=max(one.birth_until_hours for one in every),
        birth_usd_an_hour=min(one.birth_usd_an_hour for one in every),
    )


def _known(name: str) -> str:
    if name not in _NAMES:
        near = did_you_mean(name, _NAMES)
        raise InvalidCommand(f"{shown(name)} is no threshold.{near or ' `/dd0c settings zombies` lists them.'}")
    return name


def _value(name: str, value: float) -> float:
    low, high = bounds_of(name)
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidCommand(f"`{name}` is from {low:g} to {high:g}.")
    if isinstance(getattr(USUAL, name), int) and value != int(value):
        raise InvalidCommand(f"`{name}` is a whole number.")
    return _typed(name, value)


def _typed(name: str, value: float) -> float:
    return int(value) if isinstance(getattr(USUAL, name), int) else float(value)


def rules_at(name: str) -> tuple[str, ...]:
    """How people call what the rules find that say this threshold.

    >>> rules_at("nat_days")
    ('unused NAT gateway',)
    """
    return tuple(rule.title for rule in RULES if f"{{{name}" in rule.threshold)
