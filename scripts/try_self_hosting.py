"""Self-host the bot as a newcomer would, from the README alone, on a clean checkout and without a container engine.

It clones what is committed, runs the README's commands for systemd with answers typed in, and then runs the process of
the unit that was installed. Simulated are Slack, AWS (both of the demo) and ``systemctl``, which only writes down what
it is told; all files go below a new folder (``DESTDIR``), and the unit's isolation is left to systemd.
"""

import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import aiohttp

from demo.aws_account import world as aws_world
from demo.stage import Stage
from demo.story import external_id_in

REPOSITORY = Path(__file__).resolve().parents[1]
_SYSTEM_FOLDERS = re.compile(r"/(?=(?:opt|etc|var/lib)/dd0c)")
_START_SECONDS, _STOP_SECONDS = 120.0, 60.0


def commands_in(readme: str) -> list[str]:
    """The commands of the README for a machine without containers, as they stand there."""
    block = readme.partition("## Self-host it")[2].partition("without containers")[2].partition("\n## ")[0]
    found = [line.strip() for line in block.splitlines() if line.startswith("    ")]
    if not found:
        raise SystemExit("README.md has no commands for self-hosting without containers any more.")
    return found


class Machine:
    """A folder that stands for a server's file system, and programs that stand for what only a server has."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._programs = folder / "programs"
        self._told = folder / "systemctl.log"
        self._programs.mkdir(parents=True)
        self._program("systemctl", f'echo "$@" >> {self._told}')
        self._program("sudo", 'exec "$@"')

    def _program(self, name: str, line: str) -> None:
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def type_in(self, command: str, checkout: Path, answers: list[str]) -> None:
        """Run a command of the README."""
        environment = dict(os.environ, DESTDIR=str(self.root), PATH=f"{self._programs}:{os.environ['PATH']}")
        typed = "".join(f"{answer}\n" for answer in answers)
        subprocess.run(["/bin/sh", "-c", command], cwd=checkout, env=environment, input=typed, text=True, check=True)  # noqa: S603 - the README's own words

    def enabled(self) -> list[str]:
        """The units that systemd was told to start."""
        return re.findall(r"^restart (\S+)$", self._told.read_text(), re.MULTILINE)

    def moved(self, text: str) -> str:
        """Lay the paths of a unit below this machine's root."""
        return _SYSTEM_FOLDERS.sub(f"{self.root}/", text)


class Unit:
    """One unit file as systemd reads it, as far as that is the process and its environment."""

    def __init__(self, machine: Machine, name: str, drop_in: dict[str, str]) -> None:
        text = machine.moved((machine.root / "etc/systemd/system" / name).read_text())
        self.lines = [line.partition("=")[::2] for line in text.splitlines() if re.match(r"\w+=", line)]
        self.command = shlex.split(dict(self.lines)["ExecStart"])
        self.work = Path(dict(self.lines)["WorkingDirectory"])
        self.work.mkdir(parents=True, exist_ok=True)
        env_file = machine.moved(Path(dict(self.lines)["EnvironmentFile"]).read_text())
        settings = [line for line in env_file.splitlines() if line and not line.startswith("#")]
        settings = [value for key, value in self.lines if key == "Environment"] + settings
        pairs = dict(line.partition("=")[::2] for line in settings)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.work), **pairs, **drop_in}

    async def start(self) -> tuple[asyncio.subprocess.Process, str]:
        """Start its process; gives also the address at which it listens."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self.command, cwd=self.work, env=self.environment, stdout=pipe)
        output = process.stdout
        if output is None:
            raise SystemExit("There is nothing to read the process's address from.")
        async with asyncio.timeout(_START_SECONDS):
            line = (await output.readline()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found is None:
            raise SystemExit(f"{self.command} did not start: {line}")
        return process, found.group()


async def stopped(process: asyncio.subprocess.Process) -> float:
    """Stop it as systemd does; gives how many seconds that took."""
    began = asyncio.get_running_loop().time()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(_STOP_SECONDS):
        status = await process.wait()
    if status != 0:
        raise SystemExit(f"After SIGTERM it ended with {status}.")
    return asyncio.get_running_loop().time() - began


def clone(checkout: Path) -> None:
    """Make a clean checkout of what is committed."""
    command = ["git", "clone", "--quiet", str(REPOSITORY), str(checkout)]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments, git as it is on the PATH


async def check_answers(url: str) -> None:
    """Ask what a load balancer would ask."""
    async with aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz"):
            async with session.get(url + path) as answer:
                answer.raise_for_status()


async def until_watched(stage: Stage) -> None:
    """Wait until ``/dd0c status`` says that the account is watched."""
    async with asyncio.timeout(_START_SECONDS):
        while ": watched" not in await stage.ask("/dd0c status"):  # noqa: ASYNC110 - status is all that shows it
            await asyncio.sleep(0.5)


async def use(unit: Unit, stage: Stage) -> None:
    """Connect an account, start again as for an upgrade, and find it still watched."""
    process, url = await unit.start()
    try:
        stage.slack.connect_app(url)
        await check_answers(url)
        answer = await stage.ask(f"/dd0c connect {aws_world.ACCOUNT_ID}")
        stage.account.restore_role(external_id_in(answer))
        await stage.ask(f"/dd0c connect {stage.account.role_arn}")
        await until_watched(stage)
        say("An AWS account was connected in Slack and is watched.")
        say(f"It stopped in {await stopped(process):.1f} s.")
        process, url = await unit.start()
        stage.slack.connect_app(url)
        await until_watched(stage)
        say("Started again, it still watches the account.")
        await stopped(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def say(text: str) -> None:
    """Tell whoever runs this script."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main() -> None:
    """Do all of it, and fail at the first thing that does not work."""
    with tempfile.TemporaryDirectory(prefix="dd0c-self-hosting-") as name:
        folder = Path(name)
        checkout = folder / "checkout"
        await asyncio.to_thread(clone, checkout)
        machine = Machine(folder)
        async with Stage(with_bot=False) as stage:
            slack = stage.slack
            answers = [
                "https://costs.example.com",
                slack.signing_secret,
                slack.bot_token,
                stage.channel.channel_id,
            ]
            for command in commands_in((checkout / "README.md").read_text()):
                say(f"$ {command}")
                await asyncio.to_thread(machine.type_in, command, checkout, answers)
            drop_in = {**stage.aws.environment(), "SLACK_API_URL": slack.api_url, "DD0C_PORT": "0"}
            for unit in machine.enabled():
                say(f"Running the process of {unit}")
                await use(Unit(machine, unit, drop_in), stage)
    say("Self-hosting from the README worked.")


if __name__ == "__main__":
    asyncio.run(main())
