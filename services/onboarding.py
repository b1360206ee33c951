"""Connecting an AWS account: what the customer must set up, and proof that it does its work.

``/dd0c connect``, the web pages and the REST API all come through here.
"""

import re
from collections.abc import Awaitable, Callable

import msgspec

from engine.audit import connection_of
from engine.customer_role import ROLE_NAME, feature_policies, role_arn, trust_policy
from engine.entitlements import FREE_ACCOUNTS, full
from engine.errors import AccessDenied, Conflict, InputError, NotFound, PlanLimit
from engine.models.account import AccountStatus, AwsAccount
from engine.models.connection import AccountConnected, AccountSetup, ConnectOutcome, RoleCheck, RoleRefused
from engine.models.work import WorkItem, WorkKind
from services.connection_news import ConnectionTeller
from services.ports import Accounts, Clock, NewId, SystemLookups, WorkQueue
from services.quick_create import quick_create_url
from services.role_checking import RoleChecking

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role/[\w+=,.@/-]{1,512}", re.ASCII)
_OTHER_PARTITION = re.compile(r"arn:(aws-[a-z-]+):")
_WATCHED = frozenset({AccountStatus.ACTIVE, AccountStatus.DENIED})


LimitOf = Callable[[str], Awaitable[int | None]]


async def unlimited(_tenant_id: str) -> int | None:
    """Any number of accounts: nobody pays for them."""
    return None


