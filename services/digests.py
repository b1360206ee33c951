"""Sums up a tenant's day or week, on request and in its time."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from engine.digest_charts import burnt_chart
from engine.digests import due_period, findings_in, held_in, silencers, silent_in, sum_up, suppressed_by, told_in
from engine.errors import UpstreamError
from engine.models.account import Tenant
from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.delivery import DeliveryState
from engine.models.post import Digest, DigestMail, Post
from engine.models.report import DigestReport
from engine.models.search import Criteria
from engine.routing import home_channel
from services.anomaly_rows import rows_of
from services.ports import (
    Accounts,
    AnomalySearch,
    ChartAddresses,
    Clock,
    Outbox,
    Posts,
    Spending,
    SystemLookups,
    Tenants,
)
from services.ports.sign_in import Users
from services.spend_report import SpendReports
from services.zombies import Zombies
from services.zones import zone_of

_log = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_PICTURE_LIFETIME = timedelta(days=30)  # Slack keeps what it once fetched; who scrolls back further reads the words.
_LOOK_BACK = timedelta(days=30)  # What has burnt for longer without a new record is no news in a digest.
_MOST_LOOKED_AT = 1000
_TOP = 5


class Digests:
    """Any number of processes may send: a digest's row in ``posts`` is unique for its tenant and day."""

    def __init__(
        self,
        *,
        lookups: SystemLookups,
        tenants: Tenants,
        accounts: Accounts,
        search: AnomalySearch,
        spending: Spending,
        posts: Posts,
        charts: ChartAddresses,
        outbox: Outbox,
        users: Users,
        spend: SpendReports,
        zombies: Zombies,
        clock: Clock,
        readers: Sequence[str] = (),
    ) -> None:
        """``readers`` are e-mail addresses that get the digest of a single tenant as well."""
        self._readers = readers
        self._lookups = lookups
        self._tenants = tenants
        self._charts = charts
        self._accounts = accounts
        self._search = search
        self._spending = spending
        self._posts = posts
        self._outbox = outbox
        self._users = users
        self._spend = spend
        self._zombies = zombies
        self._clock = clock

    async def last_day(self, tenant_id: str) -> DigestReport:
        """The twenty-four hours until now."""
        now = self._clock()
        tenant = await self._tenants.find_tenant(tenant_id)
        return await self.report(tenant_id, now - _DAY, now, zone_of(tenant.digest.zone))

    async def report(self, tenant_id: str, since: datetime, until: datetime, zone: tzinfo) -> DigestReport:
        """What happened in a time that ends about now, from stored facts only."""
        criteria = Criteria(
            since=since - _LOOK_BACK,
            severities=tuple(Severity),
            decisions=tuple(DecisionKind),
            statuses=tuple(AnomalyStatus),
        )
        found, accounts, running, spent = await asyncio.gather(
            self._search.find_page(tenant_id, criteria, skip=0, limit=_MOST_LOOKED_AT),
            self._accounts.find_accounts(tenant_id),
            self._spending.sum_running(tenant_id),
            self._spending.sum_spent(tenant_id, since, until),
        )
        told, silent = told_in(found, since), silent_in(found, since)
        names = await self._users.find_names(tenant_id, sorted(silencers(silent)))
        held = await self._outbox.find_held_now(tenant_id, [one.anomaly_id for one in told])
        return msgspec.structs.replace(
            sum_up(told, since, until, sum(running.values())),
            rows=rows_of(told[:_TOP], accounts, held),
            findings=rows_of(findings_in(found, since)[:_TOP], accounts),
            suppressed=(*suppressed_by(silent, names), *held_in(told, held, since)),
            spent_usd=spent,
            spend=await self._spend.summary(tenant_id),
            zombies=await self._zombies.watch(tenant_id, since),
            chart=(chart := burnt_chart(told, since, until, zone)),
            picture_url=self._charts.address(tenant_id, chart, until + _PICTURE_LIFETIME) if chart else "",
        )

    async def send_due(self) -> int:
        """Put every digest on its way that is due and not there yet; gives how many."""
        count = 0
        tenants = await self._lookups.find_digest_tenants()
        for tenant in tenants:
            try:
                count += await self._send(tenant, is_alone=len(tenants) == 1)
            except UpstreamError:
                raise
            except Exception:
                _log.exception("the digest of tenant %s could not be made", tenant.tenant_id)
        return count

    async def _send(self, tenant: Tenant, *, is_alone: bool) -> bool:
        """A tenant that watched nothing in the period has nothing to be told, and one without a channel nobody.

        While alerting is paused none is made: one whose time is not long over comes afterwards, of the rest the summary
        of the pause tells. The post to Slack is put on its way last: while it is not there, mails may be missing, and
        putting on its way what is there changes nothing.
        """
        now = self._clock()
        zone = zone_of(tenant.digest.zone)
        period = due_period(tenant.digest, now, zone)
        channel_id = home_channel(tenant)
        if period is None or not channel_id or tenant.is_silenced:
            return False
        post_id = f"digest/{period.name}"
        if await self._posts.find_post(tenant.tenant_id, post_id) is not None:
            return False
        accounts = await self._accounts.find_accounts(tenant.tenant_id)
        if not any(one.connected_at < period.until for one in accounts):
            return False
        report = await self.report(tenant.tenant_id, period.since, period.until, zone)
        await self._mail(tenant.tenant_id, post_id, DigestMail(report=report, zone=str(zone)), is_alone=is_alone)
        await self._posts.insert_post(tenant.tenant_id, _post(post_id, Digest(report=report), channel_id, now))
        return True

    async def _mail(self, tenant_id: str, post_id: str, mail: DigestMail, *, is_alone: bool) -> None:
        """To each reader a mail of their own: what one's server refuses is tried again for that one alone."""
        if self._readers and not is_alone:
            _log.warning("%s of tenant %s goes to Slack only: its mails are for a single tenant", post_id, tenant_id)
            return
        now = self._clock()
        for reader in self._readers:
            await self._posts.insert_post(tenant_id, _post(f"{post_id}/{reader}", mail, reader, now))


def _post(post_id: str, content: Digest | DigestMail, channel_id: str, now: datetime) -> Post:
    return Post(
        post_id=post_id,
        content=content,
        channel_id=channel_id,
        state=DeliveryState.PENDING,
        due_at=now,
        created_at=now,
    )
