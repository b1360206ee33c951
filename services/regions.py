"""Regions that a customer enables after connecting: found once a day, and watched from then on."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from engine.errors import NotFound, UpstreamError
from engine.models.account import AwsAccount, RegionCursor
from services.ports import Accounts, Clock, CloudTrailSource, SystemLookups

_log = logging.getLogger(__name__)
_ACCOUNTS_AT_ONCE = 8
# The last look was a day ago, or as much earlier as the process that took it was late.
_SINCE_LAST_LOOK = timedelta(hours=26)


class Regions:
    """Compares the Regions that are enabled with those that are watched.

    A new one has no past worth learning, because it was closed until the last look. So it is read from there on and
    judged, not just learned: whoever stole a key may have enabled it to hide. One that was disabled stays watched.
    """

    def __init__(self, *, lookups: SystemLookups, accounts: Accounts, source: CloudTrailSource, clock: Clock) -> None:
        self._lookups = lookups
        self._accounts = accounts
        self._source = source
        self._clock = clock

    async def refresh_regions(self) -> int:
        """Look at every watched account; gives how many Regions are new. What fails is left for the next day."""
        limit = asyncio.Semaphore(_ACCOUNTS_AT_ONCE)

        async def refresh(tenant_id: str, account_id: str) -> int:
            async with limit:
                return await self._refresh(tenant_id, account_id)

        due = await self._lookups.find_due_accounts()
        return sum(await asyncio.gather(*(refresh(*account) for account in due)))

    async def _refresh(self, tenant_id: str, account_id: str) -> int:
        try:
            account = await self._accounts.find_account(tenant_id, account_id)
            enabled = await self._source.fetch_regions(account)
            watched = {cursor.region for cursor in account.cursors}
            new = [region for region in enabled if region not in watched]
            if new:
                await self._watch(tenant_id, account, new)
        except (UpstreamError, NotFound) as error:
            _log.warning("account %s: its Regions could not be listed: %s", account_id, error)
            return 0
        return len(new)

    async def _watch(self, tenant_id: str, account: AwsAccount, new: Sequence[str]) -> None:
        """Begin where the Region may have been enabled, but not before the account was ours to read."""
        since = max(account.connected_at, self._clock() - _SINCE_LAST_LOOK)
        cursors = [RegionCursor(region=region, read_until=since, rescanned_at=since) for region in new]
        # What has no cursor yet is new tomorrow too, so a crash between the two loses nothing.
        await self._accounts.add_regions(tenant_id, account.account_id, new)
        await self._accounts.save_cursors(tenant_id, account.account_id, cursors)
        _log.info("account %s: watching new Regions: %s", account.account_id, ", ".join(new))
