"""``dd0c demo`` as a newcomer runs it: a process of its own, ended with Ctrl-C."""

import asyncio
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from demo.folders import sweep
from tests.integration.bot_process import DD0C, START_SECONDS, STOP_SECONDS, basic_environment, is_running, mongod_pids

pytestmark = pytest.mark.integration

DEFAULT_PORT = 8765
ADDRESS = re.compile(r"Open (http://127\.0\.0\.1:(\d+)) and watch #aws-costs")


class Demo:
    """A running ``dd0c demo``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def until_says(self, pattern: re.Pattern[str]) -> re.Match[str]:
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while (found := pattern.search(self.said)) is None:
                line = await self.process.stdout.readline()
                assert line, f"the demo ended with:\n{self.said}"
                self.said += line.decode()
        return found

    async def interrupt(self) -> int:
        """Ctrl-C; gives the exit status and takes in all that was still said."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_SECONDS):
            rest, _ = await self.process.communicate()
        self.said += rest.decode()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def demo(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        DD0C,
        "demo",
        *arguments,
        cwd=folder,
        env=basic_environment(folder) | {"PYTHONUNBUFFERED": "1"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Demo(process)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


def folders_of_demos(folder: Path) -> list[Path]:
    return list(folder.glob("dd0c-demo-*"))


async def test_it_serves_its_page_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with demo(tmp_path, "--port", "0") as running:
        address = (await running.until_says(ADDRESS))[1]
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            assert answer.status == 200
            assert "Simulated workspace on this machine" in await answer.text()
        (data_dir,) = folders_of_demos(tmp_path)
        processes = mongod_pids(data_dir)
        assert processes
        await running.until_says(re.compile("Maria types /dd0c connect"))
        assert await running.interrupt() == 0
        assert running.said.endswith("The demo is over; nothing of it is left on this machine.\n")
        assert "Traceback" not in running.said
        assert not any(map(is_running, processes))
        assert not folders_of_demos(tmp_path)


async def test_its_database_is_where_it_is_told_to_be_and_nothing_else_is_taken_from_a_real_bot(tmp_path: Path) -> None:
    """A demo beside a real bot's ``.env`` must not fill that bot's database with made-up records."""
    (tmp_path / ".env").write_text("MONGODB_URI=mongodb://127.0.0.1:1/?replicaSet=rs\nDD0C_PORT=80800\n")
    chosen = tmp_path / "big disk"
    async with demo(tmp_path, "--port", "0", DD0C_DATA_DIR=str(chosen)) as running:
        await running.until_says(re.compile("Maria types /dd0c connect"))
        (data_dir,) = folders_of_demos(chosen)
        assert mongod_pids(data_dir)
        assert not folders_of_demos(tmp_path)
        assert await running.interrupt() == 0
    assert list(chosen.iterdir()) == []


async def test_what_a_killed_demo_left_goes_when_the_next_one_starts(tmp_path: Path) -> None:
    async with demo(tmp_path, "--port", "0") as killed:
        await killed.until_says(ADDRESS)
        (left,) = folders_of_demos(tmp_path)
        async with demo(tmp_path, "--port", "0") as beside:
            await beside.until_says(ADDRESS)
            assert len(folders_of_demos(tmp_path)) == 2
            killed.process.kill()
            await killed.process.wait()
            async with asyncio.timeout(STOP_SECONDS):
                while mongod_pids(left):  # noqa: ASYNC110 - processes ring no bell
                    await asyncio.sleep(0.1)
            sweep(tmp_path)
            assert left not in folders_of_demos(tmp_path)
            assert len(folders_of_demos(tmp_path)) == 1
            assert await beside.interrupt() == 0
    assert not folders_of_demos(tmp_path)


def test_nothing_but_a_demos_own_folder_is_swept(tmp_path: Path) -> None:
    (tmp_path / "dd0c-demo-notes").mkdir()
    (tmp_path / "dd0c-demo-file").write_text("mine")
    (tmp_path / "elsewhere" / "mongod").mkdir(parents=True)
    for name in ("in-use", "mongod/lock"):
        (tmp_path / "elsewhere" / name).touch()
    (tmp_path / "dd0c-demo-link").symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    sweep(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


async def test_a_data_directory_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with demo(tmp_path, "--port", "0", DD0C_DATA_DIR=str(tmp_path / "file")) as running:
        said, _ = await running.process.communicate()
    assert running.process.returncode == 1
    assert f"Error: DD0C_DATA_DIR: {tmp_path / 'file'} cannot hold a database" in said.decode()


async def test_ctrl_c_while_it_starts_is_heard(tmp_path: Path) -> None:
    async with demo(tmp_path, "--port", "0") as running:
        await running.until_says(re.compile("Starting MongoDB"))
        assert await running.interrupt() == 0
        assert "Traceback" not in running.said
        assert not folders_of_demos(tmp_path)


async def test_a_port_that_was_asked_for_and_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        async with demo(tmp_path, "--port", str(port)) as running:
            said, _ = await running.process.communicate()
            assert running.process.returncode == 1
    assert said.decode() == f"Error: Port {port} is taken. Choose another, or --port 0 for any free one.\n"


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Take a port, unless somebody has it already, which is as good."""
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


async def test_the_default_port_gives_way(tmp_path: Path) -> None:
    with taken(DEFAULT_PORT):
        async with demo(tmp_path) as running:
            port = (await running.until_says(ADDRESS))[2]
            assert int(port) != DEFAULT_PORT
            assert await running.interrupt() == 0


async def test_one_trace_from_record_to_card_can_be_looked_at(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        DD0C,
        "demo",
        "--trace",
        env=basic_environment(tmp_path),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    tree = said.split("\ntrace ")[1].splitlines()
    steps = [line.split(" at ")[0].strip() for line in tree]
    told = ["work poll", "read_region", "intake", "anomaly_scoring", "commit", "deliver_card", "slack chat.postMessage"]
    assert [step for step in dict.fromkeys(steps) if step in told] == told