class Onboarding:
    """``set_up`` tells what to do in AWS, ``connect`` proves it; both may be called any number of times."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        lookups: SystemLookups,
        checking: RoleChecking,
        queue: WorkQueue,
        clock: Clock,
        new_id: NewId,
        teller: ConnectionTeller,
        template_url: str = "",
        limit_of: LimitOf = unlimited,
    ) -> None:
        """Without ``template_url`` there is no quick way, and roles are made by hand.

        ``limit_of`` gives how many accounts a tenant's plan covers, None for any number.
        """
        self._accounts = accounts
        self._lookups = lookups
        self._checking = checking
        self._queue = queue
        self._clock = clock
        self._new_id = new_id
        self._teller = teller
        self._template_url = template_url
        self._limit_of = limit_of

    async def set_up(self, tenant_id: str, account_id: str) -> AccountSetup:
        """Give the account its external id, once, and say what its role must look like.

        Raises InputError for what is no account id and where the bot has no AWS identity yet, PlanLimit when the plan
        covers no further account, Conflict when another tenant has the account or this one is disconnecting it.
        """
        if not _ACCOUNT_ID.fullmatch(account_id):
            raise InputError("An AWS account id has 12 digits, such as 123456789012.")
        principal_arn = await self._principal()
        account = await self._find_or_insert(tenant_id, account_id)
        return AccountSetup(
            account_id=account_id,
            external_id=account.external_id,
            principal_arn=principal_arn,
            role_name=ROLE_NAME,
            role_arn=role_arn(account_id),
            quick_create_url=quick_create_url(
                self._template_url,
                external_id=account.external_id,
                principal_arn=principal_arn,
                role_name=ROLE_NAME,
            ),
            trust_policy=trust_policy(principal_arn, account.external_id),
            policies=feature_policies(),
        )

    async def connect(self, tenant_id: str, account_id: str, role: str, by: str) -> ConnectOutcome:
        """Prove the role with this ARN, and begin to watch its account if it is good; ``by`` is who asked for it.

        What is wrong with the role comes back as data. Raises InputError for an ARN of no role in that account,
        NotFound when ``set_up`` never gave the account an external id, PlanLimit when the plan does not cover it any
        more, Conflict when another tenant has it or this one is disconnecting it, UpstreamError when AWS is away.
        """
        account = await self._with_role(tenant_id, account_id, role)
        await refuse_foreign(self._lookups, tenant_id, account_id)
        others = [one for one in await self._accounts.find_accounts(tenant_id) if one.account_id != account_id]
        check = await self._checking.check(account, others)
        # Proving takes a while, and the history may have been learned meanwhile.
        account = await self._with_role(tenant_id, account_id, role)
        if not check.usable:
            # An account that is watched goes on with the role it has; one that waits says why.
            await self._accounts.keep_refusal(tenant_id, msgspec.structs.replace(account, role_check=check))
            return RoleRefused(account_id=account_id, role_arn=role, check=check)
        return await self._open(tenant_id, account, check, by)

    async def _with_role(self, tenant_id: str, account_id: str, role: str) -> AwsAccount:
        if other := _OTHER_PARTITION.match(role):
            raise InputError(
                f"`{other.group(1)}` is a partition of AWS that is not supported: its roles let nobody else in, "
                "and it has prices of its own. Accounts of AWS GovCloud (US) and of AWS China cannot be connected."
            )
        arn = _ROLE_ARN.fullmatch(role)
        if arn is None or arn.group(1) != account_id:
            raise InputError(f"`{role[:200]}` is no role of AWS account {account_id}: say {role_arn(account_id)}.")
        account = staying(await self._accounts.find_account(tenant_id, account_id))
        if account.paused_at is not None:
            raise PlanLimit(full(FREE_ACCOUNTS))
        return msgspec.structs.replace(account, role_arn=role, access_key_id="")

    async def _open(self, tenant_id: str, account: AwsAccount, check: RoleCheck, by: str) -> AccountConnected:
        proved = opened(account, check)
        await self._accounts.open_account(tenant_id, proved, connection_of(proved, by, self._clock()))
        learning = proved.status is AccountStatus.LEARNING
        if learning:
            await self._teller.begin(tenant_id, proved)
            await self._queue.put(WorkItem(WorkKind.READ_HISTORY, tenant_id, account.account_id))
        return AccountConnected(
            account_id=account.account_id, name=check.name, role_arn=account.role_arn, learning=learning, check=check
        )

    async def _find_or_insert(self, tenant_id: str, account_id: str) -> AwsAccount:
        """Asked again, an account keeps its external id. Nobody owns it before its role is proved."""
        await refuse_foreign(self._lookups, tenant_id, account_id)
        try:
            return staying(await self._accounts.find_account(tenant_id, account_id))
        except NotFound:
            account = AwsAccount(
                account_id=account_id,
                name=account_id,
                status=AccountStatus.PENDING,
                external_id=self._new_id(),
                role_arn="",
                regions=(),
                connected_at=self._clock(),
            )
        try:
            await self._accounts.insert_account(tenant_id, account, most=await self._limit_of(tenant_id))
        except Conflict:
            return staying(await self._accounts.find_account(tenant_id, account_id))
        return account

    async def _principal(self) -> str:
        try:
            return await self._checking.fetch_principal()
        except AccessDenied:
            raise InputError(
                "This bot has no AWS identity yet, so no role can trust it. Whoever runs it must give it AWS "
                "credentials, or set DD0C_AWS_PRINCIPAL_ARN; or, where it runs for one workspace alone, connect the "
                "account by an access key with `dd0c accounts add`."
            ) from None


async def refuse_foreign(lookups: SystemLookups, tenant_id: str, account_id: str) -> None:
    """Raise Conflict when another tenant has the account."""
    owner = await lookups.find_tenant_by_account(account_id)
    if owner not in (None, tenant_id):
        raise Conflict(f"AWS account {account_id} is connected to another workspace already.")


def opened(account: AwsAccount, check: RoleCheck) -> AwsAccount:
    """What is watched already stays so, with its mode and history; anything else reads its history first."""
    learning = account.status not in _WATCHED
    return msgspec.structs.replace(
        account,
        name=check.name,
        regions=tuple(sorted({*account.regions, *check.regions})),
        status=AccountStatus.LEARNING if learning else AccountStatus.ACTIVE,
        status_detail="Reading its history." if learning else "",
        role_check=check,
        regions_learned=0 if learning else account.regions_learned,
    )


def staying(account: AwsAccount) -> AwsAccount:
    """Give the account; raise Conflict when it is on its way out."""
    if account.status is AccountStatus.DISCONNECTING:
        raise Conflict(f"AWS account {account.account_id} is being disconnected. Connect it again when that is done.")
    return account
