"""Two hundred people who type commands at once: signed requests, and an address for the answers."""

import asyncio
import time
from collections.abc import Sequence
from secrets import token_urlsafe
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
import msgspec
from aiohttp import web

from demo.slack_workspace.signing import FORM, signature

LINES = ("status", "anomalies", "accounts", "digest", "settings", "snoozes", "help", "help digest")
_ANSWER_SECONDS = 60.0
_OK = 200


class Typed(msgspec.Struct, frozen=True):
    """Milliseconds from typing a command to its acknowledgement, and to its answer (None where none is expected)."""

    ack_ms: float
    answer_ms: float | None


class Crowd:
    """An async context manager. Slack's side of commands alone: nothing of it is drawn or kept."""

    def __init__(self, signing_secret: str, team_id: str, channel_id: str, user_id: str) -> None:
        self._secret = signing_secret
        self._place = {"team_id": team_id, "channel_id": channel_id, "user_id": user_id, "command": "/dd0c"}
        self._answers: dict[str, asyncio.Future[float]] = {}
        self._url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/answers/{token}", self._take_answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/answers/"
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def _take_answer(self, request: web.Request) -> web.Response:
        now = time.perf_counter()
        await request.read()
        waiting = self._answers.pop(request.match_info["token"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(now)
        return web.Response(text="ok")

    async def burst(self, url: str, people: int, *, answered: bool) -> list[Typed]:
        """Let everybody type one command at the same moment, and wait until all are acknowledged and answered."""
        typing = (self._type(url, LINES[number % len(LINES)], answered=answered) for number in range(people))
        return list(await asyncio.gather(*typing))

    async def steady(self, url: str, people: int, each: int, *, answered: bool) -> list[Typed]:
        """Let everybody type so many commands, the next as soon as the last is acknowledged and answered."""

        async def person(number: int) -> list[Typed]:
            lines = [LINES[(number + turn) % len(LINES)] for turn in range(each)]
            return [await self._type(url, line, answered=answered) for line in lines]

        return _flat(await asyncio.gather(*map(person, range(people))))

    async def _type(self, url: str, line: str, *, answered: bool) -> Typed:
        token = token_urlsafe(9)
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._answers[token] = waiting
        body = urlencode({**self._place, "text": line, "response_url": self._url + token, "trigger_id": token}).encode()
        began = time.perf_counter()
        await self._send(url, body)
        acknowledged = time.perf_counter()
        answer = await asyncio.wait_for(waiting, _ANSWER_SECONDS) if answered else None
        self._answers.pop(token, None)
        return Typed(_ms(acknowledged - began), None if answer is None else _ms(answer - began))

    async def _send(self, url: str, body: bytes) -> None:
        """Raises RuntimeError for a command that is not acknowledged: then there is nothing to measure."""
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": FORM,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        async with self._session.post(url, data=body, headers=headers) as response:
            if response.status != _OK:
                raise RuntimeError(f"a command was answered by {response.status}: {await response.text()}")
            await response.read()


def _flat(parts: Sequence[list[Typed]]) -> list[Typed]:
    return [typed for part in parts for typed in part]


def _ms(seconds: float) -> float:
    return 1000 * seconds
