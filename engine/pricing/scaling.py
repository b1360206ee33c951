"""Sizes within an instance family, where AWS charges in proportion to the size.

Source: the normalization factors AWS publishes for size-flexible reserved instances (small = 1, xlarge = 8).
Families built around accelerators or whole machines (GPU, Inferentia, FPGA, HPC, high memory, Mac) are not
proportional, and neither is bare metal: nothing is derived for them.
"""

import re
from collections.abc import Mapping
from math import log
from typing import NamedTuple

_LARGE_MULTIPLES = (2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 24, 32, 48, 64, 96)
SIZE_UNITS: Mapping[str, float] = {
    "nano": 0.25,
    "micro": 0.5,
    "small": 1.0,
    "medium": 2.0,
    "large": 4.0,
    "xlarge": 8.0,
    **{f"{n}xlarge": 8.0 * n for n in _LARGE_MULTIPLES},
}


def _sizes_by_distance(units: float) -> tuple[str, ...]:
    return tuple(sorted(SIZE_UNITS, key=lambda size: abs(log(SIZE_UNITS[size] / units))))


_NEAREST_SIZES: Mapping[str, tuple[str, ...]] = {size: _sizes_by_distance(units) for size, units in SIZE_UNITS.items()}

_SIZED_SKU = re.compile(
    r"(?P<head>(?:ec2|msk|opensearch|rds/[a-z-]+|elasticache/[a-z]+|memorydb)/(?:(?:db|cache)\.)?)"
    r"(?P<family>[a-z][a-z0-9-]*)\.(?P<size>[a-z0-9]+)(?P<tail>/single|/multi)?"
)
_UNEVEN_FAMILY = re.compile(r"(?:g|gr|p|inf|trn|dl|vt|f|hpc|mac|u)\d|u-")


class SizedSku(NamedTuple):
    """A SKU taken apart: ``rds/mysql/db.r5`` + ``.large`` + ``/single``; ``units`` is 4.0 for large."""

    family: str
    size: str
    tail: str
    units: float

    def resized(self, size: str) -> str:
        """The SKU of the same family in another size."""
        return f"{self.family}.{size}{self.tail}"


def parse_sized_sku(sku: str) -> SizedSku | None:
    """Take apart the SKU of a family whose price is proportional to its size; None for anything else.

    >>> parse_sized_sku("rds/mysql/db.r5.2xlarge/single")
    SizedSku(family='rds/mysql/db.r5', size='2xlarge', tail='/single', units=16.0)
    >>> parse_sized_sku("ec2/g5.xlarge") is None, parse_sized_sku("ec2/m5.metal") is None
    (True, True)
    """
    match = _SIZED_SKU.fullmatch(sku)
    if match is None or match["size"] not in SIZE_UNITS or _UNEVEN_FAMILY.match(match["family"]):
        return None
    return SizedSku(match["head"] + match["family"], match["size"], match["tail"] or "", SIZE_UNITS[match["size"]])


def nearest_sibling(sku: str, known: Mapping[str, object]) -> tuple[str, float] | None:
    """The known SKU of the same family that is closest in size, and how many of it make one ``sku``.

    >>> nearest_sibling("ec2/m5.4xlarge", {"ec2/m5.large": 0.096, "ec2/m5.2xlarge": 0.384, "ec2/c5.4xlarge": 0.68})
    ('ec2/m5.2xlarge', 2.0)
    >>> nearest_sibling("ec2/p5.4xlarge", {"ec2/p5.48xlarge": 55.04}) is None
    True
    """
    sized = parse_sized_sku(sku)
    if sized is None:
        return None
    for size in _NEAREST_SIZES[sized.size]:
        sibling = sized.resized(size)
        if sibling in known:
            return sibling, sized.units / SIZE_UNITS[size]
    return None
