"""Cards and questions that outlive their AWS account."""

from engine.errors import NotFound
from engine.models.account import AccountStatus
from services.joining import Joined
from services.ports import Accounts, Anomalies, Leaving

_APART_SECONDS = 0.01  # Every click on a card begins with this question.


class Leftovers:
    """Tells what was disconnected from what never was there."""

    def __init__(self, anomalies: Anomalies, accounts: Accounts, leaving: Leaving) -> None:
        self._anomalies = anomalies
        self._accounts = accounts
        self._leaving = leaving
        self._looks = Joined[bool](_APART_SECONDS)

    async def is_left(self, tenant_id: str, anomaly_id: str) -> bool:
        """Whether the anomaly's account is disconnecting or gone.

        Of what was deleted nothing tells whose it was, so an id that is not known counts as deleted where the tenant
        has had an account deleted, or has one that is being deleted.
        """
        return await self._looks.ask((tenant_id, anomaly_id), lambda: self._is_left(tenant_id, anomaly_id))

    async def _is_left(self, tenant_id: str, anomaly_id: str) -> bool:
        try:
            anomaly = await self._anomalies.find_anomaly(tenant_id, anomaly_id)
            account = await self._accounts.find_account(tenant_id, anomaly.account_id)
        except NotFound:
            return await self._has_lost_any(tenant_id)
        return account.status is AccountStatus.DISCONNECTING

    async def _has_lost_any(self, tenant_id: str) -> bool:
        accounts = await self._accounts.find_accounts(tenant_id)
        if any(one.status is AccountStatus.DISCONNECTING for one in accounts):
            return True
        return any(one.account_id for one in await self._leaving.find_tombstones(tenant_id))
