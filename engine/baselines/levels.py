"""How often something was how large: counts by half octaves, exact to add to and to take from.

Level 0 is up to a cent (or a minute), and every level is larger by the square root of two than the one before, so that
32 levels reach 650 dollars an hour. A list of levels ends with its last count.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from engine.baselines.rates import LEVEL_FADE, LEVEL_MOST_COUNTED

_SMALLEST = 0.01
MOST_LEVELS = 40
_FADES = tuple(LEVEL_FADE**distance for distance in range(MOST_LEVELS + 1))


@lru_cache(4096)
def level_of(amount: float) -> int:
    """The level of an amount.

    >>> level_of(0.0), level_of(0.01), level_of(1.0), level_of(2.0), level_of(1e9)
    (0, 0, 13, 15, 39)
    """
    if amount <= _SMALLEST:
        return 0
    return min(MOST_LEVELS - 1, int(2.0 * math.log2(amount / _SMALLEST)))


def shift_level(levels: dict[str, list[int]], key: str, level: int, change: int, most_keys: int) -> None:
    """Count one more or one less of a level; a key that counts nothing any more is gone.

    >>> counted: dict[str, list[int]] = {}
    >>> shift_level(counted, "ci", 2, 1, 10)
    >>> counted
    {'ci': [0, 0, 1]}
    >>> shift_level(counted, "ci", 2, -1, 10)
    >>> counted
    {}
    """
    counts = levels.get(key)
    if counts is None:
        if change < 0 or len(levels) >= most_keys:
            return
        counts = levels[key] = []
    if level < len(counts) and counts[level] + change > 0:
        counts[level] += change
        return
    if len(counts) <= level:
        counts.extend([0] * (level + 1 - len(counts)))
    counts[level] = max(0, counts[level] + change)
    while counts and not counts[-1]:
        counts.pop()
    if not counts:
        del levels[key]


def seen_near(counts: Sequence[int], level: int) -> float:
    """How much experience there is with an amount: all that was as large, and less the further below it was.

    Experience far below counts for at most a few, however often it was made: ten thousand small launches say little of
    a large one.

    >>> seen_near([0, 0, 5], 2), seen_near([0, 0, 5], 3), seen_near([0, 0, 5], 12) < 0.01
    (5.0, 5.0, True)
    """
    top = len(counts) - 1
    reached = level - 1
    if top >= reached:
        return float(sum(counts[max(0, reached) :])) + (
            min(counts[reached - 1], LEVEL_MOST_COUNTED) * LEVEL_FADE if reached >= 1 else 0.0
        )
    distance = reached - top
    seen = 0.0
    for below in range(min(3, top + 1)):
        seen += min(counts[top - below], LEVEL_MOST_COUNTED) * _FADES[min(MOST_LEVELS, distance + below)]
    return seen


def quantile(counts: Sequence[int], share: float) -> int:
    """The level that ``share`` of what was counted does not exceed.

    >>> quantile([2, 7, 1], 0.9)
    1
    """
    wanted, seen = share * sum(counts), 0
    for level, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return level
    return len(counts) - 1


def upper_end(level: int) -> float:
    """The amount at which a level ends and the next begins.

    >>> round(upper_end(2), 3)
    0.028
    """
    return float(_SMALLEST * 2.0 ** ((level + 1) / 2.0))
