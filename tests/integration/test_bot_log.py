"""What a log line may hold, in a process of its own, because logging is set up once in a process."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

PROGRAM = """
import logging, sys
from bot.log import set_up_logging

set_up_logging(sys.argv[1])
logging.getLogger("services.intake").info("ours, at info")
logging.getLogger("services.intake").warning("bad record: %s", "x\\n2026-01-01 ERROR forged\\x1b[31m")
logging.getLogger("pymongo.command").debug("a command with a secret")
logging.getLogger("slack_sdk").info("a request with a token")
logging.getLogger("aiohttp.server").error("a library in trouble")
"""


def lines_at(level: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, level]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    return done.stderr.splitlines()


@pytest.mark.parametrize(("level", "entries"), [("debug", 3), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_libraries_are_heard_from_their_warnings_on_whatever_the_level(level: str, entries: int) -> None:
    lines = lines_at(level)
    assert len(lines) == entries
    assert "a library in trouble" in lines[-1]
    assert not any("secret" in line or "token" in line for line in lines)


def test_text_from_outside_cannot_look_like_an_entry_of_its_own() -> None:
    (line,) = [line for line in lines_at("WARNING") if "bad record" in line]
    assert line.endswith("bad record: x\\n2026-01-01 ERROR forged\\x1b[31m")
