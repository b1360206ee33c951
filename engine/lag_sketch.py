"""How late records came, in bounded room: counts by buckets that widen by a quarter.

A quantile is exact to its bucket, so within an eighth. Old counts fade: when a sketch holds more than a thousand, all
are halved. (Buckets of a constant ratio: Masson, Rim and Lee, "DDSketch", VLDB 2019.)
"""

import math
from collections.abc import Iterable, Mapping

import msgspec

_RATIO = 1.25
_HIGHEST = 64  # 1.25 ** 64 s are three weeks.
_MOST = 1000


class LagSketch(msgspec.Struct, frozen=True):
    """``counts`` by bucket number, written as text as documents name their fields; bucket n ends at 1.25**n s."""

    counts: Mapping[str, int] = {}


def add_lags(sketch: LagSketch, lags: Iterable[float]) -> LagSketch:
    """Count lags in seconds; what is negative counts as none.

    >>> add_lags(LagSketch({"3": 1}), [0.0, 1.9, 1.9])
    LagSketch(counts={'3': 3, '0': 1})
    """
    counts = dict(sketch.counts)
    for lag in lags:
        bucket = str(_bucket(lag))
        counts[bucket] = counts.get(bucket, 0) + 1
        if sum(counts.values()) > _MOST:
            counts = {one: count // 2 for one, count in counts.items() if count > 1}
    return LagSketch(counts)


def merge_lags(sketches: Iterable[LagSketch]) -> LagSketch:
    """Sum sketches of several Regions.

    >>> merge_lags([LagSketch({"1": 1}), LagSketch({"1": 2, "9": 1})])
    LagSketch(counts={'1': 3, '9': 1})
    """
    counts: dict[str, int] = {}
    for sketch in sketches:
        for bucket, count in sketch.counts.items():
            counts[bucket] = counts.get(bucket, 0) + count
    return LagSketch(counts)


def lag_quantile(sketch: LagSketch, share: float) -> float | None:
    """Give the lag in seconds that ``share`` of all do not exceed, or None before the first.

    >>> round(lag_quantile(add_lags(LagSketch(), [60.0] * 19 + [600.0]), 0.5), 1)
    61.7
    >>> lag_quantile(LagSketch(), 0.5) is None
    True
    """
    left = math.ceil(share * sum(sketch.counts.values()))
    for bucket, count in sorted((int(bucket), count) for bucket, count in sketch.counts.items()):
        left -= count
        if left <= 0:
            return _middle(bucket)
    return None


def _bucket(lag: float) -> int:
    return 0 if lag <= 1.0 else min(_HIGHEST, math.ceil(math.log(lag, _RATIO)))


def _middle(bucket: int) -> float:
    """The value whose relative distance to both ends of the bucket is the same."""
    return 2 * _RATIO**bucket / (1 + _RATIO)
