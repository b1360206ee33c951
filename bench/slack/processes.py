"""What is measured: the real bot and the bare app, each a process of its own on this machine."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from demo.stage import Stage
from demo.story import Story

_START_SECONDS = 180.0
_STOP_SECONDS = 60.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_POLL_SECONDS = "60"  # As it is by default; the demo polls every two seconds.


class Running(msgspec.Struct, frozen=True):
    """A process, where it listens, and the folder it may write to."""

    url: str
    pid: int
    folder: Path


@asynccontextmanager
async def bot_process(stage: Stage, **environment: str) -> AsyncIterator[Running]:
    """``dd0c serve`` over a mongod of its own, with an account whose past is learned."""
    with TemporaryDirectory(prefix="dd0c-bench-") as folder:
        usual = {"DD0C_POLL_SECONDS": _POLL_SECONDS, "DD0C_LOG_LEVEL": "ERROR"}
        settings = {**stage.environment(Path(folder)), **usual, **environment}
        command = (str(Path(sys.executable).with_name("dd0c")), "serve")
        async with _running(command, {**_basic(folder), **settings}, Path(folder)) as running:
            stage.slack.connect_app(running.url)
            story = Story(stage, lambda _text: None)
            await story.connect()
            yield running


@asynccontextmanager
async def bare_process(module: str, *arguments: str) -> AsyncIterator[Running]:
    """A program of the benchmarks that does less, to compare with."""
    with TemporaryDirectory(prefix="dd0c-bench-") as folder:
        command = (sys.executable, "-m", module, *arguments)
        async with _running(command, _basic(folder), Path(folder)) as running:
            yield running


@asynccontextmanager
async def _running(command: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        yield Running(await _address_of(process), process.pid, folder)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.communicate(), _STOP_SECONDS)


async def _address_of(process: Process) -> str:
    if process.stdout is None:
        raise RuntimeError("a process that was started with pipes has none")
    line = (await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)).decode()
    address = _ADDRESS.search(line)
    if address is None:
        raise RuntimeError(f"a process to be measured did not start: {line}")
    return address.group()


def _basic(folder: str) -> dict[str, str]:
    """Nothing of this machine's own settings."""
    return {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder}
