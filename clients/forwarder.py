"""Sends batches to a bot's ``/v1/ingest``, as often as it takes."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import aiohttp
import msgspec

from engine.errors import UNREADABLE, AccessDenied, Rejected, Unavailable

_PATH = "/v1/ingest"
_ATTEMPTS = 8
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
_ANSWER_SECONDS = 120.0
_SHOWN = 300


class Counts(msgspec.Struct, frozen=True):
    """What the bot says of a batch."""

    kept: int = 0
    unknown_accounts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class _Refusal(msgspec.Struct, frozen=True):
    detail: str = ""
    hint: str = ""


class Forwarder:
    """One batch after the other. ``random`` gives numbers in [0, 1), which spread the tries of many senders."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        api_key: str,
        *,
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
    ) -> None:
        self._session = session
        self._url = url.rstrip("/") + _PATH
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/gzip"}
        self._sleep = sleep
        self._random = random

    async def send(self, body: bytes) -> Counts:
        """Return when the batch is durable at the bot.

        Raises AccessDenied for a refused key, Rejected for a refused batch, Unavailable when the bot neither takes nor
        refuses it, however often it is asked.
        """
        trouble = ""
        for attempt in range(_ATTEMPTS):
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt) * (0.5 + self._random() / 2)
            try:
                status, text, retry_after = await self._post(body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                trouble = f"{type(error).__name__}"
            else:
                if status == HTTPStatus.ACCEPTED:
                    return _counts(text)
                trouble = _explain(status, text)
                _raise_if_final(status, trouble)
                pause = max(pause, min(_LONGEST_PAUSE, retry_after))
            if attempt < _ATTEMPTS - 1:
                await self._sleep(pause)
        raise Unavailable(f"{self._url} did not take a batch in {_ATTEMPTS} tries ({trouble}).")

    async def _post(self, body: bytes) -> tuple[int, bytes, float]:
        """Give status, body and the seconds of Retry-After."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with self._session.post(
            self._url, data=aiohttp.BytesPayload(body), headers=self._headers, timeout=timeout, allow_redirects=False
        ) as answer:
            wait = answer.headers.get("Retry-After", "")
            return answer.status, await answer.read(), float(wait) if wait.isascii() and wait.isdigit() else 0.0


def _counts(text: bytes) -> Counts:
    try:
        return msgspec.json.decode(text, type=Counts)
    except UNREADABLE:
        raise Rejected("What took the batch is no dd0c/cost: it did not say what it counted", code="202") from None


def _raise_if_final(status: int, trouble: str) -> None:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise AccessDenied(f"The bot refuses this API key: {trouble}", code=str(status))
    passes = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
    if not passes and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Rejected(f"The bot refuses a batch: {trouble}", code=str(status))


def _explain(status: int, text: bytes) -> str:
    try:
        refusal = msgspec.json.decode(text, type=_Refusal)
    except UNREADABLE:
        return f"status {status}"
    return f"status {status}. {refusal.detail} {refusal.hint}"[:_SHOWN].strip()
