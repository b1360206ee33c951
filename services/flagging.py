"""Which rules on trial hold for a batch, and when one of them is switched off because it raises too much."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from engine.breaker import BASELINE_DAYS, Volume, is_too_much, limit
from engine.cloudtrail.trial import ON_TRIAL
from engine.flags import NO_FLAGS, Flag, FlagSet
from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.breaker import EVERYWHERE, Breaker, Scope
from engine.models.metrics import BREAKERS_OPENED
from services.ports import Clock
from services.ports.watching import Meter
from services.unwatched import NO_METER

_log = logging.getLogger(__name__)
_HOUR = timedelta(hours=1)
_BASELINE = timedelta(days=BASELINE_DAYS)


class Flags(Protocol):
    """Evaluates flags without waiting for anything."""

    def find_on(self, account_id: str) -> frozenset[Flag]:
        """The rules on trial that are on for an AWS account."""


class Breakers(Protocol):
    """What is known of breakers, shared by all processes."""

    async def find_open(self, tenant_id: str, account_id: str) -> frozenset[str]:
        """The rules that are switched off for this account or everywhere."""

    async def find_breaker(self, flag: str, scope: Scope) -> Breaker | None:
        """One breaker, None when it never opened."""

    async def count_alerts(self, scope: Scope, *, of: str, since: datetime) -> int:
        """Alerts that the rule ``of`` raised since then."""

    async def count_others(self, scope: Scope, *, than: str, since: datetime) -> int:
        """Alerts that all but the rule ``than`` raised since then."""

    async def open(self, breaker: Breaker) -> None:
        """Switch a rule off; once more changes nothing."""


class Flagging:
    """Gives each batch its flags, and opens breakers."""

    def __init__(self, flags: Flags, breakers: Breakers, clock: Clock, meter: Meter = NO_METER) -> None:
        self._flags = flags
        self._breakers = breakers
        self._clock = clock
        self._meter = meter

    def find_parsing(self, account_id: str) -> frozenset[Flag]:
        """The flags that choose parsers for a batch, those included that a breaker tripped: what it raises is kept."""
        return self._flags.find_on(account_id) if ON_TRIAL else frozenset()

    async def flags_for(self, tenant_id: str, account_id: str) -> FlagSet:
        """What holds for a batch. The database is asked only where a rule is on trial."""
        on = self._flags.find_on(account_id)
        if not on:
            return NO_FLAGS
        tripped = on & {
            Flag(name) for name in await self._breakers.find_open(tenant_id, account_id) if name in set(Flag)
        }
        return FlagSet(on=on - tripped, tripped=tripped)

    async def trips(
        self, tenant_id: str, account_id: str, before: Mapping[str, Anomaly], after: Iterable[Anomaly]
    ) -> bool:
        """Whether a breaker opened because of what a batch raises: then it has to be judged again."""
        raised = Counter(one.decision.flag for one in after if _is_newly_raised(one, before.get(one.anomaly_id)))
        tripped = False
        for flag, count in raised.items():
            for scope in (Scope(tenant_id, account_id), EVERYWHERE):
                tripped = await self._look(flag, scope, count) or tripped
        return tripped

    async def _look(self, flag: str, scope: Scope, count: int) -> bool:
        now = self._clock()
        known = await self._breakers.find_breaker(flag, scope)
        since = max(now - _HOUR, known.closed_at or now - _HOUR) if known else now - _HOUR
        volume = Volume(
            in_hour=count + await self._breakers.count_alerts(scope, of=flag, since=since),
            usual=await self._breakers.count_others(scope, than=flag, since=now - _BASELINE),
        )
        if not is_too_much(volume):
            return False
        allowed = limit(volume.usual)
        await self._breakers.open(Breaker(flag, scope, opened_at=now, in_hour=volume.in_hour, allowed=allowed))
        self._meter.note(BREAKERS_OPENED, flag=flag)
        _log.error(
            "The rule %s is switched off %s: %d alerts in an hour, %.1f are allowed. Its alerts are kept; "
            "`dd0c flags show %s` tells more.",
            flag,
            scope.in_words,
            volume.in_hour,
            allowed,
            flag,
        )
        return True


def _is_newly_raised(after: Anomaly, before: Anomaly | None) -> bool:
    told = before is not None and before.decision.kind is DecisionKind.ALERT
    return bool(after.decision.flag) and after.decision.kind is DecisionKind.ALERT and not told


class NoFlagging(msgspec.Struct, frozen=True):
    """No rule is on trial."""

    def find_parsing(self, account_id: str) -> frozenset[Flag]:  # noqa: ARG002 - the same for all
        """None is on."""
        return frozenset()

    async def flags_for(self, tenant_id: str, account_id: str) -> FlagSet:  # noqa: ARG002 - the same for all
        """None holds."""
        return NO_FLAGS

    async def trips(
        self,
        tenant_id: str,  # noqa: ARG002 - the same for all
        account_id: str,  # noqa: ARG002 - the same for all
        before: Mapping[str, Anomaly],  # noqa: ARG002 - the same for all
        after: Iterable[Anomaly],  # noqa: ARG002 - the same for all
    ) -> bool:
        """Nothing does."""
        return False
