"""Cards on their way to Slack."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.anomaly import Line, Severity


class DeliveryState(StrEnum):
    """Where a card is.

    ``PENDING`` waits, ``SENDING`` is in a sender's hands, ``UNCERTAIN`` may have arrived, ``DEAD`` was given up.
    ``HELD`` was not posted because its channel's alert budget was used up; that is asked again when its incident grows.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEAD = "dead"
    HELD = "held"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The outbox row of one anomaly's card: what Slack should show (``wanted``) and what it shows (``shown``).

    Both are anomaly revisions, so any number of changes while Slack is away end in one update. ``claimed_until`` bounds
    how long a crashed sender can hold the row, ``claimed_at`` says since when one does, and ``claims`` counts who held
    it: a sender that is late knows by it that another has the row. ``may_repeat`` marks a card posted again in doubt.
    ``told`` is what people were told of, on the card when it was posted and then in its thread; the latest counts.
    ``held_for`` names the message that tells of it instead of a card, also after it got one all the same.
    ``told_severity`` is the highest that they know of it; None on rows of before that was noted. ``trace`` is the trace
    of the records that made the card due, in W3C's notation, where there is one. ``steps_at`` is when a card that has
    not changed until then is drawn again, because what has burnt so far has grown; None where nothing burns.
    """

    anomaly_id: str
    account_id: str
    channel_id: str
    state: DeliveryState
    wanted: int
    shown: int = 0
    message_ts: str = ""
    attempts: int = 0
    due_at: datetime
    created_at: datetime
    claimed_at: datetime | None = None
    claimed_until: datetime | None = None
    claims: int = 0
    may_repeat: bool = False
    error: str = ""
    held_for: str = ""
    told: tuple[Line, ...] = ()
    told_severity: Severity | None = None
    trace: str = ""
    steps_at: datetime | None = None


class CardPlace(msgspec.Struct, frozen=True):
    """Where a new card is to stand: the channel, and the day in the tenant's zone, such as ``2026-11-21``."""

    channel_id: str
    day: str


class SlackMessage(msgspec.Struct, frozen=True):
    """Where a posted message stands."""

    channel_id: str
    message_ts: str
