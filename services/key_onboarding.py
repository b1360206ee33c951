"""Connecting an AWS account by an access key, where whoever runs the bot runs it for themselves."""

from contextlib import suppress

import msgspec

from engine.access_keys import account_of_owner, key_name, refused, require_key
from engine.audit import connection_of
from engine.errors import AccessDenied, Conflict, InputError, NotFound, Rejected
from engine.models.access_key import AccessKey
from engine.models.account import AccountStatus, AwsAccount
from engine.models.connection import AccountConnected, ConnectOutcome, RoleRefused
from services.onboarding import opened, refuse_foreign, staying
from services.ports import Accounts, Clock, CustomerKeys, KeySealing, NewId, SystemLookups
from services.role_checking import RoleChecking


class KeyOnboarding:
    """Proves a key as roles are proved, and only then keeps it, sealed. The jobs of the bot do the rest."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        lookups: SystemLookups,
        looks: CustomerKeys,
        checking: RoleChecking,
        sealing: KeySealing,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._accounts = accounts
        self._lookups = lookups
        self._looks = looks
        self._checking = checking
        self._sealing = sealing
        self._clock = clock
        self._new_id = new_id

    async def add(self, tenant_id: str, key: AccessKey, by: str) -> ConnectOutcome:
        """Begin to watch the account that the key belongs to; one that a role opens takes the key instead.

        What the key may not do comes back as data. Raises InputError for what is no key of a user's or is not taken by
        AWS, Conflict when a key opens the account already or another tenant has it, UpstreamError when AWS is away.
        """
        account_id = await self._account_of(key)
        await refuse_foreign(self._lookups, tenant_id, account_id)
        account = await self._find_or_make(tenant_id, account_id)
        if account.access_key_id:
            raise Conflict(
                f"AWS account {account_id} is read by {key_name(account.access_key_id)} already. "
                f"`dd0c accounts rotate {account_id}` gives it another key."
            )
        return await self._prove(tenant_id, account, key, by)

    async def rotate(self, tenant_id: str, account_id: str, key: AccessKey, by: str) -> ConnectOutcome:
        """Put another key in the place of the one an account has, which is used until then.

        Raises as ``add`` does, NotFound for an account that is not connected, and InputError for one without a key and
        for a key of another account.
        """
        account = staying(await self._accounts.find_account(tenant_id, account_id))
        if not account.access_key_id:
            raise InputError(f"AWS account {account_id} is read by a role, so there is no key to replace.")
        owner = await self._account_of(key)
        if owner != account_id:
            raise InputError(f"This key belongs to AWS account {owner}, not to {account_id}. Nothing was changed.")
        return await self._prove(tenant_id, account, key, by)

    async def _account_of(self, key: AccessKey) -> str:
        require_key(key)
        try:
            return account_of_owner(await self._looks.fetch_owner(key))
        except (AccessDenied, Rejected) as error:
            raise InputError(refused(key.key_id, error.code, str(error))) from error

    async def _find_or_make(self, tenant_id: str, account_id: str) -> AwsAccount:
        try:
            return staying(await self._accounts.find_account(tenant_id, account_id))
        except NotFound:
            return AwsAccount(
                account_id=account_id,
                name=account_id,
                status=AccountStatus.PENDING,
                external_id=self._new_id(),
                role_arn="",
                regions=(),
                connected_at=self._clock(),
            )

    async def _prove(self, tenant_id: str, account: AwsAccount, key: AccessKey, by: str) -> ConnectOutcome:
        """Nothing is written before the key proved good, so one that is not leaves all as it was."""
        account_id = account.account_id
        tried = msgspec.structs.replace(account, role_arn="", access_key_id=key.key_id)
        with self._looks.holding(tried, key):
            check = await self._checking.look_inside(tried)
        if not check.usable:
            return RoleRefused(account_id=account_id, role_arn="", check=check)
        # Proving takes a while, and the history may have been learned meanwhile.
        with suppress(Conflict):
            await self._accounts.insert_account(tenant_id, account)
        found = staying(await self._accounts.find_account(tenant_id, account_id))
        proved = opened(msgspec.structs.replace(found, role_arn="", access_key_id=key.key_id), check)
        now = self._clock()
        sealed = self._sealing.seal(tenant_id, account_id, key, by, now)
        await self._accounts.open_account(tenant_id, proved, connection_of(proved, by, now), sealed)
        return AccountConnected(
            account_id=account_id,
            name=check.name,
            role_arn="",
            learning=proved.status is AccountStatus.LEARNING,
            check=check,
        )
