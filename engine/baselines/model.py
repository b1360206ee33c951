"""What an account, its types and its actors normally do, in numbers small enough for one document."""

from datetime import datetime

import msgspec

_PAIR_SEPARATOR = " | "


class Cell(msgspec.Struct, frozen=True):
    """Observations of one kind: how many, how many of known price, and sums over ``ln(USD per hour)`` in thousandths.

    Whole numbers make learning exact: any order and any batch size give the same cell, and what was learned can be
    taken back to the last bit.
    """

    count: int = 0
    priced: int = 0
    log_sum: int = 0
    log_square_sum: int = 0


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Everything scoring knows of one AWS account's past.

    ``events`` counts cost events of any kind, ``launches`` the starts that were learned.
    ``pairs`` is keyed by ``pair_key(actor_key, resource_type)``.
    """

    account_id: str
    first_event_time: datetime | None = None
    last_event_time: datetime | None = None
    events: int = 0
    launches: int = 0
    types: dict[str, Cell] = {}
    pairs: dict[str, Cell] = {}
    actors: dict[str, int] = {}
    regions: dict[str, int] = {}


def pair_key(actor_key: str, resource_type: str) -> str:
    """Name one actor's launches of one type.

    >>> pair_key("arn:aws:iam::111122223333:role/ci", "t3.medium")
    'arn:aws:iam::111122223333:role/ci | t3.medium'
    """
    return actor_key + _PAIR_SEPARATOR + resource_type
