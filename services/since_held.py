"""What speaks by now against telling of what was held back: asked once for some of an account's, not for each."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from engine.errors import NotFound
from engine.models.account import GovernanceMode
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from engine.models.resource import Running
from engine.models.verdict import Expectation, Snooze
from engine.modes import mode_in_force
from engine.patterns import expected_since, snoozed_since
from services.policies import Policies
from services.ports import Accounts, Anomalies, Clock, Patterns, Tenants

CHANGED = "it changed meanwhile, or its account is gone"
_AT_MOST = 1000


class Said(msgspec.Struct, frozen=True):
    """What holds for an account: ``against_all`` says why nothing of it is told, else the rest decides."""

    against_all: str = ""
    expectations: Sequence[Expectation] = ()
    snoozes: Sequence[Snooze] = ()
    launches: Mapping[str, Sequence[CostEvent]] = {}
    running: Mapping[str, Running] = {}

    def why_not(self, held: Anomaly) -> str:
        """Why one of them is not told either; empty where nothing speaks against it."""
        if self.against_all:
            return self.against_all
        launches = [part for event_id in held.event_ids for part in self.launches.get(event_id, ())]
        if expected_since(self.expectations, held, launches, self.running):
            return "an expectation covers it"
        return "a snooze covers it" if snoozed_since(self.snoozes, held) else ""


class SinceHeld:
    """Asks what people and the operator said since alerts that are not of the safety net were held back."""

    def __init__(
        self,
        *,
        tenants: Tenants,
        accounts: Accounts,
        anomalies: Anomalies,
        patterns: Patterns,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._anomalies = anomalies
        self._patterns = patterns
        self._policies = policies
        self._clock = clock

    async def find(self, tenant_id: str, account_id: str, held: Sequence[Anomaly]) -> Said:
        """What holds now for some of what was held back in one account; six queries at most."""
        if reason := await self._why_none(tenant_id, account_id):
            return Said(reason)
        now = self._clock()
        expectations, snoozes = await asyncio.gather(
            self._patterns.find_expectations(tenant_id, now, _AT_MOST),
            self._patterns.find_snoozes(tenant_id, now, _AT_MOST),
        )
        said = Said(expectations=[one for one in expectations if one.account_id == account_id], snoozes=snoozes)
        return await self._with_facts(tenant_id, account_id, held, said) if said.expectations else said

    async def _why_none(self, tenant_id: str, account_id: str) -> str:
        policy = self._policies.current()
        try:
            tenant = await self._tenants.find_tenant(tenant_id)
            account = await self._accounts.find_account(tenant_id, account_id)
        except NotFound:
            return CHANGED
        if policy.panic_mode or tenant.is_silenced:
            return "alerting is paused"
        strict = mode_in_force(account, tenant, policy).mode is not GovernanceMode.AUDIT
        return "its account is in strict mode" if strict else ""

    async def _with_facts(self, tenant_id: str, account_id: str, held: Sequence[Anomaly], said: Said) -> Said:
        """Add what the expectations are held against."""
        types = sorted({kind for one in said.expectations if one.all_running for kind in one.resource_types})
        event_ids = sorted({event_id for one in held for event_id in one.event_ids})
        parts, running = await asyncio.gather(
            self._anomalies.find_cost_events(tenant_id, account_id, event_ids),
            self._patterns.find_running(tenant_id, account_id, types),
        )
        launches: dict[str, list[CostEvent]] = {}
        for part in parts:
            launches.setdefault(part.event_id, []).append(part)
        return msgspec.structs.replace(said, launches=launches, running=running)
