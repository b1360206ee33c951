"""What Bolt lets go of, we wait for."""

import asyncio

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from handlers.slack.listeners import Listeners


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-made-up")


class Desk:
    """An app with one command that acknowledges, waits for its gate and notes that it is done."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.said: list[str] = []
        self.app = AsyncApp(signing_secret="made-up", authorize=authorize)
        self.app.command("/slow")(self._listen)
        self.listeners = Listeners.of(self.app)

    async def type(self) -> None:
        body = {"command": "/slow", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
        answer = await self.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        assert answer.status == 200

    async def _listen(self, ack: AsyncAck) -> None:
        await ack()
        try:
            await self.gate.wait()
            self.said.append("done")
        except asyncio.CancelledError:
            self.said.append("cut off")
            raise


async def test_a_stop_waits_for_what_was_acknowledged() -> None:
    desk = Desk()
    await desk.listeners.finish(60.0)
    await desk.type()
    await desk.type()
    finishing = asyncio.create_task(desk.listeners.finish(60.0))
    await asyncio.sleep(0.05)
    assert not finishing.done()
    desk.gate.set()
    await finishing
    assert desk.said == ["done", "done"]


async def test_but_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    await desk.type()
    await desk.listeners.finish(0.05)
    assert desk.said == ["cut off"]
    assert "cut off: 1 listeners" in caplog.text
