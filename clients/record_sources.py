"""Where bytes of CloudTrail records come from."""

import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

STANDARD_INPUT = "-"
_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".log", ".gz"})
_DIGEST_FOLDERS = frozenset({"CloudTrail-Digest", "CloudTrail-Insight"})
_TIME_IN_NAME = re.compile(r"_(\d{8}T\d{4}Z)_")


class Readable(Protocol):
    """What gives at most ``size`` bytes, and none at its end."""

    def read(self, size: int, /) -> bytes: ...


class RecordSource(Protocol):
    """A file, an object or a stream. ``size`` in bytes is None where nobody knows it."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int | None: ...

    def open(self) -> AbstractContextManager[Readable]:
        """Give what reads it. Raises OSError or UpstreamError, also while it is read."""
        ...


class LocalFile:
    """A file of this machine."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    @property
    def size(self) -> int | None:
        """Bytes, None for a pipe and for what is not there."""
        try:
            return self._path.stat().st_size if self._path.is_file() else None
        except OSError:
            return None

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """Open it without a buffer: it is read in large pieces."""
        with self._path.open("rb", buffering=0) as file:
            yield file


class StandardInput:
    """What is piped in; it is read as it comes."""

    name = "standard input"
    size = None

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """Give what is there as soon as something is."""
        yield _Arriving()


class _Arriving:
    def read(self, size: int, /) -> bytes:
        stream = sys.stdin.buffer
        return bytes(getattr(stream, "read1", stream.read)(size))


def holds_records(name: str) -> bool:
    """Whether a file or an object looks like records by its name.

    >>> holds_records("logs/a.json.gz"), holds_records("AWSLogs/1/CloudTrail-Digest/a.json.gz"), holds_records("a.txt")
    (True, False, False)
    """
    path = PurePosixPath(name)
    return path.suffix.lower() in _SUFFIXES and not _DIGEST_FOLDERS.intersection(path.parts)


def time_order(source: RecordSource) -> tuple[str, str]:
    """Sort by this: a trail's folders are sorted by Region before time, but its file names tell the time."""
    named = _TIME_IN_NAME.search(source.name.rpartition("/")[2])
    return (named.group(1) if named else "", source.name)
