"""Out of the default strict mode: accounts that are known well enough may alert as scored."""

import logging
from collections import defaultdict
from datetime import timedelta

import msgspec

from engine.audit import promotion_of
from engine.governance import may_promote
from engine.models.account import AccountStatus, AwsAccount, Experience, GovernanceMode, TrackRecord
from services.ports import Accounts, Anomalies, Clock, Experiences, SystemLookups

_log = logging.getLogger(__name__)
_DAY = timedelta(days=1)


class Promotion:
    """Promotes what is due. An account whose mode a person chose is left alone."""

    def __init__(
        self,
        *,
        lookups: SystemLookups,
        accounts: Accounts,
        experiences: Experiences,
        anomalies: Anomalies,
        clock: Clock,
    ) -> None:
        self._lookups = lookups
        self._accounts = accounts
        self._experiences = experiences
        self._anomalies = anomalies
        self._clock = clock

    async def promote_accounts(self) -> int:
        """Look at every account in default strict mode; gives how many were promoted."""
        strict: dict[str, list[str]] = defaultdict(list)
        for tenant_id, account_id in await self._lookups.find_strict_accounts():
            strict[tenant_id].append(account_id)
        return sum([await self._promote(tenant_id, ids) for tenant_id, ids in strict.items()])

    async def _promote(self, tenant_id: str, account_ids: list[str]) -> int:
        experiences = await self._experiences.find_experiences(tenant_id)
        records = await self._anomalies.find_track_records(tenant_id)
        accounts = [one for one in await self._accounts.find_accounts(tenant_id) if one.account_id in account_ids]
        promoted = 0
        for account in accounts:
            record = records.get(account.account_id, TrackRecord())
            if self._is_due(account, experiences.get(account.account_id), record):
                promoted += await self._let_alert(tenant_id, account, record)
        return promoted

    async def _let_alert(self, tenant_id: str, account: AwsAccount, record: TrackRecord) -> bool:
        """Promote it, unless somebody changed meanwhile what made it due."""
        written = promotion_of(msgspec.structs.replace(account, mode=GovernanceMode.AUDIT), self._clock())
        promoted = await self._accounts.promote_account(tenant_id, account.account_id, written)
        if promoted:
            _log.info("account %s now alerts as scored: %s", account.account_id, record)
        return promoted

    def _is_due(self, account: AwsAccount, experience: Experience | None, record: TrackRecord) -> bool:
        if experience is None or experience.first_event_time is None or not _is_default_strict(account):
            return False
        return may_promote(
            history_days=(self._clock() - experience.first_event_time) / _DAY,
            expected=record.expected,
            verdicts=record.verdicts,
            alerts=account.history_alerts + record.alerts,
        )


def _is_default_strict(account: AwsAccount) -> bool:
    """Look again: somebody may have chosen a mode since the account was found."""
    return account.status is AccountStatus.ACTIVE and account.mode is GovernanceMode.STRICT and not account.mode_set_by
