"""The files of the bot's own mongod, all in one directory that only its user can read."""

import json
from dataclasses import dataclass
from pathlib import Path

from bot.mongod.errors import MongodError

LOG_TAIL_BYTES = 64 * 1024
LOG_LINE_CHARACTERS = 200


def default_data_dir() -> Path:
    """Return ``~/.local/share/dd0c/mongod``."""
    return Path.home() / ".local" / "share" / "dd0c" / "mongod"


@dataclass(frozen=True)
class DataDir:
    """Where things lie below ``path``."""

    path: Path

    @property
    def db(self) -> Path:
        """mongod's own files."""
        return self.path / "db"

    @property
    def log(self) -> Path:
        """mongod's log of this run; the one of the run before is kept beside it."""
        return self.path / "mongod.log"

    @property
    def port_file(self) -> Path:
        """The port of the last run: a wish for the next one, never relied on."""
        return self.path / "port"

    def create(self) -> None:
        """Make the directories, mode 0700. Raises ``MongodError`` when that is not possible."""
        try:
            self.db.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            text = f"{self.path} cannot hold a database ({error.strerror}): set DD0C_DATA_DIR to another directory."
            raise MongodError(text) from error

    def last_port(self) -> int | None:
        """Return the port of the last run, or None when it is unknown or unreadable."""
        try:
            port = int(self.port_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return port if 0 < port < 2**16 else None

    def remember_port(self, port: int) -> None:
        """Keep the port for the next run."""
        self.port_file.write_text(str(port), encoding="ascii")

    def log_tail(self) -> str:
        """Return the last error in mongod's log, short and in one line.

        Lines that are no JSON count as errors: mongod writes them before it has a log format, about its own options.
        """
        try:
            with self.log.open("rb") as log:
                start = log.seek(max(0, self.log.stat().st_size - LOG_TAIL_BYTES))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return "it wrote no log"
        whole = lines[1:] if start else lines
        errors = [text for line in whole if (text := _error_in(line))]
        return errors[-1][:LOG_LINE_CHARACTERS] if errors else f"{self.log} names no error"


def _error_in(line: str) -> str:
    """The message and details of an error in mongod's JSON log, an empty string for what is none."""
    try:
        entry = json.loads(line)
        return f"{entry['msg']} {json.dumps(entry.get('attr', {}))}" if entry["s"] in {"E", "F"} else ""
    except (ValueError, KeyError, TypeError):
        return line.strip()
