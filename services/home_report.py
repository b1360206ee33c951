"""What App Homes of a tenant show, read once for all who look."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from engine.errors import NotFound
from engine.models.account import AwsAccount, Role, Tenant
from engine.models.anomaly import Anomaly, DecisionKind, Severity
from engine.models.delivery import SlackMessage
from engine.models.home import HomeAnomaly, HomeReport
from engine.models.report import AccountHealth
from engine.models.search import Criteria
from services.anomaly_rows import rows_of
from services.findings import UNSETTLED
from services.ports import Accounts, AnomalySearch, Clock, Outbox, Tenants
from services.ports.homes import HomePublisher
from services.quieting import Quieting
from services.reports import Reports
from services.zombies import SAVED_SPAN, Zombies

SHOWN = 10
_SPAN = timedelta(days=90)


class HomeContent(msgspec.Struct, frozen=True):
    """All that a tenant's Homes show. ``fingerprint`` leaves out what moves by itself, such as lag and running cost."""

    report: HomeReport
    fingerprint: str

    def fingerprint_for(self, user_id: str) -> str:
        """What tells this person's Home from an older one: roles change, too."""
        tenant = self.report.tenant
        role = tenant.roles.get(user_id, "")
        return f"{self.fingerprint}:{role}:{user_id == tenant.installer_user_id}"

    def report_for(self, role: Role) -> HomeReport:
        """The same for somebody of this role."""
        return msgspec.structs.replace(self.report, role=role)


class HomeReports:
    """Reads; never writes."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        accounts: Accounts,
        search: AnomalySearch,
        outbox: Outbox,
        reports: Reports,
        quieting: Quieting,
        zombies: Zombies,
        publisher: HomePublisher,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._search = search
        self._outbox = outbox
        self._reports = reports
        self._quieting = quieting
        self._zombies = zombies
        self._publisher = publisher
        self._clock = clock

    async def read(self, tenant_id: str) -> HomeContent:
        """Raise NotFound for a tenant that is gone or leaves."""
        tenant = await self._tenants.find_tenant(tenant_id)
        if tenant.leaving:
            raise NotFound(f"The tenant {tenant_id!r} leaves.")
        criteria = self._open()
        status, accounts, found, total, quiet, idle = await asyncio.gather(
            self._reports.status(tenant_id),
            self._accounts.find_accounts(tenant_id),
            self._search.find_page(tenant_id, criteria, skip=0, limit=SHOWN),
            self._search.count(tenant_id, criteria),
            self._quieting.list_patterns(tenant_id),
            self._zombies.watch(tenant_id, self._clock() - SAVED_SPAN),
        )
        report = HomeReport(
            tenant=tenant,
            role=Role.VIEWER,
            status=status,
            anomalies=await self._with_cards(tenant_id, found, accounts),
            open_count=total,
            quiet=quiet.patterns,
            own_rules=sum(len(one.sensitivities) for one in accounts),
            zombies=idle,
        )
        return HomeContent(report, _fingerprint(report))

    def _open(self) -> Criteria:
        return Criteria(
            since=self._clock() - _SPAN,
            severities=tuple(Severity),
            decisions=(DecisionKind.ALERT,),
            statuses=UNSETTLED,
        )

    async def _with_cards(
        self, tenant_id: str, found: Sequence[Anomaly], accounts: Sequence[AwsAccount]
    ) -> tuple[HomeAnomaly, ...]:
        urls = await asyncio.gather(*(self._card_url(tenant_id, one.anomaly_id) for one in found))
        return tuple(map(HomeAnomaly, rows_of(found, accounts), found, urls))

    async def _card_url(self, tenant_id: str, anomaly_id: str) -> str:
        delivery = await self._outbox.find_delivery(tenant_id, anomaly_id)
        if delivery is None or not delivery.message_ts:
            return ""
        return await self._publisher.find_card_url(tenant_id, SlackMessage(delivery.channel_id, delivery.message_ts))


def _fingerprint(report: HomeReport) -> str:
    facts = (
        _of_tenant(report.tenant),
        [(one.anomaly.anomaly_id, one.anomaly.revision, one.card_url) for one in report.anomalies],
        report.open_count,
        [(one.pattern_id, one.until) for one in report.quiet],
        [_of_account(one) for one in report.status.accounts],
        report.own_rules,
        len(report.status.deliveries) + len(report.status.posts),
        (report.zombies.count, report.zombies.monthly_cost) if report.zombies else None,
    )
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()


def _of_tenant(tenant: Tenant) -> tuple[object, ...]:
    return (
        tenant.alert_channel_id,
        sorted(tenant.lost_channel_ids),
        tenant.installer_user_id,
        tenant.panic_mode,
        tenant.operator_panic,
        tenant.digest,
        tenant.routes,
        sorted(tenant.roles.items()),
    )


def _of_account(health: AccountHealth) -> tuple[object, ...]:
    return health.account_id, health.name, health.status, health.mode, health.in_trouble, health.is_young
