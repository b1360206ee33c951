"""Log files of trails, and the archive."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from engine.models.trail import OddFiles, TrailAccount, TrailFile, TrailObject, TrailRow, TrailTally


class TrailStore(Protocol):
    """Where a trail's files lie. Keys and folders count from the trail's root; folders end with a slash."""

    async def find_folders(self, folder: str) -> list[str]:
        """The names (without slash) of what lies directly below a folder; none when it is not there."""
        ...

    def find_files(self, folder: str, after: str) -> AsyncGenerator[Sequence[TrailObject], None]:
        """Pages of the files anywhere below a folder whose key sorts behind ``after``, in the order of their keys."""
        ...

    def open(self, key: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A file's content as it is stored, in pieces. Opening raises NotFound when it is gone."""
        ...


class Trails(Protocol):
    """How far trails were read. They belong to the installation: one may feed many tenants."""

    async def find_accounts(self) -> list[TrailAccount]:
        """Every account whose role was proven, of all tenants."""
        ...

    async def find_rows(self, trail: str) -> list[TrailRow]: ...

    async def save_row(self, row: TrailRow) -> None:
        """Write a folder's cursor and error; its tally stays as it is."""
        ...

    async def count_files(self, row: TrailRow, tally: TrailTally) -> None:
        """Add to a folder's tally; without a time the old one stays."""
        ...

    async def find_account_rows(self, account_ids: Sequence[str]) -> list[TrailRow]:
        """The rows of these accounts in all trails."""
        ...

    async def forget_rows(self, trail: str, folders: Sequence[str]) -> None:
        """Drop the rows of these folders."""
        ...

    async def find_files(self, file_ids: Sequence[str]) -> dict[str, TrailFile]:
        """What is known of these files, by id."""
        ...

    async def save_file(self, file: TrailFile, forget_at: datetime) -> None:
        """Write what became of a file; it may be forgotten at that time."""
        ...

    async def find_due_files(self, trail: str, now: datetime, limit: int) -> list[TrailFile]:
        """Failed files of a trail whose time has come, those due longest first."""
        ...

    async def forget_file(self, file_id: str) -> None:
        """Drop what is known of a file."""
        ...

    async def count_odd_files(self, account_ids: Sequence[str], since: datetime) -> list[OddFiles]:
        """Count files of these accounts that are not settled, or were settled oddly since then; newest Region first."""
        ...

    async def find_odd_files(self, account_id: str, region: str, since: datetime, limit: int) -> list[TrailFile]:
        """Name the newest of those that ``count_odd_files`` counted of one Region."""
        ...


class TrailMessage(Protocol):
    """A message about new files, as the queue gave it."""

    @property
    def body(self) -> str: ...

    @property
    def receipt(self) -> str: ...


class TrailNotices(Protocol):
    """The queue that names new files."""

    async def receive(self) -> Sequence[TrailMessage]:
        """A few messages, waiting a while for the first; each comes again unless it is deleted in time."""
        ...

    async def delete(self, receipt: str) -> None: ...


class Archive(Protocol):
    """Objects of raw records, by account and time."""

    async def save_object(self, tenant_id: str, account_id: str, name: str, time: datetime, content: bytes) -> None:
        """Keep an object durably under a name that follows from its content; one that is there already stays.

        ``time`` is the hour of the records. Raises UpstreamError, ``code`` "ENOSPC" when the disk is full.
        """
        ...

    async def delete_account(self, tenant_id: str, account_id: str) -> int:
        """Delete all objects of an account; return how many there were."""
        ...

    async def prune(self, before: datetime) -> int:
        """Delete the objects of all accounts whose records are older than that; return how many."""
        ...
