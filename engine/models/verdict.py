"""What people said about anomalies, and the patterns that follow from it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.anomaly import Anomaly


class VerdictKind(StrEnum):
    """A human's label, or its withdrawal."""

    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    UNDONE = "undone"


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What the baseline knew people to have been told of a ``pair``, before a verdict made it forget that.

    ``days``, ``most`` and ``at`` are those of the baseline's ``Told``.
    """

    pair: str
    days: int
    most: int
    at: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One row per human label. ``learned`` tells whether the baseline has taken it in yet.

    ``event_ids`` are what the baseline learns, or unlearns, because of it: the events withheld when it was given.
    ``forgotten`` is what it forgot when it took the verdict in; undo brings that back. ``revision`` is the one that it
    made of the anomaly: verdicts are in that order, whatever the clocks of those who recorded them say (0 is older).
    """

    verdict_id: str
    anomaly_id: str
    account_id: str
    kind: VerdictKind
    user_id: str
    at: datetime
    learned: bool
    event_ids: tuple[str, ...] = ()
    forgotten: tuple[Forgotten, ...] = ()
    revision: int = 0


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chose to expect instead of what *Mark expected* takes: by ``anybody`` in the account, up to other
    USD an hour for one launch, until a moment (None: from now on). ``all_running`` and ``max_quantity`` are as in an
    Expectation."""

    anybody: bool
    max_hourly_cost: float | None
    until: datetime | None = None
    all_running: bool = False
    max_quantity: int | None = None


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """Launches of ``resource_types`` by ``actor_key`` up to ``max_hourly_cost`` (USD an hour, one launch) are expected.

    An empty ``actor_key`` stands for anybody in the account.

    None as limit means any amount, which only a launch of unknown price gets. ``covers_unknown_price`` says that
    launches whose price is not known are expected too. ``max_upfront_cost`` is the same limit for purchases, in USD;
    None covers none. Where it is declared for ``all_running``, the limits (``max_quantity`` among them) are for all of
    these types that runs in the account at a time, and None is no limit.
    """

    expectation_id: str
    account_id: str
    actor_key: str
    resource_types: tuple[str, ...]
    max_hourly_cost: float | None
    created_by: str
    created_at: datetime
    until: datetime | None = None
    covers_unknown_price: bool = False
    max_upfront_cost: float | None = None
    max_quantity: int | None = None
    all_running: bool = False


class Snooze(msgspec.Struct, frozen=True, kw_only=True):
    """Silence for one actor's launches of some types until a moment."""

    snooze_id: str
    account_id: str
    actor_key: str
    resource_types: tuple[str, ...]
    until: datetime
    created_by: str
    anomaly_id: str


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with all that follows from it: what becomes of its anomaly, and what is silent from then on."""

    before: Anomaly
    after: Anomaly
    verdict: Verdict
    expectation: Expectation | None = None
    snooze: Snooze | None = None
