"""What Bolt lets go of, we wait for."""

import ast
import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

import handlers.slack
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


def _first_awaits(module: Path) -> Iterator[tuple[str, str]]:
    """The name of every listener that must acknowledge, and what it awaits first."""
    for function in ast.walk(ast.parse(module.read_text())):
        if isinstance(function, ast.AsyncFunctionDef) and "ack" in [one.arg for one in function.args.args]:
            awaits = [one for one in ast.walk(function) if isinstance(one, ast.Await)]
            first = min(awaits, key=lambda one: (one.lineno, one.col_offset))
            yield f"{module.stem}.{function.name}", ast.unparse(first)


def test_every_listener_acknowledges_before_it_waits_for_anything() -> None:
    """A form may read what was typed before, for its errors are told by the acknowledgement itself."""
    folder = Path(inspect.getfile(handlers.slack)).parent
    found = dict(pair for module in sorted(folder.rglob("*.py")) for pair in _first_awaits(module))
    assert len(found) > 12
    assert {name: first for name, first in found.items() if not first.startswith("await ack(")} == {}
