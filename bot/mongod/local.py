"""``LocalMongod``: start the bot's own mongod, say where it is, notice when it dies, stop it."""

import asyncio
import socket
from collections.abc import Awaitable
from pathlib import Path
from types import TracebackType
from typing import Protocol

from bot.mongod.binary import find_mongod, preflight
from bot.mongod.data_dir import DataDir
from bot.mongod.errors import MongodError, MongodFailed
from bot.mongod.guarded import GuardedMongod
from engine.errors import UpstreamError

HOST = "127.0.0.1"
REPLICA_SET = "dd0c"
CACHE_GB = 0.25
OPLOG_MB = 128
# Files of the journal are as large as they grow, instead of 300 MB made beforehand.
JOURNAL = "log=(file_max=16MB,prealloc=false)"
PORT_ATTEMPTS = 5
EXIT_PORT_TAKEN = 48


class EnsurePrimary(Protocol):
    """Make the node a primary (initiate or reconfigure its set) and return the process id of the mongod that answered.

    Raises ``UpstreamError`` when it does not become primary in time.
    """

    def __call__(self, host: str, port: int, name: str, timeout_seconds: float) -> Awaitable[int]: ...


class LocalMongod:
    """One mongod on 127.0.0.1 with its data in ``data_dir``; an async context manager, startable again after it died.

    The default patience covers the worst case: the port of the last run now belongs to a program that takes
    connections and says nothing, which mongod gives 30 seconds before it accepts that its address has changed.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        ensure_primary: EnsurePrimary,
        binary: Path | None = None,
        start_timeout_seconds: float = 60.0,
    ) -> None:
        self._data_dir = DataDir(data_dir)
        self._ensure_primary = ensure_primary
        self._binary = binary
        self._start_timeout_seconds = start_timeout_seconds
        self._running: GuardedMongod | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Process id of mongod, or None when it was not started."""
        return self._running.pid if self._running else None

    @property
    def last_uri(self) -> str | None:
        """Where mongod was on its last run, and still is if another process of ours runs it."""
        port = self._data_dir.last_port()
        return _uri(port) if port is not None else None

    async def start(self) -> str:
        """Start mongod and return its URI once it takes writes and transactions. Raises ``MongodError``.

        Open clients with the URI only now: one that saw the node before its set was initiated refuses sessions.
        """
        await self.stop()
        binary = self._binary or find_mongod()
        await preflight(binary)
        self._data_dir.create()
        for _ in range(PORT_ATTEMPTS):
            port = _choose_port(self._data_dir.last_port())
            if await self._start_on(port, binary):
                self._data_dir.remember_port(port)
                return _uri(port)
        raise MongodFailed(f"mongod found its port taken {PORT_ATTEMPTS} times in a row: start the bot again.")

    async def stop(self) -> None:
        """Stop mongod cleanly and wait for its end; does nothing when it does not run."""
        if self._running is None:
            return
        self._stopping = True
        try:
            await self._running.stop()
        finally:
            self._running, self._stopping = None, False

    async def died(self) -> str | None:
        """Wait for mongod's end and return a sentence that says how it ended; None when ``stop`` was called.

        Raises ``MongodError`` when it was never started.
        """
        if self._running is None:
            raise MongodError("mongod was not started: call start first.")
        status = await self._running.wait()
        return None if self._stopping else f"mongod ended with status {status}: {self._data_dir.log_tail()}."

    async def __aenter__(self) -> str:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start_on(self, port: int, binary: Path) -> bool:
        """Start on this port; False when another program took the port first."""
        running = await GuardedMongod.spawn(self._data_dir, _command(binary, self._data_dir, port))
        try:
            ready = await self._until_primary(running, port)
        except BaseException:
            await running.stop()
            raise
        if not ready:
            await running.stop()
            return False
        self._running = running
        return True

    async def _until_primary(self, running: GuardedMongod, port: int) -> bool:
        """Wait for a primary or for mongod's end, whichever comes first; False when the port belongs to another."""
        primary = asyncio.ensure_future(self._ensure_primary(HOST, port, REPLICA_SET, self._start_timeout_seconds))
        ended = asyncio.ensure_future(running.wait())
        try:
            await asyncio.wait({primary, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return self._explain(ended.result())
            return primary.result() == running.pid
        except UpstreamError as error:
            raise MongodFailed(f"mongod is not ready: {error} Its log: {self._data_dir.log_tail()}.") from error
        finally:
            primary.cancel()
            ended.cancel()
            await asyncio.gather(primary, ended, return_exceptions=True)

    def _explain(self, status: int) -> bool:
        if status == EXIT_PORT_TAKEN:
            return False
        path = self._data_dir.path
        raise MongodFailed(f"mongod ended with status {status} in {path}: {self._data_dir.log_tail()}.")


def _uri(port: int) -> str:
    """Name the set, not one direct connection: a client then waits for the primary while mongod is being restarted."""
    return f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}"


def _choose_port(wish: int | None) -> int:
    """Return the port of the last run when it is free, which saves a reconfiguration, else any free one."""
    if wish is not None and (port := _bindable(wish)):
        return port
    if port := _bindable(0):
        return port
    raise MongodError(f"This machine has no free port on {HOST}: stop some programs, or set MONGODB_URI.")


def _bindable(port: int) -> int | None:
    with socket.socket() as probe:
        # mongod listens with the same option, so a port in TIME_WAIT counts as free for both.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return None
        chosen: int = probe.getsockname()[1]
        return chosen


def _command(binary: Path, data_dir: DataDir, port: int) -> list[str]:
    """Build mongod's command line: reachable from this machine only, and small in memory and on disk."""
    return [
        str(binary),
        *("--replSet", REPLICA_SET),
        *("--bind_ip", HOST),
        *("--port", str(port)),
        *("--dbpath", str(data_dir.db)),
        *("--logpath", str(data_dir.log)),
        "--logappend",
        "--quiet",
        "--nounixsocket",
        *("--wiredTigerCacheSizeGB", str(CACHE_GB)),
        *("--oplogSize", str(OPLOG_MB)),
        *("--wiredTigerEngineConfigString", JOURNAL),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]
