"""What may not be true of flags: past their time, unknown, or read by nobody.

`python -m tests.gates.flags` names the flags that are past their time today, and fails if there is one.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from clients.flags import FlagRow, load_flags
from engine.flags import Flag

ROOT = Path(__file__).parents[2]
_WHOLE = 100
_READ = re.compile(r"\bFlag\.([A-Z][A-Z0-9_]*)")
_HOMES = ("bench", "blocks", "bot", "clients", "demo", "engine", "handlers", "scheduler", "services", "store")


def is_over(row: FlagRow, today: date) -> bool:
    return row.expires <= today


def stuck(rows: Iterable[FlagRow], commit_day: date) -> list[str]:
    """Flags whose trial is over while their rule is on for everybody: it has graduated, and its flag must go."""
    return [row.name for row in rows if is_over(row, commit_day) and row.percent == _WHOLE]


def redated(before: Iterable[FlagRow], rows: Iterable[FlagRow], commit_day: date) -> list[str]:
    """Flags whose trial was made longer behind its back: created in days to come, or later than was said before."""
    said = {row.name: row.created for row in before}
    newest = commit_day + timedelta(days=1)  # Days begin earlier elsewhere.
    return [row.name for row in rows if row.created > min(newest, said.get(row.name, newest))]


def mismatched(rows: Iterable[FlagRow], known: Iterable[Flag], code: str) -> list[str]:
    """Say which flags the code does not share with the file, or does not read."""
    names, flags = {row.name for row in rows}, {flag.value: flag.name for flag in known}
    read = set(_READ.findall(code))
    unknown = [f"engine/flags.py names {name}, which flags.json does not have" for name in flags.keys() - names]
    unread = [
        f"flags.json has {name}, which no code reads" for name in names - {k for k, v in flags.items() if v in read}
    ]
    return sorted(unknown + unread + [f"code reads Flag.{name}, which is none" for name in read - set(flags.values())])


def code() -> str:
    """All of the program, but the list of flags itself."""
    paths = (path for home in _HOMES for path in (ROOT / home).rglob("*.py") if path != ROOT / "engine" / "flags.py")
    return "\n".join(path.read_text() for path in paths)


def commit_day() -> date:
    """The day of the last commit; today, where there is no history."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%cI"]
    told = subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()  # noqa: S603 - fixed words
    return datetime.fromisoformat(told).date() if told else datetime.now(UTC).date()


if __name__ == "__main__":
    over = [
        f"{row.name}, of {row.owner}, ended on {row.expires}"
        for row in load_flags()
        if is_over(row, datetime.now(UTC).date())
    ]
    sys.exit("\n".join(over) or None)
