"""What an account normally does, for programs to read, and how readily its types alert."""

from datetime import datetime

import msgspec

from engine.baselines.model import Baseline
from engine.maturity import history_days, is_young
from engine.models.account import AwsAccount
from engine.models.observation import ObservedType
from engine.models.sensitivity import Sensitivity
from engine.scoring.sensitivity import level_of
from engine.scoring.thresholds import YOUNG_DAYS
from services.ports import Accounts, Clock, Ledger
from services.ports.findings import Observations

_MOST_TYPES = 500
_MOST_ACTORS = 100


class KnownType(msgspec.Struct, frozen=True, kw_only=True):
    """One type: what was seen of it, how often it was learned, how readily it alerts, and whose word set that."""

    observed: ObservedType
    learned: int
    sensitivity: Sensitivity
    sensitivity_override: Sensitivity | None


class BaselineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one account. ``actors`` are those who start most, with how often."""

    account: AwsAccount
    types: tuple[KnownType, ...]
    actors: tuple[tuple[str, int], ...]
    events: int
    launches: int
    first_event_time: datetime | None
    history_days: float
    needed_days: int
    is_young: bool


class BaselineReports:
    """Reads; never writes."""

    def __init__(self, accounts: Accounts, ledger: Ledger, observations: Observations, clock: Clock) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._observations = observations
        self._clock = clock

    async def report(self, tenant_id: str, account_id: str) -> BaselineReport:
        """Raise NotFound when this tenant has no such account."""
        account = await self._accounts.find_account(tenant_id, account_id)
        now = self._clock()
        baseline = (await self._ledger.load_state(tenant_id, account_id, [], now)).state.baseline
        observed = await self._observations.find_types(tenant_id, account_id, _MOST_TYPES)
        often = sorted(baseline.actors.items(), key=lambda item: (-item[1], item[0]))
        return BaselineReport(
            account=account,
            types=tuple(_known(one, baseline, account) for one in observed),
            actors=tuple(often[:_MOST_ACTORS]),
            events=baseline.events,
            launches=baseline.launches,
            first_event_time=baseline.first_event_time,
            history_days=history_days(baseline, now),
            needed_days=YOUNG_DAYS,
            is_young=is_young(baseline, now),
        )


def _known(observed: ObservedType, baseline: Baseline, account: AwsAccount) -> KnownType:
    cell = baseline.types.get(observed.resource_type)
    where = (observed.service, observed.resource_type)
    overrides = {(one.service, one.resource_type): one.level for one in account.sensitivities}
    return KnownType(
        observed=observed,
        learned=cell.count if cell else 0,
        sensitivity=level_of(*where, account.sensitivities),
        sensitivity_override=overrides.get(where),
    )
