"""Send requests to the bot, signed with its signing secret, and wait for its ack as long as Slack does."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp

ACK_SECONDS = 3.0
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def signature(signing_secret: str, timestamp: str, body: bytes) -> str:
    """Return the `X-Slack-Signature` of a request body (version 0: HMAC-SHA256).

    >>> signature("secret", "1", b"x")[:12]
    'v0=c95c2c7a6'
    """
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Ack:
    """What the bot answered at once.

    `status` is 0 when there was no answer; `error` is None for a good ack, otherwise
    `operation_timeout`, `connection_failed`, `http_error` or `not_connected`.
    """

    status: int
    text: str = ""
    headers: Mapping[str, str] | None = None
    error: str | None = None

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is none."""
        try:
            parsed = json.loads(self.text)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


class Line(Protocol):
    """Another way to the bot than HTTP."""

    @property
    def is_open(self) -> bool: ...

    async def deliver(self, body: bytes, kind: str, seconds: float) -> Ack: ...


class Sender:
    """Sends signed requests; `clock` gives the time they carry (seconds since the epoch)."""

    def __init__(
        self, signing_secret: str, clock: Callable[[], float], ack_seconds: float, line: Line | None = None
    ) -> None:
        self._secret = signing_secret
        self._line = line
        self._clock = clock
        self._ack_seconds = ack_seconds
        self._session: aiohttp.ClientSession | None = None
        self._last = (b"", JSON)

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send_form(self, url: str | None, fields: Mapping[str, str]) -> Ack:
        """Send form fields, as Slack does for commands and interactions."""
        return await self.send(url, urlencode(fields).encode(), FORM, {})

    async def send_payload(self, url: str | None, payload: Mapping[str, Any]) -> Ack:
        """Send an interaction: one form field called `payload` that holds JSON."""
        return await self.send_form(url, {"payload": json.dumps(payload)})

    async def send(self, url: str | None, body: bytes, kind: str, headers: Mapping[str, str]) -> Ack:
        """Send one signed body and return what came back within the time allowed; an open line comes before HTTP."""
        self._last = (body, kind)
        if self._line is not None and self._line.is_open:
            return await self._line.deliver(body, kind, self._ack_seconds)
        if url is None:
            return Ack(0, error="not_connected")
        timestamp = str(int(self._clock()))
        signed = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
            **headers,
        }
        return await self._post(url, body, signed)

    async def repeat(self, url: str | None, number: int) -> Ack:
        """Send the last body once more, as Slack does where it was not sure of the answer."""
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"}
        return await self.send(url, *self._last, retry)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Ack:
        self._session = self._session or aiohttp.ClientSession()
        try:
            async with (
                asyncio.timeout(self._ack_seconds),
                self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                text = await answer.text()
                error = None if answer.status == 200 else "http_error"  # noqa: PLR2004 -- HTTP's own number
                return Ack(answer.status, text, dict(answer.headers), error)
        except TimeoutError:
            return Ack(0, error="operation_timeout")
        except (aiohttp.ClientError, UnicodeDecodeError):
            return Ack(0, error="connection_failed")
