"""Files of CloudTrail records: found, opened and unpacked a piece at a time."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from engine.cloudtrail.split import Malformed
from engine.cloudtrail.unpacking import unpack
from engine.errors import BrokenArchive

STANDARD_INPUT = Path("-")
_PIECE = 2**18
_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".log", ".gz"})
_DIGEST_FOLDERS = frozenset({"CloudTrail-Digest", "CloudTrail-Insight"})
_TIME_IN_NAME = re.compile(r"_(\d{8}T\d{4}Z)_")


def find_record_files(paths: Sequence[Path]) -> list[Path]:
    """Give the given files, and those in the given folders that look like records, oldest CloudTrail files first."""
    found: list[Path] = []
    for path in paths:
        if path != STANDARD_INPUT and path.is_dir():
            found += sorted((one for one in path.rglob("*") if _holds_records(one)), key=_by_time)
        else:
            found.append(path)
    return found


def _holds_records(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and not _DIGEST_FOLDERS.intersection(path.parts) and path.is_file()


def _by_time(path: Path) -> tuple[str, str]:
    """A trail's folders are sorted by Region before time, but its file names tell the time."""
    named = _TIME_IN_NAME.search(path.name)
    return (named.group(1) if named else "", str(path))


class RecordFile:
    """One file, or standard input. After ``chunks`` ended, ``problem`` says in words why it ended early, if it did."""

    def __init__(self, path: Path, on_bytes: Callable[[int], None]) -> None:
        self.name = "standard input" if path == STANDARD_INPUT else str(path)
        self.problem = ""
        self._path = path
        self._on_bytes = on_bytes

    def chunks(self) -> Iterator[bytes]:
        """Give the content in pieces, unpacked if it is gzip. Raises nothing: see ``problem``."""
        try:
            if self._path == STANDARD_INPUT:
                yield from unpack(self._pieces(sys.stdin.buffer))
            else:
                with self._path.open("rb", buffering=0) as file:
                    yield from unpack(self._pieces(file))
        except OSError as error:
            self.problem = f"cannot be read: {os.strerror(error.errno) if error.errno else error}"
        except BrokenArchive as error:
            self.problem = str(error)

    def name_malformed(self, found: Malformed) -> str:
        """Say what is malformed, and where; where the early end of the file broke it, ``problem`` says it all, once."""
        reason = found.reason
        if found.cut_off and self.problem:
            reason, self.problem = self.problem, ""
        return f"{self.name}:{found.line}: {reason}"

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        read = getattr(file, "read1", file.read)
        while piece := read(_PIECE):
            self._on_bytes(len(piece))
            yield piece


def size_of(paths: Sequence[Path]) -> int | None:
    """Bytes of all files together, None when one is no plain file."""
    try:
        return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None
    except OSError:
        return None
