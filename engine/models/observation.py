"""What was started of a type, in dollars."""

import msgspec


class ObservedType(msgspec.Struct, frozen=True, kw_only=True):
    """The launches of one type that are still kept: how many, and USD an hour of those of known price.

    ``mean``, ``deviation`` (of the population) and ``most`` are None where no price is known.
    """

    service: str
    resource_type: str
    launches: int
    mean: float | None
    deviation: float | None
    most: float | None
