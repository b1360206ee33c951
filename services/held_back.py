"""What an operator does about rules on trial: look, switch on again, and tell what was held back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from engine.errors import Conflict, NotFound
from engine.flags import Flag
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind
from engine.models.audit import OPERATOR, AuditAction, AuditRecord
from engine.models.breaker import EVERYWHERE, Breaker, Scope
from engine.models.post import Post
from services.ports import Clock
from services.since_held import CHANGED, Said, SinceHeld

_AT_MOST = 1000
_IN_A_BATCH = 50
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

    def __init__(self, *, breakers: Breakers, amendments: Amendments, since_held: SinceHeld, clock: Clock) -> None:
        self._breakers = breakers
        self._amendments = amendments
        self._since_held = since_held
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
        outcomes: Counter[str] = Counter()
        for tenant_id, some in _in_batches(held):
            outcomes.update(await self._tell(tenant_id, some, shut))
        told = outcomes.pop(_TOLD, 0)
        return Replayed(told, dict(outcomes))

    async def _tell(self, tenant_id: str, some: Sequence[Anomaly], shut: set[Scope]) -> list[str]:
        """Set out the cards of some of an account's, and say of each that it did or why not."""
        account_id = some[0].account_id
        if {EVERYWHERE, Scope(tenant_id, account_id)} & shut:
            return ["a breaker of the rule is open"] * len(some)
        said = await self._since_held.find(tenant_id, account_id, some)
        return [_why_not(held, said) or await self._set_out(tenant_id, held) for held in some]

    async def _set_out(self, tenant_id: str, held: Anomaly) -> str:
        now, after = self._clock(), _as_alert(held)
        try:
            await self._amendments.amend(tenant_id, before=held, after=after, record=_record(held, now), now=now)
        except (Conflict, NotFound):
            return CHANGED
        return _TOLD


def _in_batches(held: Sequence[tuple[str, Anomaly]]) -> Iterator[tuple[str, list[Anomaly]]]:
    """(tenant id, some of one account's), each account's oldest first; so few that what holds for them is fresh."""
    by_account: dict[Scope, list[Anomaly]] = {}
    for tenant_id, one in held:
        by_account.setdefault(Scope(tenant_id, one.account_id), []).append(one)
    for scope, found in by_account.items():
        for first in range(0, len(found), _IN_A_BATCH):
            yield scope.tenant_id, found[first : first + _IN_A_BATCH]


def _why_not(held: Anomaly, said: Said) -> str:
    return said.why_not(held) if held.status in _UNANSWERED else "somebody answered it"


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
