"""A trail's files in a folder of this machine, such as one that ``aws s3 sync`` fills."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from clients.file_errors import translated
from engine.errors import NotFound, Rejected
from engine.models.trail import TrailObject

_PIECE = 2**18
_PAGE = 1_000


class TrailFolder:
    """A trail that begins in a folder; keys count from there and are written with slashes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def find_folders(self, folder: str) -> list[str]:
        """Give the names of the folders directly below a folder; none when it is not there."""
        with translated(f"Listing {self._root / folder}"):
            return await asyncio.to_thread(self._folders, folder)

    async def find_files(self, folder: str, after: str) -> AsyncGenerator[Sequence[TrailObject], None]:
        """Yield pages of the files below a folder whose key sorts behind ``after``, in the order of their keys."""
        walk = self._walk(folder, after)
        with translated(f"Listing {self._root / folder}"):
            while page := await asyncio.to_thread(_page, walk):
                yield page

    @asynccontextmanager
    async def open(self, key: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give a file's content in pieces. Raises NotFound when it is gone, Rejected when it lies elsewhere."""
        doing = f"Reading {self._root / key}"
        with translated(doing):
            file = await asyncio.to_thread(self._open, key)
        try:
            yield _chunks(file, doing)
        finally:
            await asyncio.to_thread(file.close)

    def _folders(self, folder: str) -> list[str]:
        if folder and not self._root.is_dir():
            raise FileNotFoundError(2, "No such folder", str(self._root))
        at = self._root / folder
        return sorted(entry.name for entry in os.scandir(at) if entry.is_dir()) if at.is_dir() else []

    def _walk(self, folder: str, after: str) -> Iterator[TrailObject]:
        """Go down in the order of keys, leaving out what sorts before ``after`` as a whole."""
        at = self._root / folder
        if not at.is_dir():
            return
        # A folder's key ends with a slash, and that is how S3 sorts it among its neighbours.
        entries = ((entry.name + "/" * entry.is_dir(), entry) for entry in os.scandir(at))
        for name, entry in sorted(entries, key=lambda one: one[0]):
            key = folder + name
            if name.endswith("/"):
                if key > after or after.startswith(key):
                    yield from self._walk(key, after)
            elif key > after and (found := _stat(entry)) is not None:
                yield TrailObject(key, f"{found.st_size:x}-{found.st_mtime_ns:x}")

    def _open(self, key: str) -> BinaryIO:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root.resolve()):
            raise Rejected(f"{key!r} leads out of {self._root}.", code="OutsideTrail")
        try:
            return path.open("rb", buffering=0)
        except FileNotFoundError:
            raise NotFound(f"{key} is not in {self._root} any more.") from None


def _page(walk: Iterator[TrailObject]) -> list[TrailObject]:
    return [one for one, _ in zip(walk, range(_PAGE), strict=False)]


def _stat(entry: "os.DirEntry[str]") -> os.stat_result | None:
    try:
        return entry.stat()
    except FileNotFoundError:
        return None


async def _chunks(file: BinaryIO, doing: str) -> AsyncIterator[bytes]:
    with translated(doing):
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
