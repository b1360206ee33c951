"""Tells the operator by a message that a rule on trial switched itself off."""

import logging
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

import msgspec

from engine.errors import UpstreamError
from engine.models.breaker import Breaker
from services.ports import Clock
from services.ports.webhooks import WebhookCaller

_log = logging.getLogger(__name__)
_LEASE = timedelta(minutes=1)
_NO_NEWS_ANY_MORE = timedelta(days=1)
_MOST = 100
_ID_LENGTH = 32


class Breakers(Protocol):
    """Breakers of which the operator was not told, over all processes."""

    async def claim_untold(self, now: datetime, lease: timedelta, since: datetime) -> Breaker | None:
        """Take one that opened since then, is open and was not told of, until the lease ends."""
        ...

    async def note_told(self, breaker: Breaker, now: datetime) -> None:
        """Note that the operator was told of this opening."""
        ...


class OperatorNews:
    """Calls the operator's webhook once for each opening; one that fails is tried again every minute for a day.

    Whoever dies between the call and the note of it leaves one message that comes twice, under the same ``webhook-id``,
    as customers' webhooks have it.
    """

    def __init__(self, breakers: Breakers, caller: WebhookCaller, url: str, clock: Clock) -> None:
        self._breakers = breakers
        self._caller = caller
        self._url = url
        self._clock = clock

    async def tell(self) -> int:
        """Tell of all that opened and was not told; gives how many messages got through."""
        told = 0
        for _ in range(_MOST):
            now = self._clock()
            breaker = await self._breakers.claim_untold(now, _LEASE, now - _NO_NEWS_ANY_MORE)
            if breaker is None:
                break
            told += await self._tell(breaker)
        return told

    async def _tell(self, breaker: Breaker) -> bool:
        """Slack's incoming webhooks take a text in JSON, and so do those of others."""
        try:
            body = msgspec.json.encode({"text": in_words(breaker)})
            headers = {"content-type": "application/json", "webhook-id": id_of(breaker)}
            await self._caller.call(self._url, headers, body)
        except UpstreamError as error:
            _log.warning("The operator could not be told of a breaker of %s, and is soon: %s", breaker.flag, error)
            return False
        await self._breakers.note_told(breaker, self._clock())
        return True


def id_of(breaker: Breaker) -> str:
    """Give what one opening is known by, however often it is told.

    >>> from datetime import UTC
    >>> from engine.models.breaker import EVERYWHERE
    >>> first = Breaker("young_creep", EVERYWHERE, datetime(2026, 3, 1, 9, tzinfo=UTC), 7, 3.0)
    >>> again = msgspec.structs.replace(first, opened_at=datetime(2026, 3, 1, 10, tzinfo=UTC))
    >>> id_of(first) == id_of(first), id_of(first) == id_of(again)
    (True, False)
    """
    named = [breaker.flag, breaker.scope.tenant_id, breaker.scope.account_id, breaker.opened_at.isoformat()]
    return sha256("\n".join(named).encode()).hexdigest()[:_ID_LENGTH]


def in_words(breaker: Breaker) -> str:
    """Say what happened and what to do, in one paragraph.

    >>> from datetime import UTC
    >>> from engine.models.breaker import EVERYWHERE
    >>> at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    >>> in_words(Breaker("young_creep", EVERYWHERE, at, 7, 3.0)).partition(":")[0]
    'dd0c/cost switched off the rule young_creep everywhere at 2026-03-01 09:00 UTC'
    """
    return (
        f"dd0c/cost switched off the rule {breaker.flag} {breaker.scope.in_words} at "
        f"{breaker.opened_at:%Y-%m-%d %H:%M} UTC: it raised {breaker.in_hour} alerts in an hour, {breaker.allowed:.1f} "
        f"are allowed. They are kept. `dd0c flags show {breaker.flag}` lists them; once the cause is cured `dd0c flags "
        f"reset {breaker.flag}` and `dd0c flags replay {breaker.flag}` send them."
    )
