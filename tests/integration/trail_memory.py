"""Reads one huge log file in a process of its own and prints what that took, as JSON."""

import asyncio
import gzip
import json
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from clients.trail_folder import TrailFolder
from engine.models.inbox import InboxBatch
from engine.models.trail import TrailAccount, TrailObject
from engine.models.work import WorkItem
from services.archiving import Archiving
from services.trail_reader import Trail, TrailReader

ACCOUNT = "111122223333"
MEGABYTE = 2**20
COSTLY_EVERY = 40


class Counting:
    """Every port at once; what it is given is counted and let go."""

    def __init__(self) -> None:
        self.kept = self.archived = self.items = 0

    async def save_batches(self, batches: Sequence[InboxBatch]) -> None:
        self.kept += sum(batch.count for batch in batches)

    async def find_batches(self, *_: object) -> list[InboxBatch]:
        raise NotImplementedError

    async def set_aside(self, *_: object) -> None:
        raise NotImplementedError

    async def delete_batches(self, *_: object) -> None:
        raise NotImplementedError

    async def find_waiting(self, *_: object) -> list[WorkItem]:
        raise NotImplementedError

    async def put(self, _: WorkItem) -> None:
        self.items += 1

    async def put_all(self, items: Sequence[WorkItem]) -> None:
        self.items += len(items)

    async def save_object(self, _t: str, _a: str, _n: str, _h: datetime, content: bytes) -> None:
        self.archived += gzip.decompress(content).count(b"\n")

    async def delete_account(self, *_: object) -> int:
        raise NotImplementedError

    async def prune(self, _: datetime) -> int:
        raise NotImplementedError


def write(path: Path, megabytes: int) -> int:
    """Write a log file of that size when unpacked, as one JSON object on one line; give its number of records."""
    filling = "x" * 1500
    count = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        size = file.write(b'{"Records":[')
        while size < megabytes * MEGABYTE:
            costly = count % COSTLY_EVERY == 0
            record = {
                "eventVersion": "1.08",
                "eventSource": "ec2.amazonaws.com" if costly else "kms.amazonaws.com",
                "eventName": "RunInstances" if costly else "Decrypt",
                "eventTime": "2026-01-05T10:00:00Z",
                "eventID": f"event-{count}",
                "recipientAccountId": ACCOUNT,
                "requestParameters": {"filling": filling},
            }
            size += file.write((b"," if count else b"") + json.dumps(record).encode())
            count += 1
        file.write(b"]}")
    return count


def peak() -> float:
    """Give the most memory this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(folder: Path, megabytes: int) -> dict[str, float]:
    records = write(folder / "big.json.gz", megabytes)
    ports = Counting()
    archiving = Archiving(ports, 30, lambda: datetime(2026, 1, 5, 11, tzinfo=UTC))
    reader = TrailReader(
        inbox=ports, archiving=archiving, queue=ports, clock=lambda: datetime(2026, 1, 5, 11, tzinfo=UTC)
    )
    before, started = peak(), time.perf_counter()
    report = await reader.read(
        Trail("file:///", TrailFolder(folder), "folder"),
        TrailObject("big.json.gz", "1"),
        TrailAccount("t-1", ACCOUNT, datetime(2026, 1, 1, tzinfo=UTC)),
    )
    return {
        "records": records,
        "read": report.read,
        "kept": ports.kept,
        "archived": ports.archived,
        "grown_mb": peak() - before,
        "seconds": time.perf_counter() - started,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))))
