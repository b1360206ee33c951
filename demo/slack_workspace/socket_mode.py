"""Socket Mode: the bot opens a connection, and everything it would be sent over HTTP goes there."""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from demo.slack_workspace.context import Answer
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.signing import JSON, Ack

METHOD = "apps.connections.open"
_PATH = "/socket/{ticket}"


class SocketLine:
    """The connections of one app; each is opened with a ticket that is good once. ``changed`` hears of each."""

    def __init__(self, app_id: str, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.app_token = f"xapp-1-{app_id}-{secrets.token_hex(12)}"
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._connections: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Ack]] = {}

    @property
    def is_open(self) -> bool:
        """Whether the bot is connected."""
        return bool(self._connections)

    def open(self, token: str, base_url: str) -> Answer:
        """Answer `apps.connections.open`: where to connect."""
        if token != self.app_token:
            raise SlackError("invalid_auth")
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return {"url": f"{base_url.replace('http', 'ws', 1)}{_PATH.format(ticket=ticket)}"}

    def add_routes(self, app: web.Application) -> None:
        """Add where bots connect to."""
        app.router.add_get(_PATH, self._serve)

    async def close(self) -> None:
        """Hang up."""
        for connection in list(self._connections):
            await connection.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.remove(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await connection.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": self._app_id}})
        self._connections.append(connection)
        self._changed()
        try:
            async for message in connection:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._settle(json.loads(message.data))
        finally:
            self._connections.remove(connection)
        return connection

    def _settle(self, answer: dict[str, Any]) -> None:
        waiting = self._waiting.pop(str(answer.get("envelope_id")), None)
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(Ack(200, json.dumps(payload) if payload else ""))

    async def deliver(self, body: bytes, kind: str, seconds: float) -> Ack:
        """Send what would be the body of an HTTP request, and wait for the bot's answer."""
        envelope_id = secrets.token_hex(8)
        envelope = {"envelope_id": envelope_id, "accepts_response_payload": kind != JSON, **_content(body, kind)}
        answered: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answered
        try:
            async with asyncio.timeout(seconds):
                await self._connections[-1].send_json(envelope)
                return await answered
        except TimeoutError:
            return Ack(0, error="operation_timeout")
        finally:
            self._waiting.pop(envelope_id, None)


def _content(body: bytes, kind: str) -> dict[str, Any]:
    if kind == JSON:
        return {"type": "events_api", "payload": json.loads(body)}
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    if "payload" in fields:
        return {"type": "interactive", "payload": json.loads(fields["payload"])}
    return {"type": "slash_commands", "payload": fields}
