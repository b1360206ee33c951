"""What an operator does about rules on trial: look, switch on again, and tell what was held back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from engine.errors import Conflict, NotFound
from engine.flags import Flag
from engine.models.account import GovernanceMode
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind
from engine.models.audit import OPERATOR, AuditAction, AuditRecord
from engine.models.breaker import EVERYWHERE, Breaker, Scope
from engine.models.post import Post
from engine.models.verdict import Snooze
from engine.modes import mode_in_force
from engine.patterns import covers_incident
from services.policies import Policies
from services.ports import Accounts, Anomalies, Clock, Patterns, Tenants

_AT_MOST = 1000
_TOLD = ""
_UNANSWERED = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED, AnomalyStatus.RESOLVED})


class Breakers(Protocol):
    """The breakers of all accounts."""

    async def find_breakers(self) -> list[Breaker]:
        """All of them, the newest first."""

    async def find_held(self, flag: str, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) that the rule would have told, had its breaker not been open, oldest first."""

    async def close(self, breaker: Breaker, now: datetime) -> None:
        """Switch a rule on again."""


class Amendments(Protocol):
    """Writes one changed anomaly with all that follows."""

    async def amend(
        self,
        tenant_id: str,
        *,
        before: Anomaly,
        after: Anomaly,
        record: AuditRecord | None = None,
        post: Post | None = None,
        now: datetime,
    ) -> None:
        """Raise Conflict when somebody else changed it meanwhile."""


class Replayed(msgspec.Struct, frozen=True):
    """``told`` cards set out; ``reasons`` says why others stay held back, and of how many."""

    told: int = 0
    reasons: Mapping[str, int] = {}

    @property
    def waiting(self) -> int:
        """How many stay held back."""
        return sum(self.reasons.values())


class HeldBack:
    """Breakers and what they held back, of the whole installation."""

    def __init__(
        self,
        *,
        breakers: Breakers,
        amendments: Amendments,
        tenants: Tenants,
        accounts: Accounts,
        anomalies: Anomalies,
        patterns: Patterns,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._breakers = breakers
        self._amendments = amendments
        self._tenants = tenants
        self._accounts = accounts
        self._anomalies = anomalies
        self._patterns = patterns
        self._policies = policies
        self._clock = clock

    async def find(self, flag: str = "") -> tuple[list[Breaker], list[tuple[str, Anomaly]]]:
        """The breakers of a rule (of all rules without one), and what the rule holds back now.

        Raises NotFound for a name that no rule has or had.
        """
        found = [one for one in await self._breakers.find_breakers() if not flag or one.flag == flag]
        held = await self._breakers.find_held(flag, _AT_MOST) if flag else []
        if flag and not (found or held or flag in set(Flag)):
            raise NotFound(f"No rule on trial is called {flag!r}. There is {', '.join(Flag)}.")
        return found, held

    async def reset(self, flag: str, account_id: str = "") -> int:
        """Close the open breakers of a rule, in one account or in all; gives how many."""
        found, _ = await self.find(flag)
        open_ones = [one for one in found if one.is_open and (not account_id or one.scope.account_id == account_id)]
        for one in open_ones:
            await self._breakers.close(one, self._clock())
        return len(open_ones)

    async def replay(self, flag: str) -> Replayed:
        """Send the cards of what was held back, where no breaker of the rule is open any more; each once."""
        breakers, held = await self.find(flag)
        shut = {one.scope for one in breakers if one.is_open}
        outcomes = Counter([await self._tell(tenant_id, anomaly, shut) for tenant_id, anomaly in held])
        told = outcomes.pop(_TOLD, 0)
        return Replayed(told, dict(outcomes))

    async def _tell(self, tenant_id: str, held: Anomaly, shut: set[Scope]) -> str:
        """Set its card out, or say why not."""
        if {EVERYWHERE, Scope(tenant_id, held.account_id)} & shut:
            return "a breaker of the rule is open"
        if held.status not in _UNANSWERED:
            return "somebody answered it"
        try:
            if reason := await self._why_not(tenant_id, held):
                return reason
            now, after = self._clock(), _as_alert(held)
            await self._amendments.amend(tenant_id, before=held, after=after, record=_record(held, now), now=now)
        except (Conflict, NotFound):
            return "it changed meanwhile, or its account is gone"
        return _TOLD

    async def _why_not(self, tenant_id: str, held: Anomaly) -> str:
        """What holds now against an alert that is not of the safety net; what held then may be over."""
        policy, tenant = self._policies.current(), await self._tenants.find_tenant(tenant_id)
        if policy.panic_mode or tenant.is_silenced:
            return "alerting is paused"
        account = await self._accounts.find_account(tenant_id, held.account_id)
        if mode_in_force(account, tenant, policy).mode is not GovernanceMode.AUDIT:
            return "its account is in strict mode"
        if await self._is_expected(tenant_id, held):
            return "an expectation covers it"
        return "a snooze covers it" if await self._is_snoozed(tenant_id, held) else ""

    async def _is_expected(self, tenant_id: str, held: Anomaly) -> bool:
        """Whether somebody announced, since it was held back, all that it speaks of."""
        expectations = await self._patterns.find_expectations(tenant_id, self._clock(), _AT_MOST)
        of_account = [one for one in expectations if one.account_id == held.account_id]
        if not of_account:
            return False
        types = sorted({kind for one in of_account if one.all_running for kind in one.resource_types})
        launches = await self._anomalies.find_cost_events(tenant_id, held.account_id, held.event_ids)
        running = await self._patterns.find_running(tenant_id, held.account_id, types)
        return any(
            covers_incident(one, held, launches, [running[kind] for kind in one.resource_types if kind in running])
            for one in of_account
        )

    async def _is_snoozed(self, tenant_id: str, held: Anomaly) -> bool:
        """Whether somebody snoozed, since it was held back, all that it speaks of."""
        snoozes = await self._patterns.find_snoozes(tenant_id, self._clock(), _AT_MOST)
        return any(_covers(snooze, held) for snooze in snoozes)


def _covers(snooze: Snooze, held: Anomaly) -> bool:
    who = (held.account_id, held.actor.key)
    types = {line.resource_type for line in held.lines}
    return (snooze.account_id, snooze.actor_key) == who and types.issubset(snooze.resource_types)


def _record(held: Anomaly, now: datetime) -> AuditRecord:
    details = {"flag": held.decision.flag, "anomaly_id": held.anomaly_id}
    return AuditRecord(
        at=now, action=AuditAction.FLAG_REPLAYED, actor=OPERATOR, account_id=held.account_id, details=details
    )


def _as_alert(held: Anomaly) -> Anomaly:
    reason = f"Held back when it was found, and told now: the rule {held.decision.flag} was on trial."
    decision = Decision(DecisionKind.ALERT, reason, flag=held.decision.flag)
    return msgspec.structs.replace(held, decision=decision, revision=held.revision + 1)


def in_words(breakers: Sequence[Breaker]) -> list[str]:
    """A line for each breaker."""
    return [
        f"{one.flag}  {one.scope.in_words}  "
        + ("switched off" if one.is_open else "on again")
        + f"  {one.opened_at:%Y-%m-%d %H:%M} UTC: {one.in_hour} alerts in an hour, {one.allowed:.1f} allowed"
        for one in breakers
    ]
