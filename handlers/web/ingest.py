"""``POST /v1/ingest``: batches of CloudTrail records, pushed by programs with a write-scoped key."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from aiohttp import web

from engine.cloudtrail.unpacking import unpack
from engine.errors import BrokenArchive, InputTooLarge, UpstreamError
from engine.models.api_key import ApiKey, Scope
from engine.models.inbox import Receipt
from handlers.web.api.ingesting import PATH, Received
from handlers.web.problems import Problem, not_recognised, unavailable
from services.keys import Keys
from services.receiving import Receiver

_log = logging.getLogger(__name__)
LARGEST_BODY = 10 * 10**6
LARGEST_UNPACKED = 200 * 10**6
_BODY_SECONDS = 60.0
_PIECE = 2**16
_AT_ONCE = 8
_AT_ONCE_EACH = 2
_NAMED = 20
_SMALLER = "Send fewer records at a time; `dd0c forward` cuts them into batches of the right size."


class Places:
    """Bodies are held in memory, so only so many are taken at once, and of one tenant only a few."""

    def __init__(self, most: int = _AT_ONCE, most_each: int = _AT_ONCE_EACH) -> None:
        self._most = most
        self._most_each = most_each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, tenant_id: str) -> Iterator[None]:
        """Hold a place, or raise Problem when there is none."""
        if self._taken[tenant_id] >= self._most_each:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{self._most_each} requests of this tenant are in work.",
                "Send one batch after the other, and this one again in a second.",
                headers={"Retry-After": "1"},
            )
        if self._taken.total() >= self._most:
            raise unavailable("Too many batches are in work.", retry_after=2)
        self._taken[tenant_id] += 1
        try:
            yield
        finally:
            self._taken[tenant_id] -= 1
            self._taken += Counter()  # Drops tenants that hold none.


def register(app: web.Application, keys: Keys, receiver: Receiver, places: Places | None = None) -> None:
    """Add the route. The server must leave bodies packed: they are unpacked here, where there is a limit."""
    held = places or Places()

    async def handle_ingest(request: web.Request) -> web.StreamResponse:
        try:
            return await _ingest(request, keys, receiver, held)
        except Problem as problem:
            return problem.response()
        except UpstreamError as error:
            _log.warning("%s: %s", PATH, error)
            return unavailable("A system behind dd0c/cost did not answer.", retry_after=5).response()

    app.router.add_post(PATH, handle_ingest)


async def _ingest(request: web.Request, keys: Keys, receiver: Receiver, places: Places) -> web.Response:
    key = await _authorised(request, keys)
    with places.taken(key.tenant_id):
        body = await _read(request)
        try:
            receipt = await receiver.receive("push", unpack(body, LARGEST_UNPACKED), key.tenant_id)
        except BrokenArchive as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"The body {error}.", "Send the whole batch again.") from None
        except InputTooLarge as error:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is too large: {error}.", _SMALLER) from None
    return _answer(receipt)


async def _authorised(request: web.Request, keys: Keys) -> ApiKey:
    scheme, _, word = request.headers.get("Authorization", "").partition(" ")
    key = await keys.recognise(word.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise not_recognised()
    if Scope.WRITE not in key.scopes:
        raise Problem(
            HTTPStatus.FORBIDDEN, f"Key {key.key_id} may not send records.", "Use a key with the scope `write`."
        )
    return key


async def _read(request: web.Request) -> list[bytes]:
    """Read the body as it was sent, and no more of it than is allowed."""
    too_large = Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has more than {LARGEST_BODY // 10**6} MB.", _SMALLER
    )
    if (request.content_length or 0) > LARGEST_BODY:
        raise too_large
    pieces, size = [], 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in request.content.iter_chunked(_PIECE):
                size += len(piece)
                if size > LARGEST_BODY:
                    raise too_large
                pieces.append(piece)
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT, f"The body did not arrive in {_BODY_SECONDS:.0f} s.", _SMALLER
        ) from None
    return pieces


def _answer(receipt: Receipt) -> web.Response:
    """Accept what is durable now; a body in which nothing could be read is refused."""
    if not (receipt.kept or receipt.irrelevant or receipt.unknown):
        first = f" The first: {receipt.problems[0]}" if receipt.problems else ""
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            f"No CloudTrail record could be read, {receipt.malformed} pieces were malformed.{first}",
            "Send log files, JSON Lines, EventBridge envelopes or LookupEvents pages, plain or gzipped.",
        )
    taken = Received(
        kept=receipt.kept,
        irrelevant=receipt.irrelevant,
        unknown=receipt.unknown,
        malformed=receipt.malformed,
        unknown_accounts=list(receipt.unknown_accounts[:_NAMED]),
        problems=list(receipt.problems),
    )
    return web.json_response(text=taken.model_dump_json(), status=HTTPStatus.ACCEPTED)
