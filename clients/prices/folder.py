"""The folder a refresh works in: half-downloaded files, and the prices already read from finished ones.

It outlives the refresh, so that an interrupted one goes on where it stopped and the next one only downloads what
changed.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec

from clients.prices.files import replace_file
from clients.prices.offer_csv import MAX_LINE_CHARS
from engine.errors import UNREADABLE, Conflict, InputError


class SavedRates(msgspec.Struct, frozen=True):
    """What was read from one file: its place and ETag at AWS, and USD per hour by SKU."""

    path: str
    etag: str | None
    rates: dict[str, float]
    bad_rows: int


class _Note(msgspec.Struct, frozen=True):
    """Which file a part is a part of; a part without its file's ETag cannot be continued."""

    path: str
    etag: str | None


class PartFile:
    """A download in progress and the note beside it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._note = file.with_suffix(".note")

    def resume_point(self, path: str) -> tuple[int, str] | None:
        """How many bytes of ``path`` are here and the ETag they belong to; None if there is nothing to continue."""
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=_Note)
            size = self._file.stat().st_size
        except (OSError, *UNREADABLE):
            return None
        return (size, note.etag) if note.path == path and note.etag and size else None

    def begin(self, path: str, etag: str | None) -> None:
        """Start over with an empty file."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(b"")
        self._note.write_bytes(msgspec.json.encode(_Note(path, etag)))

    def append(self, chunk: bytes) -> int:
        """Add bytes; gives the size of the part now."""
        with self._file.open("ab") as file:
            file.write(chunk)
            return file.tell()

    def lines(self) -> Iterator[str]:
        """The lines with their ends; a line that is too long comes in pieces, each longer than a line may be.

        Raises:
            InputError: the file is not text.
        """
        with self._file.open(encoding="utf-8-sig", newline="") as file:
            try:
                yield from iter(partial(file.readline, MAX_LINE_CHARS + 1), "")
            except UnicodeDecodeError as error:
                raise InputError(f"the file is not UTF-8 text ({error})") from error

    def discard(self) -> None:
        """Forget the part."""
        self._file.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


class RefreshFolder:
    """Parts and finished results by (offer, Region)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep other processes out for a while; the system lets go of it when this process dies.

        Raises:
            Conflict: another process has it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict("Another refresh of this price table is running; wait for it to end.") from error
            yield

    def part(self, offer: str, region: str) -> PartFile:
        """The download in progress of one file."""
        return PartFile(self._root / f"{offer}.{region}.part")

    def find_saved(self, offer: str, region: str) -> SavedRates | None:
        """What was read before, or None; a file that cannot be read counts as nothing."""
        try:
            return msgspec.json.decode(self._saved_path(offer, region).read_bytes(), type=SavedRates)
        except (OSError, *UNREADABLE):
            return None

    def save(self, offer: str, region: str, saved: SavedRates) -> None:
        """Keep what was read from one file."""
        replace_file(self._saved_path(offer, region), msgspec.json.encode(saved))

    def _saved_path(self, offer: str, region: str) -> Path:
        return self._root / f"{offer}.{region}.json"
