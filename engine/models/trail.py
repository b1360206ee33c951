"""CloudTrail's log files: where they lie, how far they were read, and what was wrong with them."""

from datetime import datetime
from enum import StrEnum

import msgspec


class TrailObject(msgspec.Struct, frozen=True):
    """A file of a trail. ``key`` counts from the trail's root; ``etag`` changes when the content does."""

    key: str
    etag: str


class TrailAccount(msgspec.Struct, frozen=True):
    """A connected account whose files are to be read, from the time on at which it was connected."""

    tenant_id: str
    account_id: str
    connected_at: datetime


class TrailTally(msgspec.Struct, frozen=True, kw_only=True):
    """Files read and given up, and cost-bearing records."""

    files_read: int = 0
    files_set_aside: int = 0
    records_kept: int = 0
    last_read_at: datetime | None = None


class TrailRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one folder of a trail is doing: a Region's, or an account's, or (empty ``folder``) the trail as a whole.

    ``read_until`` is the delivery time up to which a Region's files are settled. ``error`` says why the last turn did
    not come to its end, empty after a success. ``tally`` is what was counted so far.
    """

    trail: str
    folder: str
    account_id: str = ""
    region: str = ""
    read_until: datetime | None = None
    error: str = ""
    tally: TrailTally = TrailTally()


class FileState(StrEnum):
    """``FAILED`` files are tried again; ``SET_ASIDE`` ones were given up and named."""

    DONE = "done"
    FAILED = "failed"
    SET_ASIDE = "set_aside"


class TrailFile(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file, and where it lies.

    ``attempts`` counts the times its content turned out damaged. ``error`` says what was odd about it when it was last
    read, at ``noted_at``; a file that is settled may have been odd, too. A failed one is read again at ``due_at``.
    ``unreachable`` says that the store did not give it.
    """

    file_id: str
    state: FileState
    first_seen_at: datetime
    trail: str = ""
    key: str = ""
    etag: str = ""
    account_id: str = ""
    region: str = ""
    attempts: int = 0
    unreachable: bool = False
    error: str = ""
    noted_at: datetime | None = None
    due_at: datetime | None = None


class OddFiles(msgspec.Struct, frozen=True, kw_only=True):
    """How many files of one account and Region wait for another try, were given up, or were settled oddly."""

    account_id: str
    region: str
    newest: datetime
    failed: int = 0
    set_aside: int = 0
    settled: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.failed + self.set_aside + self.settled
