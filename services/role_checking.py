"""Proves the way into a customer's account before it is trusted: who opens it, and what it may do once open."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from engine.customer_role import ACTIONS, tried_actions
from engine.errors import AccessDenied, UpstreamError
from engine.models.account import AwsAccount
from engine.models.connection import Feature, FeatureCheck, RegionStates, RoleCheck, RoleProblem
from engine.role_problems import (
    LOOKUP,
    OFF_CODES,
    missing_action,
    own_permission,
    refused_region,
    region_off,
    sts_region_off,
    trust_refused,
    trusts_anyone,
    unreachable,
    wrong_external_id,
    wrong_principal,
)
from services.ports import Clock, CustomerRoles, NewId

_AT_ONCE = 8
_MOST_TRIED = 20
_HOME = "us-east-1"
_FIELDS = 4
_LIST_REGIONS = "ec2:DescribeRegions"
_NOT_FOR_US = "no identity-based policy allows the sts:AssumeRole"
_STS_IS_OFF = "RegionDisabledException"


class RegionLook(msgspec.Struct, frozen=True):
    """What a Region's CloudTrail answered."""

    region: str
    newest: datetime | None = None
    error: UpstreamError | None = None


class RoleChecking:
    """Looks at accounts through roles and keys; changes nothing anywhere."""

    def __init__(self, *, roles: CustomerRoles, clock: Clock, new_id: NewId, principal_arn: str) -> None:
        """Without ``principal_arn`` AWS is asked who we are."""
        self._roles = roles
        self._clock = clock
        self._new_id = new_id
        self._principal_arn = principal_arn

    async def fetch_principal(self) -> str:
        """Give our own identity: as the operator set it, else as AWS tells it. AccessDenied when there is none."""
        return self._principal_arn or await self._roles.fetch_principal()

    async def check(self, account: AwsAccount, others: Sequence[AwsAccount] = ()) -> RoleCheck:
        """Prove ``account``'s role; ``others`` are the tenant's other accounts, whose external ids may be mixed up.

        Raises UpstreamError when AWS does not answer, so that nothing is known.
        """
        problem = await self._prove_trust(account, others)
        if problem is not None:
            return RoleCheck(checked_at=self._clock(), usable=False, problems=(problem,))
        return await self.look_inside(account)

    async def look_inside(self, account: AwsAccount) -> RoleCheck:
        """Look what may be done in ``account`` by the role or key that opens it. Raises as ``check`` does."""
        try:
            states = await self._roles.fetch_region_states(account)
        except AccessDenied as error:
            return await self._without_regions(account, error)
        looks, features = await asyncio.gather(self._look(account, states.on), self._try_features(account))
        return await self._sum_up(account, states, looks, features)

    async def _prove_trust(self, account: AwsAccount, others: Sequence[AwsAccount]) -> RoleProblem | None:
        """The role must open with its external id, and with nothing else."""
        try:
            await self._roles.assume(account.role_arn, account.external_id)
        except AccessDenied as error:
            return await self._explain_refusal(account, others, error)
        for any_id, external_id in ((False, None), (True, self._new_id())):
            if await self._opens(account.role_arn, external_id):
                return trusts_anyone(account.role_arn, account.external_id, any_id=any_id)
        return None

    async def _explain_refusal(
        self, account: AwsAccount, others: Sequence[AwsAccount], error: AccessDenied
    ) -> RoleProblem:
        """AWS does not say why it refuses; what it does say, and what we can try, narrows it down."""
        if error.code == _STS_IS_OFF:
            return sts_region_off(account.role_arn)
        if _NOT_FOR_US in str(error):
            return own_permission(account.role_arn)
        principal = await self.fetch_principal()
        actual = await self._roles.fetch_principal()
        if not _stands_for(principal, actual):
            return wrong_principal(principal, actual)
        if await self._opens(account.role_arn, None):
            return trusts_anyone(account.role_arn, account.external_id, any_id=False)
        for other in others[-_MOST_TRIED:]:
            if await self._opens(account.role_arn, other.external_id):
                return wrong_external_id(account.role_arn, account.external_id, other.account_id)
        return trust_refused(account.role_arn, principal, account.external_id)

    async def _opens(self, role_arn: str, external_id: str | None) -> bool:
        try:
            await self._roles.assume(role_arn, external_id)
        except AccessDenied:
            return False
        return True

    async def _without_regions(self, account: AwsAccount, error: AccessDenied) -> RoleCheck:
        """Name all that lacks at once, so that nobody mends one permission after the other."""
        missing = [missing_action(_LIST_REGIONS, Feature.WATCH, str(error), by_key=bool(account.access_key_id))]
        [look] = await self._look(account, (_HOME,))
        if isinstance(look.error, AccessDenied):
            missing.append(missing_action(LOOKUP, Feature.WATCH, str(look.error), by_key=bool(account.access_key_id)))
        watch = FeatureCheck(feature=Feature.WATCH, missing=tuple(one.action for one in missing))
        return RoleCheck(checked_at=self._clock(), usable=False, problems=tuple(missing), features=(watch,))

    async def _look(self, account: AwsAccount, regions: Sequence[str]) -> list[RegionLook]:
        """Ask every Region for its newest record: that proves more than any policy."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def look(region: str) -> RegionLook:
            async with limit:
                try:
                    return RegionLook(region, await self._roles.fetch_newest_record_time(account, region))
                except UpstreamError as error:
                    return RegionLook(region, error=error)

        return list(await asyncio.gather(*(look(region) for region in regions)))

    async def _try_features(self, account: AwsAccount) -> tuple[FeatureCheck, ...]:
        optional = [feature for feature in ACTIONS if feature is not Feature.WATCH]
        limit = asyncio.Semaphore(_AT_ONCE)
        wanted = sorted({action for feature in optional for action in tried_actions(feature)})

        async def attempt(action: str) -> UpstreamError | None:
            async with limit:
                try:
                    await self._roles.try_action(account, action)
                except UpstreamError as error:
                    return error
            return None

        errors = dict(zip(wanted, await asyncio.gather(*map(attempt, wanted)), strict=True))
        return tuple(_of_feature(feature, errors) for feature in optional)

    async def _sum_up(
        self,
        account: AwsAccount,
        states: RegionStates,
        looks: Sequence[RegionLook],
        features: Sequence[FeatureCheck],
    ) -> RoleCheck:
        """One Region that can be read makes the role usable; all else is named and does not stand in the way."""
        unread = [look for look in looks if look.error is not None]
        if unread and len(unread) == len(looks):
            return self._unusable(account, unread)
        regions = tuple(look.region for look in looks if not _is_off(look.error))
        by_key = bool(account.access_key_id)
        lacking = [missing_action(action, one.feature, by_key=by_key) for one in features for action in one.missing]
        return RoleCheck(
            checked_at=self._clock(),
            usable=True,
            problems=(*map(_region_problem, unread), *lacking),
            features=(FeatureCheck(feature=Feature.WATCH), *features),
            regions=regions,
            regions_off=states.off,
            name=await self._fetch_name(account),
            last_record_time=max((look.newest for look in looks if look.newest is not None), default=None),
        )

    def _unusable(self, account: AwsAccount, unread: Sequence[RegionLook]) -> RoleCheck:
        """No Region opens. Raises what AWS said where that is not a refusal: then nothing is known."""
        refused = [look.error for look in unread if isinstance(look.error, AccessDenied)]
        for look in unread:
            if look.error is not None and not isinstance(look.error, AccessDenied):
                raise look.error
        problem = missing_action(LOOKUP, Feature.WATCH, str(refused[0]), by_key=bool(account.access_key_id))
        watch = FeatureCheck(feature=Feature.WATCH, missing=(LOOKUP,))
        return RoleCheck(checked_at=self._clock(), usable=False, problems=(problem,), features=(watch,))

    async def _fetch_name(self, account: AwsAccount) -> str:
        """The account's alias says more than twelve digits, but nobody must allow us to read it."""
        try:
            return await self._roles.fetch_alias(account) or account.account_id
        except UpstreamError:
            return account.account_id


def _of_feature(feature: Feature, errors: Mapping[str, UpstreamError | None]) -> FeatureCheck:
    tried = {action: errors[action] for action in tried_actions(feature)}
    return FeatureCheck(
        feature=feature,
        missing=tuple(action for action, error in tried.items() if isinstance(error, AccessDenied)),
        unknown=tuple(action for action, error in tried.items() if error and not isinstance(error, AccessDenied)),
    )


def _is_off(error: UpstreamError | None) -> bool:
    return error is not None and error.code in OFF_CODES


def _region_problem(look: RegionLook) -> RoleProblem:
    if _is_off(look.error):
        return region_off(look.region)
    if isinstance(look.error, AccessDenied):
        return refused_region(look.region, str(look.error))
    return unreachable(look.region, str(look.error))


def _stands_for(principal: str, actual: str) -> bool:
    """Tell whether a trust policy that names ``principal`` means us; an account's root stands for all in it."""
    account_id = actual.split(":")[4] if actual.count(":") > _FIELDS else ""
    return principal in {actual, account_id, f"arn:aws:iam::{account_id}:root"}
