"""Accounts and tenants that leave: their sources stop at once, their data goes within hours, a tombstone stays."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from engine.errors import InputError, NotFound, UpstreamError
from engine.models.account import AccountStatus, AwsAccount
from engine.models.audit import ITSELF, AuditAction, AuditRecord
from engine.models.leaving import Tombstone
from engine.models.report import DisconnectAsked, DisconnectBegun, DisconnectReport
from engine.models.work import WorkItem, WorkKind
from services.archiving import Archiving
from services.ports import Accounts, Clock, Leaving, SystemLookups, Tenants, WorkQueue

_log = logging.getLogger(__name__)
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_AT_ONCE = 500
_TWICE = 2
# What must have worked before a tenant is deleted: nobody pays for what is gone.
Farewell = Callable[[str], Awaitable[None]]


class Departures:
    """Marks what leaves, and deletes it in steps that may stop anywhere and go on later."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        tenants: Tenants,
        leaving: Leaving,
        lookups: SystemLookups,
        queue: WorkQueue,
        clock: Clock,
        archiving: Archiving | None = None,
        farewell: Farewell | None = None,
    ) -> None:
        self._accounts = accounts
        self._tenants = tenants
        self._leaving = leaving
        self._lookups = lookups
        self._queue = queue
        self._clock = clock
        self._archiving = archiving
        self._farewell = farewell

    async def disconnect(self, tenant_id: str, user_id: str, words: Sequence[str]) -> DisconnectReport:
        """Take ``ACCOUNT_ID`` (answers what would be deleted) or the same id twice (does it).

        Raises InputError with what to say, NotFound when this tenant has no such account.
        """
        if not 1 <= len(words) <= _TWICE or not all(map(_ACCOUNT_ID.fullmatch, words)):
            raise InputError("Say `/dd0c disconnect 123456789012` with the 12 digits of the AWS account.")
        if len(set(words)) > 1:
            raise InputError("The two account ids differ, so nothing was done. Say the same id twice to disconnect it.")
        account = await self._accounts.find_account(tenant_id, words[0])
        if account.status is AccountStatus.DISCONNECTING:
            return DisconnectBegun(account.account_id, account.name)
        if len(words) < _TWICE:
            return DisconnectAsked(account.account_id, account.name)
        await self._mark(tenant_id, account, f"Disconnected by {user_id}; its data is being deleted.", user_id)
        return DisconnectBegun(account.account_id, account.name)

    async def disconnect_tenant(self, tenant_id: str, reason: str) -> None:
        """Let a whole tenant go; raises NotFound when there is none."""
        tenant = await self._tenants.find_tenant(tenant_id)
        if not tenant.leaving:
            record = AuditRecord(
                at=self._clock(), action=AuditAction.TENANT_LEFT, actor=ITSELF, details={"reason": reason}
            )
            await self._tenants.save_tenant(msgspec.structs.replace(tenant, leaving=True), record)
        for account in await self._accounts.find_accounts(tenant_id):
            await self._mark(tenant_id, account, reason)

    async def _mark(self, tenant_id: str, account: AwsAccount, reason: str, actor: str = ITSELF) -> None:
        """From here on nobody polls the account and nothing is received for it. Whoever was faster did all this."""
        if account.status is AccountStatus.DISCONNECTING:
            return
        record = AuditRecord(
            at=self._clock(),
            action=AuditAction.DISCONNECTED,
            actor=actor,
            account_id=account.account_id,
            details={"reason": reason},
        )
        if not await self._accounts.begin_leaving(tenant_id, account.account_id, reason, record):
            return
        _log.info("account %s: %s", account.account_id, reason)
        await self._queue.put(WorkItem(WorkKind.PURGE, tenant_id, account.account_id))

    async def enqueue_purges(self) -> None:
        """Bring back every purge that is not done, and end tenants whose last account is gone."""
        for tenant_id, account_id in await self._lookups.find_disconnecting_accounts():
            await self._queue.put(WorkItem(WorkKind.PURGE, tenant_id, account_id))
        for tenant_id in await self._lookups.find_leaving_tenants():
            try:
                await self._end_tenant(tenant_id)
            except UpstreamError as error:
                _log.warning("tenant %s cannot be ended yet: %s", tenant_id, error)

    async def purge(self, tenant_id: str, account_id: str) -> None:
        """Delete all data of an account that is disconnecting, and at last the account.

        It runs in the account's own order, so no batch is under way that could write once more. Raises UpstreamError
        when the database or the archive is away; what was deleted until then is counted.
        """
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            return
        if account.status is not AccountStatus.DISCONNECTING:
            return
        deleted = 1
        while deleted:
            deleted = await self._leaving.delete_some(tenant_id, account_id, _AT_ONCE)
        counts = dict(await self._leaving.count_deleted(tenant_id, account_id))
        if self._archiving is not None:
            counts["archive"] = await self._archiving.delete_account(tenant_id, account_id)
        await self._leaving.delete_account(
            Tombstone(tenant_id=tenant_id, account_id=account_id, counts=counts, at=self._clock())
        )
        _log.info("account %s of tenant %s is gone; deleted: %s", account_id, tenant_id, counts)

    async def _end_tenant(self, tenant_id: str) -> None:
        """Mark accounts that came late; without any left the tenant goes too."""
        accounts = await self._accounts.find_accounts(tenant_id)
        for account in accounts:
            await self._mark(tenant_id, account, "Its tenant left; its data is being deleted.")
        if not accounts:
            if self._farewell is not None:
                await self._farewell(tenant_id)
            tombstone = Tombstone(tenant_id=tenant_id, account_id="", counts={}, at=self._clock())
            await self._leaving.delete_tenant(tombstone)
            _log.info("tenant %s is gone", tenant_id)
