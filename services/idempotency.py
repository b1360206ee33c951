"""A request under an idempotency key takes effect once, and is answered the same every time, also after a crash."""

import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from engine.errors import Conflict, InputError, NotFound, UpstreamError
from engine.models.idempotency import IdempotentRequest, StoredAnswer
from engine.models.identity import Identity
from services.ports import Clock
from services.ports.requests import Requests, Seal, SealFor

_log = logging.getLogger(__name__)
KEPT = timedelta(hours=24)
CLAIM = timedelta(seconds=90)  # Longer than a request may take, so that nobody takes up what is still in work.
_SEED_BYTES = 32
# With these nothing was changed: a corrected request may come under the same key.
_WITHOUT_EFFECT = (NotFound, Conflict, InputError)

Work = Callable[[bytes], Awaitable[StoredAnswer]]


class KeyInUse(Conflict):
    """The key stands for another request, or the same one is still in work; ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Idempotency:
    """Remembers requests for a day.

    Everything kept is sealed with the caller's own credential, because an answer may show a secret once.
    """

    def __init__(
        self, requests: Requests, seal_for: SealFor, clock: Clock, random_bytes: Callable[[int], bytes]
    ) -> None:
        self._requests = requests
        self._seal_for = seal_for
        self._clock = clock
        self._random_bytes = random_bytes

    async def once(self, identity: Identity, key: str, fingerprint: str, work: Work) -> StoredAnswer:
        """Run ``work`` with a seed for what it makes up, or give its earlier answer.

        Raises KeyInUse, and what ``work`` raises. What had no effect (NotFound, Conflict, InputError) is forgotten.
        After any other failure the same request runs again with the same seed. Without a key nothing is remembered.
        """
        if not key:
            return await work(self._random_bytes(_SEED_BYTES))
        seal, bound_to = self._seal_for(identity.credential), f"{identity.subject}/{key}"
        request = self._new(identity, key, fingerprint, seal)
        found = await self._requests.begin(identity.tenant_id, request)
        if found is not None:
            if found.fingerprint != fingerprint:
                raise KeyInUse("This Idempotency-Key was used for another request.")
            if found.answer:
                return msgspec.json.decode(seal.unseal(found.answer, bound_to), type=StoredAnswer)
            request = await self._taken_over(identity, found)
        answer = await self._run(identity, request, seal, work)
        kept = seal.seal(msgspec.json.encode(answer).decode(), bound_to)
        await self._requests.finish(identity.tenant_id, request.subject, key, kept)
        return answer

    def _new(self, identity: Identity, key: str, fingerprint: str, seal: Seal) -> IdempotentRequest:
        seed = base64.b64encode(self._random_bytes(_SEED_BYTES)).decode()
        now = self._clock()
        return IdempotentRequest(
            subject=identity.subject,
            key=key,
            fingerprint=fingerprint,
            seed=seal.seal(seed, f"{identity.subject}/{key}"),
            claimed_until=now + CLAIM,
            expires_at=now + KEPT,
        )

    async def _taken_over(self, identity: Identity, found: IdempotentRequest) -> IdempotentRequest:
        now = self._clock()
        left = (found.claimed_until - now).total_seconds()
        if left > 0 or not await self._requests.take_over(identity.tenant_id, found, now + CLAIM):
            raise KeyInUse("The same request is in work.", retry_after=max(1, min(5, round(left))))
        return found

    async def _run(self, identity: Identity, request: IdempotentRequest, seal: Seal, work: Work) -> StoredAnswer:
        seed = base64.b64decode(seal.unseal(request.seed, f"{request.subject}/{request.key}"))
        where = (identity.tenant_id, request.subject, request.key)
        try:
            return await work(seed)
        except _WITHOUT_EFFECT:
            await self._requests.forget(*where)
            raise
        except Exception:
            await self._let_go(*where)
            raise

    async def _let_go(self, tenant_id: str, subject: str, key: str) -> None:
        try:
            await self._requests.let_go(tenant_id, subject, key, self._clock())
        except UpstreamError as error:
            _log.warning("a request could not be let go, its claim ends by itself: %s", error)


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """Give what says whether two requests ask the same.

    >>> fingerprint_of("POST", "/v1/x", b"{}") == fingerprint_of("POST", "/v1/x", b"{ }")
    False
    """
    parts = (method.encode(), path.encode(), body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def bytes_from(seed: bytes) -> Callable[[int], bytes]:
    """Give a source of bytes that look random and are the same for the same seed.

    >>> one, other = bytes_from(b"x"), bytes_from(b"x")
    >>> (one(4), one(4)) == (other(4), other(4)), one(4) == one(4)
    (True, False)
    """
    count = 0

    def more(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(seed + count.to_bytes(4, "big")).digest(size)

    return more
