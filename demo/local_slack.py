"""Let the bot live in an independent Slack emulator: commands, a card, a click, a digest (docs/testing.md)."""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import click

from demo.aws_account import world as aws_world
from demo.stage import Stage
from demo.story import external_id_in

PORT, BOT_PORT = 3999, 8998
CHANNEL, USER = "C0COSTS", "U0MARIA"
SECRET, TOKEN = "emulated-signing-secret", "xoxb-emulated"
WORKSPACE = {
    "workspace": {"name": "acme", "domain": "acme", "teamId": "T01ACME"},
    "users": [{"id": USER, "name": "maria", "real_name": "Maria Lopez"}],
    "channels": [{"id": CHANNEL, "name": "aws-costs", "members": [USER, "U0BOT"]}],
    "apps": [
        {
            "botToken": TOKEN,
            "signingSecret": SECRET,
            "mode": "events",
            "requestUrl": f"http://127.0.0.1:{BOT_PORT}/v1/slack/events",
        }
    ],
}


class Emulator:
    """What a person does there, and what the channel then holds."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._url = f"http://127.0.0.1:{PORT}/_control"

    async def act(self, kind: str, **what: Any) -> None:
        """Do one thing as Maria."""
        async with self._session.post(f"{self._url}/{kind}", json={"user": USER, "channel": CHANNEL, **what}) as answer:
            answer.raise_for_status()

    async def seen(self) -> str:
        """Everything the workspace shows, as text."""
        async with (
            self._session.get(f"{self._url}/state") as state,
            self._session.get(f"{self._url}/messages/{CHANNEL}") as messages,
        ):
            return json.dumps([await state.json(), await messages.json()])

    async def messages(self) -> list[dict[str, Any]]:
        """The channel's messages."""
        async with self._session.get(f"{self._url}/messages/{CHANNEL}") as answer:
            held: dict[str, Any] = await answer.json()
            return list(held.get("messages", held))

    async def until(self, words: str, seconds: float = 60.0) -> str:
        """Wait until these words are to be seen."""
        async with asyncio.timeout(seconds):
            while words not in (text := await self.seen()):  # noqa: ASYNC110 - it happens in other processes
                await asyncio.sleep(0.3)
        click.echo(f"seen: {words}")
        return text


async def main(emulator: str) -> None:
    """Play the story's beginning there, and fail at the first thing that does not happen."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dd0c-local-slack-")))
        (folder / "workspace.json").write_text(json.dumps(WORKSPACE))
        stage = await stack.enter_async_context(Stage(with_bot=False))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        arguments = (emulator, "--config", str(folder / "workspace.json"), "--port", str(PORT))
        settings = {
            **stage.environment(folder / "data"),
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": f"http://127.0.0.1:{PORT}/api/",
            "DD0C_ALERT_CHANNEL": CHANNEL,
            "DD0C_ADMIN_USER": USER,
            "DD0C_PORT": str(BOT_PORT),
        }
        dd0c = str(Path(sys.executable).with_name("dd0c"))
        for command in (arguments, (dd0c, "serve")):
            process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **settings}, cwd=folder)
            stack.push_async_callback(process.wait)
            stack.callback(process.terminate)
            await _listening(session, PORT if command is arguments else BOT_PORT)
        await _play(Emulator(session), stage)


async def _listening(session: aiohttp.ClientSession, port: int) -> None:
    async with asyncio.timeout(90):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.2)


async def _play(slack: Emulator, stage: Stage) -> None:
    await slack.act("command", command="/dd0c", text="help")
    await slack.until("/dd0c connect")
    await slack.act("command", command="/dd0c", text=f"connect {aws_world.ACCOUNT_ID}")
    stage.account.restore_role(external_id_in(await slack.until("xternal")))
    await slack.act("command", command="/dd0c", text=f"connect {stage.account.role_arn}")
    await slack.until("Connected")
    await asyncio.sleep(20)
    stage.happen(aws_world.leaked_key(stage.now()))
    await slack.until("backup-uploader")
    [card] = await _cards(slack)
    [actions] = [block for block in card["blocks"] if block["type"] == "actions"]
    [button] = [one for one in actions["elements"] if one["action_id"] == "anomaly.acknowledge"]
    await slack.act("interact", messageTs=card["ts"], action={**button, "block_id": actions["block_id"]})
    await slack.until("acknowledged this")
    [repainted] = await _cards(slack)
    if repainted["ts"] != card["ts"]:
        raise AssertionError("the card was not repainted, but posted again")
    await slack.act("command", command="/dd0c", text="digest")
    await slack.until("Cost digest")
    await slack.until('"data_visualization"')
    await slack.act("command", command="/dd0c", text="status")
    await slack.until("records read")


async def _cards(slack: Emulator) -> list[dict[str, Any]]:
    """The cards in the channel: what else tells of an anomaly offers no *Not expected*."""
    return [one for one in await slack.messages() if '"anomaly.not_expected"' in json.dumps(one)]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
