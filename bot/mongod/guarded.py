"""The bot's side of the guard: start it, hold its pipe, let go of it."""

import asyncio
import sys
from pathlib import Path

from bot.mongod import guard
from bot.mongod.data_dir import DataDir
from bot.mongod.errors import DataDirectoryBusy, MongodFailed

STOP_SECONDS = guard.TERMINATE_SECONDS + 5.0


class GuardedMongod:
    """A running guard with a running mongod."""

    def __init__(self, process: asyncio.subprocess.Process, pid: int) -> None:
        self._process = process
        self.pid = pid
        """Process id of mongod itself."""

    @classmethod
    async def spawn(cls, data_dir: DataDir, command: list[str]) -> "GuardedMongod":
        """Start the guard and through it ``command``.

        Raises ``DataDirectoryBusy`` when another bot holds the directory, ``MongodFailed`` when nothing starts.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(Path(guard.__file__))),
            *(str(data_dir.path / "lock"), str(data_dir.log)),
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C goes to every process of a terminal's group; the bot alone decides when mongod stops.
            start_new_session=True,
        )
        try:
            return cls(process, await _mongod_pid(process, data_dir))
        except BaseException:
            await _end(process)
            raise

    async def wait(self) -> int:
        """Return mongod's exit status once it has ended, for whatever reason."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Let go of the guard and wait until mongod has ended."""
        await _end(self._process)


async def _mongod_pid(process: asyncio.subprocess.Process, data_dir: DataDir) -> int:
    assert process.stdout is not None  # noqa: S101 - the pipe was asked for in spawn
    answer = (await process.stdout.readline()).decode().split()
    match answer:
        case ["running", pid]:
            return int(pid)
        case ["busy", owner]:
            who = f"process {owner}" if owner != "0" else "a mongod that is still stopping"
            text = f"{data_dir.path} is in use by {who}: stop it, or set DD0C_DATA_DIR to another directory."
            raise DataDirectoryBusy(text)
        case _:
            raise MongodFailed(f"mongod could not be started in {data_dir.path}: {data_dir.log_tail()}.")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close the pipe, which tells the guard to stop mongod, and wait for it; killing it is the last resort."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
