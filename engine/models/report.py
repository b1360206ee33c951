"""What people ask for with ``/dd0c`` and get in the digest: ready to be shown, nothing left to look up."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.account import AccountStatus, GovernanceMode, OperatorPanic
from engine.models.anomaly import AnomalyStatus, Severity
from engine.models.chart import Chart
from engine.models.connection import RoleCheck
from engine.models.delivery import DeliveryState
from engine.models.schedule import DigestSchedule
from engine.models.search import AnomalyQuery
from engine.models.spend_report import SpendSummary
from engine.models.zombie_watch import ZombieWatch


class RegionTrouble(msgspec.Struct, frozen=True):
    """A Region that could not be read, with the last failure in words."""

    region: str
    error: str


class GapKind(StrEnum):
    """Why something of a Region is not known: it cannot be read, is being caught up, is not read at all yet, or its
    past was too much to be read whole."""

    UNREAD = "unread"
    BEHIND = "behind"
    UNWATCHED = "unwatched"
    SHORT_HISTORY = "short_history"


class RegionGap(msgspec.Struct, frozen=True):
    """What is not covered of a Region, and since when (for a short history: until when); None: never was."""

    region: str
    kind: GapKind
    since: datetime | None = None


class RegionLag(msgspec.Struct, frozen=True, kw_only=True):
    """How late a source's records from one Region come, in seconds; None before the first."""

    region: str
    last_record_time: datetime | None
    median_lag: float | None
    p95_lag: float | None


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What a source brought that changes cost: lags in seconds from a record's time to its arrival, None before any.

    ``regions`` tells the same by Region, those that are latest first. ``silent_regions`` are those watched from which
    nothing shows that it would bring a record.
    """

    name: str
    last_record_time: datetime | None
    median_lag: float | None
    p95_lag: float | None
    regions: tuple[RegionLag, ...] = ()
    silent_regions: tuple[str, ...] = ()


class AccountHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How one AWS account is doing.

    ``history_days`` and ``events_seen`` say how far learning has come; the account is young until both reach what is
    needed. ``regions_learned`` counts the Regions whose history was read at connection. ``role_check`` is the last look
    at its role, None before the first. ``running_hourly_cost`` is in USD an hour and counts known prices only.
    ``last_record_time`` is the time of the newest record read in any Region, None before the first. ``set_aside``
    counts received batches that could not take effect. One that ``is_paused`` is not covered by the tenant's plan.
    ``mode`` is the one that holds: ``mode_set_by`` chose strict, and ``mode_by_policy`` says that the operator did.
    ``access_key`` names the key that opens it by its last four characters, empty where a role does.
    """

    account_id: str
    name: str
    status: AccountStatus
    mode: GovernanceMode
    history_days: int
    history_days_needed: int = 14
    events_seen: int
    events_needed: int = 20
    regions_watched: int
    last_record_time: datetime | None = None
    region_troubles: tuple[RegionTrouble, ...] = ()
    status_detail: str = ""
    running_hourly_cost: float = 0.0
    records_read: int = 0
    records_malformed: int = 0
    last_malformed: str = ""
    unknown_prices: int = 0
    sources: tuple[SourceHealth, ...] = ()
    gaps: tuple[RegionGap, ...] = ()
    set_aside: int = 0
    role_check: RoleCheck | None = None
    regions_learned: int = 0
    is_paused: bool = False
    access_key: str = ""
    mode_set_by: str = ""
    mode_by_policy: bool = False

    @property
    def is_young(self) -> bool:
        """Whether too little history was seen to judge by it."""
        return self.history_days < self.history_days_needed or self.events_seen < self.events_needed

    @property
    def in_trouble(self) -> bool:
        """Whether something keeps this account from being watched."""
        return (
            self.status is AccountStatus.DENIED or self.is_paused or bool(self.region_troubles) or bool(self.set_aside)
        )


class DeliveryTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """A card that did not reach Slack, or may not have."""

    anomaly_id: str
    state: DeliveryState
    error: str
    attempts: int


class PostTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """A message other than a card that did not reach Slack, or may not have; ``kind`` is the tag of its content."""

    kind: str
    state: DeliveryState
    error: str
    attempts: int


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to ``/dd0c status``.

    ``dead_letters`` counts work of the whole installation that was given up, ``queue_error`` says why nobody knows;
    ``dead_events`` and ``event_queue_error`` say the same of what came by EventBridge's queue.
    In ``panic_mode`` the tenant itself paused alerting, in ``operator_panic`` the operator did for everybody.
    ``held_cards`` counts the cards that alert budgets have held back for a week.
    ``file_troubles`` are sentences on trails' log files and the archive. ``lost_channel_id`` is the alert channel where
    it takes no cards, ``lost_to`` who gets them meanwhile, if anybody does.
    """

    accounts: tuple[AccountHealth, ...]
    deliveries: tuple[DeliveryTrouble, ...] = ()
    posts: tuple[PostTrouble, ...] = ()
    held_cards: int = 0
    open_anomalies: int = 0
    panic_mode: bool = False
    operator_panic: OperatorPanic | None = None
    dead_letters: int = 0
    queue_error: str = ""
    dead_events: int = 0
    event_queue_error: str = ""
    file_troubles: tuple[str, ...] = ()
    lost_channel_id: str = ""
    lost_to: str = ""
    as_of: datetime


class AnomalyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One anomaly in a list: ``quantity`` of the type that costs most, and so many ``other_types``.

    ``hourly_cost`` is USD an hour of all it started, None where no price is known; ``unknown_price`` says that some are
    not. ``upfront_cost`` is the USD that purchases bind, None where there are none or no price is told. ``is_held``
    says that it had no card, for its channel's alert budget was used up.
    """

    anomaly_id: str
    severity: Severity
    status: AnomalyStatus
    resource_type: str
    quantity: int
    regions: tuple[str, ...]
    actor_name: str
    account_name: str
    hourly_cost: float | None
    first_event_time: datetime
    ended_at: datetime | None = None
    upfront_cost: float | None = None
    other_types: int = 0
    unknown_price: bool = False
    is_held: bool = False


class AnomalyList(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to ``/dd0c anomalies``: a page of the rows, newest first, with counts over all pages.

    ``query`` is what was asked for, with the page that is shown; ``since`` is where its span begins.
    """

    rows: tuple[AnomalyRow, ...]
    total: int
    open_count: int
    since: datetime
    query: AnomalyQuery = AnomalyQuery()
    pages: int = 1


class Suppressed(msgspec.Struct, frozen=True):
    """How many findings nobody was told of for one reason, and USD an hour of all they started."""

    reason: str
    count: int
    hourly_cost: float


class DigestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What happened between ``since`` and ``until``.

    ``burnt_usd`` is what anomalies cost in that time; ``saved_per_day_usd`` what those that were stopped would go on
    costing a day. ``rows`` are what people were told of, ``findings`` what was unusual yet not worth a card, both
    dearest first; ``suppressed`` sums up what was worth telling and was kept silent. ``spent_usd`` estimates what all
    that runs cost in that time. ``chart`` is None where nothing burnt; its picture is at ``picture_url``, if anywhere.
    ``spend`` and ``zombies`` are None in those that were made before they were told; ``zombies`` also before the first
    look for idle resources.
    """

    since: datetime
    until: datetime
    open_count: int = 0
    expected_count: int = 0
    resolved_count: int = 0
    burnt_usd: float = 0.0
    saved_per_day_usd: float = 0.0
    spent_usd: float = 0.0
    running_hourly_cost: float = 0.0
    rows: tuple[AnomalyRow, ...] = ()
    findings: tuple[AnomalyRow, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    chart: Chart | None = None
    picture_url: str = ""
    spend: SpendSummary | None = None
    zombies: ZombieWatch | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened that is worth more than one line."""
        counts = self.open_count or self.expected_count or self.resolved_count
        return not (counts or self.rows or self.findings or self.suppressed)


class DigestSetting(msgspec.Struct, frozen=True):
    """When the digest comes from now on, and where to; ``next_at`` is None for one that is off."""

    schedule: DigestSchedule
    next_at: datetime | None
    channel_id: str


class DisconnectAsked(msgspec.Struct, frozen=True):
    """What would be deleted, until the person says so a second time."""

    account_id: str
    name: str


class DisconnectBegun(msgspec.Struct, frozen=True):
    """The account is watched no more, and its data is being deleted."""

    account_id: str
    name: str


DisconnectReport = DisconnectAsked | DisconnectBegun
