"""Ending what has reached its limit: jobs end by themselves, and CloudTrail says nothing of it."""

import logging

from engine.errors import Conflict
from engine.limits import end_at_limit
from engine.pipeline import start_changes
from services.ports import Clock, Ledger, Spending

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_AT_ONCE = 500


class Limits:
    """Closes the burn of jobs that no record will close."""

    def __init__(self, spending: Spending, ledger: Ledger, clock: Clock) -> None:
        self._spending = spending
        self._ledger = ledger
        self._clock = clock

    async def end_overdue(self, tenant_id: str, account_id: str) -> int:
        """End what runs past its limit in one account; gives how many ended.

        Called in the account's own order. Raises NotFound when the account is gone, UpstreamError when the database is
        away.
        """
        ended = 0
        while keys := await self._spending.find_past_limit(tenant_id, account_id, self._clock(), _AT_ONCE):
            now_ended = await self._end(tenant_id, account_id, keys)
            ended += now_ended
            if not now_ended:
                break
        return ended

    async def _end(self, tenant_id: str, account_id: str, keys: list[str]) -> int:
        """Commit their ends at once, again on what is stored then when somebody else wrote meanwhile."""
        for attempt in range(_ATTEMPTS):
            now = self._clock()
            loaded = await self._ledger.load_state(tenant_id, account_id, keys, now)
            changes = start_changes(loaded.state)
            end_at_limit(keys, now, loaded.state, changes)
            try:
                await self._ledger.commit(tenant_id, loaded, changes, now)
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                _log.info("account %s: %d jobs have ended by now", account_id, len(changes.resources))
                return len(changes.resources)
        return 0
