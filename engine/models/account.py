"""Tenants and the AWS accounts they connected."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from engine.lag_sketch import LagSketch
from engine.models.connection import RoleCheck
from engine.models.routing import Route
from engine.models.schedule import DigestSchedule
from engine.models.sensitivity import SensitivityRule


class Role(StrEnum):
    """What a person may do: look, answer what is found, or also change how dd0c works."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMIN = "admin"


class OperatorPanic(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's ``panic_mode`` as it holds for a tenant: since when, who wrote it into the policy, and why."""

    since: datetime
    by: str = ""
    why: str = ""


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """One customer: a Slack workspace or an Enterprise organisation. ``tenant_id`` is an opaque UUID.

    The data of one that is ``leaving`` is being deleted. Who installed the app is told what concerns the installation;
    empty where nobody is known. ``lost_channel_ids`` are channels, and people, that took no card the last time.
    In ``panic_mode`` everything is scored and logged, and nothing of it is told; somebody paused alerting then.
    ``operator_panic`` does the same for everybody, by the operator's policy. Where one of the two ended while the other
    went on, ``untold_since`` says from when on the summary that is still to come has to tell.
    ``strict_set_by`` is the user who chose strict mode for all accounts, empty where nobody did.
    ``zombie_thresholds`` are those it chose itself, by name (``engine.zombies.own_thresholds``).
    ``roles`` are those that admins gave, by Slack user; ``engine.roles`` says which all others have.
    """

    tenant_id: str
    team_id: str
    team_name: str
    alert_channel_id: str
    panic_mode: bool = False
    leaving: bool = False
    installer_user_id: str = ""
    installed_at: datetime | None = None
    lost_channel_ids: tuple[str, ...] = ()
    paused_at: datetime | None = None
    paused_by: str = ""
    operator_panic: OperatorPanic | None = None
    untold_since: datetime | None = None
    strict_set_by: str = ""
    digest: DigestSchedule = DigestSchedule()
    routes: tuple[Route, ...] = ()
    alert_budget: int | None = None
    roles: Mapping[str, Role] = {}
    zombie_thresholds: Mapping[str, float] = {}

    @property
    def is_silenced(self) -> bool:
        """Whether nobody is to be told of anything now."""
        return self.panic_mode or self.operator_panic is not None


class AccountStatus(StrEnum):
    """Where an AWS account is in its life with us. ``PENDING`` waits for its role, ``DENIED`` has lost it."""

    PENDING = "pending"
    LEARNING = "learning"
    ACTIVE = "active"
    DENIED = "denied"
    DISCONNECTING = "disconnecting"


class GovernanceMode(StrEnum):
    """``STRICT`` lets only the safety net alert; ``AUDIT`` alerts as scored."""

    STRICT = "strict"
    AUDIT = "audit"


class Rescan(msgspec.Struct, frozen=True, kw_only=True):
    """A rescan under way: when it began, and down to where it has come (it reads from the newest to the oldest)."""

    began: datetime
    until: datetime


class RegionCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far one Region was read. ``error`` is the last failure in words, empty after a success.

    ``slice_seconds`` is how much is read at once while catching up. ``history_since`` is set where its past was too
    much to be read whole.
    """

    region: str
    read_until: datetime
    rescanned_at: datetime
    last_record_time: datetime | None = None
    last_success_at: datetime | None = None
    error: str = ""
    slice_seconds: float = 3600.0
    rescan: Rescan | None = None
    history_since: datetime | None = None


class Experience(msgspec.Struct, frozen=True):
    """How much of an account's life is known: its first cost event, and how many there were."""

    first_event_time: datetime | None
    events: int


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How an account's alerts did, with those that a looser mode would have sent.

    ``verdicts`` counts those that somebody labelled, ``expected`` the false alarms among them.
    """

    alerts: int = 0
    verdicts: int = 0
    expected: int = 0


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """What a source brought from one Region: the newest record's time, and how late records came, in seconds."""

    last_record_time: datetime | None = None
    lags: LagSketch = LagSketch()


class AwsAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A connected AWS account.

    ``external_id`` is ours, one per tenant and account. ``mode_set_by`` names the customer's user who chose the mode;
    empty means that the mode is the default one, which promotion may change. ``strict_set_by`` chose strict for it
    whatever the mode is, so that what was earned comes back afterwards; ``engine.modes`` says what holds.
    ``history_alerts`` counts the cards that the history read at connection would have raised. ``arrivals`` tells what
    came, by source and Region. ``role_check`` is what the last look at its role found out, None before the first. While
    it learns, ``regions_learned`` counts the Regions whose history was read. While ``paused_at`` is set the tenant's
    plan does not cover the account: nothing of it is read, and nothing is deleted. ``access_key_id`` names the key that
    opens it instead of a role, whose secret is kept apart, sealed; empty where a role does.
    """

    account_id: str
    name: str
    status: AccountStatus
    external_id: str
    role_arn: str
    regions: tuple[str, ...]
    connected_at: datetime
    mode: GovernanceMode = GovernanceMode.STRICT
    mode_set_by: str = ""
    sensitivities: tuple[SensitivityRule, ...] = ()
    cursors: tuple[RegionCursor, ...] = ()
    status_detail: str = ""
    records_read: int = 0
    records_malformed: int = 0
    last_malformed: str = ""
    unknown_prices: int = 0
    history_alerts: int = 0
    arrivals: Mapping[str, Mapping[str, Arrivals]] = {}
    role_check: RoleCheck | None = None
    regions_learned: int = 0
    paused_at: datetime | None = None
    strict_set_by: str = ""
    access_key_id: str = ""

    @property
    def is_connected(self) -> bool:
        """Whether anything opened it once."""
        return bool(self.role_arn or self.access_key_id)
