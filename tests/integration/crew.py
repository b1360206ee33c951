"""Processes of ours that a test starts, kills and waits for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.integration.bot_process import basic_environment

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 120.0


class Crew:
    """Processes that a test starts, and ends however it ends."""

    def __init__(self, stack: AsyncExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._log = folder / "log"
        self._log.touch()

    async def start(self, *command: str | Path, **environment: str) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                env={**basic_environment(self._folder), "PYTHONPATH": str(ROOT), **environment},
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        self._stack.push_async_callback(_end, process)
        return process

    def log(self) -> str:
        """What all of them said, to standard output and standard error."""
        return self._log.read_text()


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def terminated(process: asyncio.subprocess.Process) -> int:
    process.terminate()
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await process.wait()


@asynccontextmanager
async def assembled(folder: Path) -> AsyncIterator[Crew]:
    """Give a crew whose processes end with the test."""
    async with AsyncExitStack() as stack:
        yield Crew(stack, folder)


async def until(holds: Callable[[], Any], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():  # noqa: ASYNC110 - other processes send no word
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{what} did not happen") from None
