"""What ``/dd0c status`` answers, from stored facts only."""

import asyncio
from datetime import datetime, timedelta

import msgspec

from engine.access_keys import key_name
from engine.errors import NotFound, UpstreamError
from engine.models.account import AwsAccount, Experience
from engine.models.delivery import Delivery
from engine.models.post import Post
from engine.models.report import (
    AccountHealth,
    DeliveryTrouble,
    PostTrouble,
    RegionTrouble,
    StatusReport,
)
from engine.modes import ModeInForce, mode_in_force
from engine.routing import reached_instead
from services.coverage import find_gaps, source_health
from services.file_health import FileHealth
from services.joining import Joined
from services.policies import NO_POLICIES, Policies
from services.ports import (
    Accounts,
    Anomalies,
    Clock,
    DeadLetters,
    Experiences,
    Outbox,
    Posts,
    SetAside,
    Spending,
    Tenants,
)

LIST_SPAN = timedelta(days=7)
_HELD_LONG = timedelta(seconds=30)  # A card that Slack takes is out of the sender's hands long before.
_UNKNOWN = Experience(first_event_time=None, events=0)


class Reports:
    """Reads; never writes."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        accounts: Accounts,
        anomalies: Anomalies,
        outbox: Outbox,
        posts: Posts,
        set_aside: SetAside,
        spending: Spending,
        experiences: Experiences,
        clock: Clock,
        dead_letters: DeadLetters | None = None,
        dead_events: DeadLetters | None = None,
        files: FileHealth | None = None,
        policies: Policies = NO_POLICIES,
    ) -> None:
        """Without ``dead_letters`` all work is done in this process, and none of it is ever given up.

        ``dead_events`` are what came by EventBridge's queue, where there is one.
        """
        self._tenants = tenants
        self._accounts = accounts
        self._anomalies = anomalies
        self._outbox = outbox
        self._posts = posts
        self._set_aside = set_aside
        self._spending = spending
        self._experiences = experiences
        self._clock = clock
        self._dead_letters = dead_letters
        self._dead_events = dead_events
        self._files = files
        self._policies = policies
        self._joined = Joined[StatusReport]()

    async def status(self, tenant_id: str) -> StatusReport:
        """How every account is doing, and what did not reach Slack; worked out once for all who ask at one moment."""
        return await self._joined.ask(tenant_id, lambda: self._status(tenant_id))

    async def _status(self, tenant_id: str) -> StatusReport:
        now = self._clock()
        tenant, accounts, running, experiences, stuck, unsettled = await asyncio.gather(
            self._tenants.find_tenant(tenant_id),
            self._accounts.find_accounts(tenant_id),
            self._spending.sum_running(tenant_id),
            self._experiences.find_experiences(tenant_id),
            self._outbox.find_stuck(tenant_id, now - _HELD_LONG),
            self._anomalies.count_unsettled(tenant_id, since=now - LIST_SPAN),
        )
        aside, stuck_posts, held = await asyncio.gather(
            self._set_aside.count_set_aside(tenant_id),
            self._posts.find_stuck(tenant_id),
            self._outbox.count_held_since(tenant_id, now - LIST_SPAN),
        )
        (dead, queue_error), (dead_events, event_queue_error) = await asyncio.gather(
            _count_dead(self._dead_letters), _count_dead(self._dead_events)
        )
        troubles = await self._files.find_troubles([one.account_id for one in accounts]) if self._files else ()
        policy = self._policies.current()
        return StatusReport(
            accounts=tuple(
                _governed(
                    _health(
                        one,
                        experiences.get(one.account_id, _UNKNOWN),
                        running.get(one.account_id, 0.0),
                        aside.get(one.account_id, 0),
                        now,
                    ),
                    mode_in_force(one, tenant, policy),
                )
                for one in accounts
            ),
            deliveries=tuple(_trouble(one) for one in stuck),
            posts=tuple(_post_trouble(one) for one in stuck_posts),
            held_cards=held,
            open_anomalies=unsettled,
            panic_mode=tenant.panic_mode,
            operator_panic=tenant.operator_panic,
            dead_letters=dead,
            queue_error=queue_error,
            dead_events=dead_events,
            event_queue_error=event_queue_error,
            file_troubles=troubles,
            lost_channel_id=tenant.alert_channel_id if tenant.alert_channel_id in tenant.lost_channel_ids else "",
            lost_to=reached_instead(tenant),
            as_of=now,
        )

    async def account(self, tenant_id: str, account_id: str) -> AccountHealth:
        """How one account is doing; for whoever waits until it is connected. Raises NotFound."""
        for health in (await self.status(tenant_id)).accounts:
            if health.account_id == account_id:
                return health
        raise NotFound(f"AWS account {account_id!r} is not connected.")


async def _count_dead(letters: DeadLetters | None) -> tuple[int, str]:
    """How much was given up, or why that is not known: status must come when the queue is away, too."""
    if letters is None:
        return 0, ""
    try:
        return await letters.count_dead(), ""
    except UpstreamError as error:
        return 0, str(error)


def _governed(health: AccountHealth, mode: ModeInForce) -> AccountHealth:
    """Show the mode that holds instead of the one that was earned."""
    return msgspec.structs.replace(health, mode=mode.mode, mode_set_by=mode.set_by, mode_by_policy=mode.by_policy)


def _health(
    account: AwsAccount, experience: Experience, running: float, set_aside: int, now: datetime
) -> AccountHealth:
    first = experience.first_event_time
    times = [cursor.last_record_time for cursor in account.cursors if cursor.last_record_time is not None]
    return AccountHealth(
        account_id=account.account_id,
        name=account.name,
        status=account.status,
        mode=account.mode,
        history_days=(now - first).days if first else 0,
        events_seen=experience.events,
        regions_watched=len(account.cursors) or len(account.regions),
        last_record_time=max(times, default=None),
        region_troubles=tuple(RegionTrouble(one.region, one.error) for one in account.cursors if one.error),
        status_detail=account.status_detail,
        running_hourly_cost=running,
        records_read=account.records_read,
        records_malformed=account.records_malformed,
        last_malformed=account.last_malformed,
        unknown_prices=account.unknown_prices,
        sources=source_health(account, now),
        gaps=find_gaps(account, now),
        set_aside=set_aside,
        role_check=account.role_check,
        regions_learned=account.regions_learned,
        is_paused=account.paused_at is not None,
        access_key=key_name(account.access_key_id) if account.access_key_id else "",
    )


def _post_trouble(post: Post) -> PostTrouble:
    return PostTrouble(
        kind=str(post.content.__struct_config__.tag), state=post.state, error=post.error, attempts=post.attempts
    )


def _trouble(delivery: Delivery) -> DeliveryTrouble:
    return DeliveryTrouble(
        anomaly_id=delivery.anomaly_id, state=delivery.state, error=delivery.error, attempts=delivery.attempts
    )
