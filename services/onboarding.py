"""Connecting an AWS account: our external id, the customer's role, and proof that both do their work."""

import json
import re
from collections.abc import Sequence

import msgspec

from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.models.account import AccountStatus, AwsAccount
from engine.models.report import ConnectDone, ConnectPending, ConnectReport
from engine.models.work import WorkItem, WorkKind
from services.ports import Accounts, Clock, CloudTrailSource, NewId, WorkQueue

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role/[\w+=,.@/-]{1,512}", re.ASCII)
_PERMISSIONS = ("cloudtrail:LookupEvents", "ec2:DescribeRegions", "iam:ListAccountAliases")


class Onboarding:
    """The two steps of ``/dd0c connect``."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        source: CloudTrailSource,
        queue: WorkQueue,
        clock: Clock,
        new_id: NewId,
        principal_arn: str,
    ) -> None:
        self._accounts = accounts
        self._source = source
        self._queue = queue
        self._clock = clock
        self._new_id = new_id
        self._principal_arn = principal_arn

    async def connect(self, tenant_id: str, words: Sequence[str]) -> ConnectReport:
        """Take ``ACCOUNT_ID`` (answers what the role must look like) or ``ROLE_ARN`` (tries it and starts watching).

        Raises InputError, with what to do in words; Conflict when another workspace has the account.
        """
        word = words[0] if len(words) == 1 else ""
        if _ACCOUNT_ID.fullmatch(word):
            return await self._begin(tenant_id, word)
        arn = _ROLE_ARN.fullmatch(word)
        if arn:
            return await self._finish(tenant_id, arn.group(1), word)
        raise InputError(
            "Say `/dd0c connect 123456789012` with the 12 digits of your AWS account, or, once its role is there, "
            "`/dd0c connect arn:aws:iam::123456789012:role/dd0c-cost-readonly`."
        )

    async def _begin(self, tenant_id: str, account_id: str) -> ConnectPending:
        """Claim the account; asked again, the same external id is shown."""
        principal_arn = await self._principal()
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
            await self._accounts.insert_account(tenant_id, account)
        except Conflict:
            account = await self._own(tenant_id, account_id)
        return ConnectPending(
            external_id=account.external_id,
            principal_arn=principal_arn,
            trust_policy=json.dumps(_trust_policy(principal_arn, account.external_id), indent=2),
            permission_policy=json.dumps(_permission_policy(), indent=2),
            next_command=f"/dd0c connect arn:aws:iam::{account_id}:role/dd0c-cost-readonly",
        )

    async def _own(self, tenant_id: str, account_id: str) -> AwsAccount:
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            raise Conflict(f"AWS account {account_id} is connected to another workspace already.") from None
        return _staying(account)

    async def _finish(self, tenant_id: str, account_id: str, role_arn: str) -> ConnectDone:
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            raise InputError(
                f"First say `/dd0c connect {account_id}`: the role needs the external id shown there."
            ) from None
        account = msgspec.structs.replace(_staying(account), role_arn=role_arn)
        await self._prove_role(account)
        regions = await self._fetch_regions(account)
        name = await self._fetch_name(account)
        learning = msgspec.structs.replace(
            account, name=name, regions=regions, status=AccountStatus.LEARNING, status_detail="Reading its history."
        )
        await self._accounts.save_account(tenant_id, learning)
        await self._queue.put(WorkItem(WorkKind.READ_HISTORY, tenant_id, account_id))
        return ConnectDone(account_id=account_id, name=name, regions_watched=len(regions))

    async def _prove_role(self, account: AwsAccount) -> None:
        """The role must open with the external id, and must not open without it: else anybody who knows its name
        could have us read it (the confused deputy)."""
        try:
            await self._source.assume(account)
        except AccessDenied:
            raise InputError(
                f"`{account.role_arn}` cannot be assumed. Check that its trust policy names the principal "
                f"`{await self._principal()}` and the external id `{account.external_id}`, both exactly."
            ) from None
        try:
            await self._source.assume(account, with_external_id=False)
        except AccessDenied:
            return
        raise InputError(
            f"`{account.role_arn}` can be assumed without its external id, so others could have it read too. "
            f'Add the condition `"StringEquals": {{"sts:ExternalId": "{account.external_id}"}}` to its trust policy.'
        )

    async def _fetch_regions(self, account: AwsAccount) -> tuple[str, ...]:
        try:
            return await self._source.fetch_regions(account)
        except AccessDenied:
            raise InputError(
                f"`{account.role_arn}` opens, but may not list the account's Regions. Give it the permissions "
                f"{', '.join(f'`{one}`' for one in _PERMISSIONS)}, and say this again."
            ) from None

    async def _fetch_name(self, account: AwsAccount) -> str:
        """The account's alias says more than twelve digits, but nobody must allow us to read it."""
        try:
            return await self._source.fetch_alias(account) or account.account_id
        except AccessDenied:
            return account.account_id

    async def _principal(self) -> str:
        """Our own identity: as the operator set it, else as AWS tells it."""
        if self._principal_arn:
            return self._principal_arn
        try:
            return await self._source.fetch_principal()
        except AccessDenied:
            raise InputError(
                "This bot has no AWS identity yet, so no role can trust it. Whoever runs it must give it AWS "
                "credentials, or set DD0C_AWS_PRINCIPAL_ARN."
            ) from None


def _staying(account: AwsAccount) -> AwsAccount:
    if account.status is AccountStatus.DISCONNECTING:
        raise Conflict(f"AWS account {account.account_id} is being disconnected. Connect it again when that is done.")
    return account


def _trust_policy(principal_arn: str, external_id: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal_arn},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


def _permission_policy() -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(_PERMISSIONS), "Resource": "*"}],
    }
