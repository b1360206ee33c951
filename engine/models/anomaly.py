"""A stored finding: one incident, one card."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.asking import Ask
from engine.models.caution import Caution
from engine.models.cost_event import COMMITMENT, Actor
from engine.models.ticket import Ticket


class Severity(StrEnum):
    """How much money the incident burns; the order is by value, not by name."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class DecisionKind(StrEnum):
    """What is done about a finding: tell someone now, mention it in the digest, or only keep it."""

    ALERT = "alert"
    DIGEST = "digest"
    LOG = "log"


class Decision(msgspec.Struct, frozen=True):
    """Whether a person is told, with the reason in words. ``safety_net`` marks what nothing but people may silence.

    ``flag`` names the rule on trial without which it would not have been an alert.
    """

    kind: DecisionKind
    reason: str
    safety_net: bool = False
    flag: str = ""


class Signal(msgspec.Struct, frozen=True):
    """One named reason for a score. ``contribution`` is in units of the alerting threshold (1.0 alone would alert)."""

    name: str
    contribution: float
    text: str


class Score(msgspec.Struct, frozen=True):
    """How unusual and costly a cost event is: 1.0 is worth an anomaly. Signals stand weightiest first."""

    value: float
    signals: tuple[Signal, ...] = ()
    z_score: float | None = None


class AnomalyStatus(StrEnum):
    """Where the conversation about an anomaly stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    RESOLVED = "resolved"


JUDGED = frozenset({AnomalyStatus.EXPECTED, AnomalyStatus.UNEXPECTED})


class Line(msgspec.Struct, frozen=True):
    """What an incident started of one type in one Region. ``hourly_cost`` is for all of it, None where not known.

    ``upfront_cost`` is the USD that purchases bind, None for what is no purchase or tells no price.
    """

    service: str
    resource_type: str
    region: str
    quantity: int
    hourly_cost: float | None
    labels: tuple[str, ...] = ()
    price_source: str | None = None
    upfront_cost: float | None = None

    @property
    def is_commitment(self) -> bool:
        """Whether this is a purchase that cannot be given back."""
        return COMMITMENT in self.labels


class ResourceRef(msgspec.Struct, frozen=True):
    """One thing an incident started, with all that a command to stop it needs.

    ``in_cluster`` says that it is a member of a cluster of databases, which AWS stops only as a whole; ``memory_only``
    that it is a cache of which there can be no snapshot.
    """

    region: str
    service: str
    resource_type: str
    resource_id: str
    in_cluster: bool = False
    memory_only: bool = False


class SnoozeLabel(msgspec.Struct, frozen=True):
    """Who snoozed an anomaly when, and until when."""

    by: str
    at: datetime | None
    until: datetime


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """One incident by one actor in one account.

    ``hourly_cost`` sums the lines whose price is known; ``unknown_price`` says that some are not. ``event_ids`` and
    ``resources`` are all that joined (the first thousand of each: it is one document), ``running_ids`` the ids of those
    resources whose end was not seen. ``burnt_usd`` is what burnt before ``burning_since``; from there it grows by
    ``running_hourly_cost``. ``withheld_event_ids`` are kept from the baseline until somebody calls them expected.
    ``acknowledged_by`` is who had acknowledged it before the present label, ``snooze_before`` how it was snoozed then.
    ``cautions`` is what to know before stopping what it started. ``asked`` is the last question to who is behind it,
    ``ticket`` its ticket, if there is one, and ``tickets_undone`` counts those that were taken off it. ``revision``
    grows with every change. ``expectation_id`` names the expectation that its label made or, where ``is_covered``, the
    one that kept it silent.
    """

    anomaly_id: str
    account_id: str
    actor: Actor
    status: AnomalyStatus
    severity: Severity
    score: float
    signals: tuple[Signal, ...]
    decision: Decision
    event_ids: tuple[str, ...]
    withheld_event_ids: tuple[str, ...] = ()
    lines: tuple[Line, ...]
    resources: tuple[ResourceRef, ...]
    running_ids: tuple[str, ...]
    hourly_cost: float
    running_hourly_cost: float
    unknown_price: bool
    first_event_time: datetime
    last_event_time: datetime
    detected_at: datetime
    source_ip: str = ""
    burnt_usd: float = 0.0
    burning_since: datetime
    ended_at: datetime | None = None
    status_by: str = ""
    status_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    snooze_before: SnoozeLabel | None = None
    snoozed_until: datetime | None = None
    expectation_id: str = ""
    cautions: tuple[Caution, ...] = ()
    asked: Ask | None = None
    ticket: Ticket | None = None
    tickets_undone: int = 0
    revision: int = 1

    @property
    def lead(self) -> Line:
        """The line that costs most: what the card's header speaks of."""
        return max(self.lines, key=lambda line: (line.upfront_cost or 0.0, line.hourly_cost or 0.0, line.quantity))

    @property
    def lead_quantity(self) -> int:
        """How many of the lead's type it started, over all Regions."""
        return sum(line.quantity for line in self.lines if line.resource_type == self.lead.resource_type)

    @property
    def other_types(self) -> int:
        """How many types it started besides the lead's."""
        return len({line.resource_type for line in self.lines}) - 1

    @property
    def is_covered(self) -> bool:
        """Whether it only notes what had been announced: nobody was asked, so nobody labelled it."""
        return self.status is AnomalyStatus.EXPECTED and not self.status_by

    @property
    def is_weak(self) -> bool:
        """Whether all that speaks for it is an end that was not recorded: that is worth a line in a digest, no card."""
        return [one.name for one in self.signals] == ["overrun"] and not self.decision.safety_net

    @property
    def is_commitment(self) -> bool:
        """Whether it is about purchases that cannot be given back; they and launches never share an incident."""
        return self.lines[0].is_commitment

    @property
    def upfront_cost(self) -> float | None:
        """USD bound by its purchases, as far as that is known; None when nothing is."""
        known = [line.upfront_cost for line in self.lines if line.upfront_cost is not None]
        return sum(known) if known else None
