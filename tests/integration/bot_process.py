"""``dd0c serve`` as a process of its own; the Slack and the AWS it talks to live in the test's process."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from demo.aws_account import world as aws_world
from demo.aws_account.ids import secret
from demo.stage import Stage
from demo.story import external_id_in

DD0C = Path(sys.executable).with_name("dd0c")
START_SECONDS = 180.0
STOP_SECONDS = 120.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_SESSIONS = 500


class BotProcess:
    """An async context manager around a bot that may be killed and started as often as a test likes.

    On the way out it is ended, and its whole log must be free of secrets and of tracebacks.
    """

    def __init__(self, stage: Stage, folder: Path, **environment: str) -> None:
        self.stage = stage
        self.data_dir = folder / "data"
        self.log_file = folder / "bot.log"
        self.environment = {
            **stage.environment(self.data_dir),
            **basic_environment(folder),
            "DD0C_LOG_LEVEL": "DEBUG",
            **environment,
        }
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self.url = ""
        self.command: Sequence[str | Path] = (DD0C, "serve")
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        await self.kill()
        if kind is None:
            assert "Traceback" not in (log := self.log()), log[log.index("Traceback") - 1000 :][:5000]
            assert leaks(self.log(), self.stage) == []

    def local_uri(self) -> str:
        """Where its own mongod is now; after a crash that may be another port."""
        port = (self.data_dir / "mongod" / "port").read_text()
        return f"mongodb://127.0.0.1:{port}/?replicaSet=dd0c"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        return self.log_file.read_text()

    async def start(self) -> None:
        """Start it and connect the workspace to where it listens."""
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, env=self.environment, cwd=self._folder, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = (await self._process.stdout.readline()).decode()
        address = _ADDRESS.search(line)
        if address is None:
            await self.kill()
            raise AssertionError(f"the bot did not start: {line}{self.log()[-2000:]}")
        self.url = address.group()
        self.stage.slack.connect_app(self.url)

    async def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.communicate()
            self._process = None

    async def terminate(self) -> int:
        """SIGTERM: gives the exit status."""
        assert self._process is not None
        self._process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            return await self._process.wait()


async def connect(stage: Stage) -> None:
    """Connect the account, as any customer does; reading its history begins."""
    answer = await stage.ask(f"/dd0c connect {aws_world.ACCOUNT_ID}")
    stage.account.restore_role(external_id_in(answer))
    assert "Connected" in await stage.ask(f"/dd0c connect {stage.account.role_arn}")


def basic_environment(folder: Path) -> dict[str, str]:
    """What every process needs, and nothing of this machine's own settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}


def leaks(text: str, stage: Stage) -> list[str]:
    """The secrets of this stage that stand in a text."""
    numbers = range(_SESSIONS)
    secrets = {
        stage.slack.bot_token,
        stage.slack.signing_secret,
        stage.aws.caller.secret_access_key,
        stage.account.external_id or "no external id was given",
        *(secret(aws_world.ACCOUNT_ID, str(number)) for number in numbers),
        *(secret("token", aws_world.ACCOUNT_ID, str(number)) for number in numbers),
    }
    assert all(len(one) > 8 for one in secrets)
    return sorted(one for one in secrets if one in text)


async def refused(folder: Path, environment: Mapping[str, str], command: str = "serve") -> str:
    """Run a command where it must not start; gives what it says. It must exit with 1 and show no traceback."""
    process = await asyncio.create_subprocess_exec(
        DD0C,
        command,
        env={**basic_environment(folder), **environment},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            output, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    said = output.decode()
    assert process.returncode == 1, said
    assert "Traceback" not in said
    return said


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def mongod_pids(data_dir: Path) -> list[int]:
    """The processes that were started with this data directory on their command line."""
    mark = str(data_dir / "mongod").encode()
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if mark in (entry / "cmdline").read_bytes() and is_running(int(entry.name)):
                found.append(int(entry.name))
    return found
