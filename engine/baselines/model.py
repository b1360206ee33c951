"""What an account, its types and its actors normally do, in numbers small enough for one document."""

from datetime import datetime

import msgspec

from engine.models.cost_event import CostEvent

_PAIR_SEPARATOR = " | "


class Cell(msgspec.Struct, frozen=True, gc=False):
    """Observations of one kind: how many, how many of known price, and sums over ``ln(USD per hour)`` in thousandths.

    Whole numbers make learning exact: any order and any batch size give the same cell, and what was learned can be
    taken back to the last bit.
    """

    count: int = 0
    priced: int = 0
    log_sum: int = 0
    log_square_sum: int = 0


class Told(msgspec.Struct, frozen=True, gc=False):
    """What people were told of already: on how many different days, up to how much, and when last.

    ``most`` is the dearest card in thousandths of USD an hour, ``at`` the first record of the last such day in seconds
    since 1970.
    """

    days: int = 0
    most: int = 0
    at: int = 0


class Peak(msgspec.Struct, frozen=True, gc=False):
    """The most an actor did within any hour that ended in clock hour ``hour`` (hours since 1970)."""

    hour: int
    count: float
    usd: float


class Activity(msgspec.Struct, gc=False):
    """What one actor does by the hour, over all Regions.

    ``count`` and ``usd`` (an hour) are exponentially weighted over an hour as of ``at`` (seconds since 1970);
    ``regions`` are where that happened. ``pending`` peaks wait some hours before they are believed; ``usual_count`` and
    ``usual_usd`` are the highest of the ``hours`` believed so far.
    """

    at: int = 0
    count: float = 0.0
    usd: float = 0.0
    regions: list[str] = msgspec.field(default_factory=list)
    pending: list[Peak] = msgspec.field(default_factory=list)
    hours: int = 0
    usual_count: float = 0.0
    usual_usd: float = 0.0


class Gauge(msgspec.Struct, gc=False):
    """What runs of all that was started, in thousandths of USD an hour.

    ``most`` is the most of it on ``day`` (days since 1970), ``pending`` that of the days before, which wait to be
    believed, and ``usual`` the most on the days before those.
    """

    running: int = 0
    day: int = 0
    most: int = 0
    pending: list[int] = msgspec.field(default_factory=list)
    usual: int = 0


class Watched(msgspec.Struct, frozen=True):
    """A dear launch that should have ended by ``due`` (seconds since 1970): its like usually lives ``usual_hours``."""

    due: int
    usual_hours: float
    event: CostEvent


class Baseline(msgspec.Struct, kw_only=True):
    """Everything scoring knows of one AWS account's past: a working copy, changed in place only by this package.

    ``events`` counts cost events of any kind, ``launches`` the starts that were learned.
    ``pairs`` and ``told`` are keyed by ``pair_key(actor_key, resource_type)``. ``levels`` and ``unit_levels`` count
    launches by how dear they and their single resources were (see ``levels``), by actor and, under "", all together;
    ``lifetimes`` count by hours, by pair. ``gauges`` are kept by actor and by pair. ``watched`` stands by ``due``.
    ``recent`` are the last hour's starts that belong to no incident; ``evicted_day`` is when room was made last.
    ``alerted`` names the actors, types, Regions and pairs that cards spoke of, with when first (seconds since 1970).
    """

    account_id: str
    first_event_time: datetime | None = None
    last_event_time: datetime | None = None
    events: int = 0
    launches: int = 0
    types: dict[str, Cell] = msgspec.field(default_factory=dict)
    pairs: dict[str, Cell] = msgspec.field(default_factory=dict)
    actors: dict[str, int] = msgspec.field(default_factory=dict)
    regions: dict[str, int] = msgspec.field(default_factory=dict)
    levels: dict[str, list[int]] = msgspec.field(default_factory=dict)
    unit_levels: dict[str, list[int]] = msgspec.field(default_factory=dict)
    told: dict[str, Told] = msgspec.field(default_factory=dict)
    alerted: dict[str, int] = msgspec.field(default_factory=dict)
    activities: dict[str, Activity] = msgspec.field(default_factory=dict)
    gauges: dict[str, Gauge] = msgspec.field(default_factory=dict)
    lifetimes: dict[str, list[int]] = msgspec.field(default_factory=dict)
    recent: list[CostEvent] = msgspec.field(default_factory=list)
    watched: list[Watched] = msgspec.field(default_factory=list)
    evicted_day: int = 0


def pair_key(actor_key: str, resource_type: str) -> str:
    """Name one actor's launches of one type.

    >>> pair_key("arn:aws:iam::111122223333:role/ci", "t3.medium")
    'arn:aws:iam::111122223333:role/ci | t3.medium'
    """
    return actor_key + _PAIR_SEPARATOR + resource_type
