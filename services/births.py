"""The birth clock: tells whoever made something expensive, hours later, that nobody has used it yet."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from engine.errors import NotFound, UpstreamError
from engine.models.account import AccountStatus, AwsAccount, Tenant
from engine.models.anomaly import Severity
from engine.models.delivery import DeliveryState
from engine.models.post import BirthNotice, Post
from engine.models.resource import Resource
from engine.routing import channel_of, home_channel
from engine.zombies.birth import Birth, is_newborn, newborn
from engine.zombies.own_thresholds import limits_of, widest_births
from engine.zombies.recorded import described, email_in
from engine.zombies.rule import Look
from engine.zombies.thresholds import Thresholds
from services.ports import Accounts, Clock, People, Posts, SystemLookups, Tenants
from services.ports.zombies import BirthSource

_log = logging.getLogger(__name__)
_MOST_RESOURCES = 1000
# A fleet that idles is no reason for a flood: the rest has its turn in the next hours, the dearest first.
_MOST_TOLD = 3


class _Told(msgspec.Struct, frozen=True):
    """Resources of one start, of which the dearest speaks for all."""

    post_id: str
    resources: Sequence[Resource]


class BirthClock:
    """Any number of processes may look: each notice has one row in ``posts``."""

    def __init__(
        self,
        *,
        lookups: SystemLookups,
        tenants: Tenants,
        accounts: Accounts,
        source: BirthSource,
        people: People,
        posts: Posts,
        clock: Clock,
    ) -> None:
        self._lookups = lookups
        self._tenants = tenants
        self._accounts = accounts
        self._source = source
        self._people = people
        self._posts = posts
        self._clock = clock

    async def tell_due(self) -> int:
        """Put a notice on its way for whatever is expensive, hours old and unused; gives how many."""
        widest = widest_births(await self._lookups.find_zombie_thresholds())
        found = await self._lookups.find_newborns(self._clock(), widest, _MOST_RESOURCES)
        by_account: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
        for tenant_id, resource in found:
            by_account[tenant_id, resource.account_id].append(resource)
        return sum([await self._look(*account, resources) for account, resources in by_account.items()])

    async def _look(self, tenant_id: str, account_id: str, resources: Sequence[Resource]) -> int:
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
            tenant = await self._tenants.find_tenant(tenant_id)
            return await self._tell(tenant, account, resources) if _is_told(tenant, account) else 0
        except NotFound:
            _log.info("account %s left while it was looked at", account_id)
            return 0

    async def _tell(self, tenant: Tenant, account: AwsAccount, resources: Sequence[Resource]) -> int:
        told, now, limits = 0, self._clock(), limits_of(tenant.zombie_thresholds)
        due = [one for one in resources if is_newborn(one.since, one.hourly_cost, now, limits)]
        for region, some in _by_region(await self._untold(tenant.tenant_id, due)).items():
            births = await self._births(account, region, [one for told in some for one in told.resources], limits)
            for start in some:
                idle = [one for one in start.resources if one.resource_id in births]
                if idle and told < _MOST_TOLD:
                    notice = await self._notice(tenant, account, idle, births[idle[0].resource_id])
                    await self._posts.insert_post(tenant.tenant_id, self._post(tenant, start.post_id, notice))
                    told += 1
        return told

    async def _untold(self, tenant_id: str, resources: Sequence[Resource]) -> list[_Told]:
        """What was told is not measured again: each question costs the customer."""
        starts: defaultdict[str, list[Resource]] = defaultdict(list)
        for one in resources:
            start = f"{one.region}/{one.anomaly_id}" if one.anomaly_id else one.resource_id
            starts[f"birth/{one.account_id}/{start}"].append(one)
        return [_Told(*one) for one in starts.items() if await self._posts.find_post(tenant_id, one[0]) is None]

    async def _births(
        self, account: AwsAccount, region: str, resources: Sequence[Resource], limits: Thresholds
    ) -> Mapping[str, Birth]:
        """Resource key -> what is to be told of it; nothing where a Region may not be looked at, or does not answer."""
        now = self._clock()
        shown = {one.resource_id: (one, seen) for one in resources if (seen := described(one)) is not None}
        if not shown:
            return {}
        try:
            series = await self._source.measure_births(account, region, [seen for _, seen in shown.values()], now)
        except UpstreamError as error:
            _log.info("account %s: what is new in %s is not measured: %s", account.account_id, region, error)
            return {}
        births: dict[str, Birth] = {}
        for key, (resource, seen) in shown.items():
            look = Look(seen, series.get((seen.kind, seen.resource_id), {}), now, limits)
            birth = newborn(look, resource.hourly_cost)
            if birth is not None:
                births[key] = birth
        return births

    async def _notice(self, tenant: Tenant, account: AwsAccount, idle: Sequence[Resource], birth: Birth) -> BirthNotice:
        first = idle[0]
        email = email_in(first.actor_key)
        person = await self._people.find_by_email(tenant.tenant_id, email) if email else None
        return BirthNotice(
            account_id=account.account_id,
            account_name=account.name,
            region=first.region,
            resource_type=first.resource_type,
            resource_id=first.resource_id.split("/", 2)[2],
            actor_name=first.actor_key.rpartition("/")[2],
            user_id=person.user_id if person else "",
            since=first.since,
            hours=birth.hours,
            hourly_cost=birth.hourly_cost,
            evidence=birth.evidence,
            measured=birth.measured,
            command=birth.commands[0] if birth.commands else "",
            others=len(idle) - 1,
            others_hourly_cost=sum(one.hourly_cost or 0.0 for one in idle[1:]),
        )

    def _post(self, tenant: Tenant, post_id: str, notice: BirthNotice) -> Post:
        now = self._clock()
        return Post(
            post_id=post_id,
            account_id=notice.account_id,
            content=notice,
            channel_id=notice.user_id or channel_of(tenant, notice.account_id, Severity.WARNING),
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )


def _is_told(tenant: Tenant, account: AwsAccount) -> bool:
    is_watched = account.status is AccountStatus.ACTIVE and account.paused_at is None
    is_reachable = bool(home_channel(tenant))
    return is_watched and is_reachable and not tenant.is_silenced and not tenant.leaving


def _by_region(starts: Sequence[_Told]) -> Mapping[str, list[_Told]]:
    regions: defaultdict[str, list[_Told]] = defaultdict(list)
    for one in starts:
        regions[one.resources[0].region].append(one)
    return regions
