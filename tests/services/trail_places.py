"""A trail to write into, once as a folder and once as a bucket of a real S3 server, and everything that reads it."""

import gzip
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from clients.aws.connect import AwsIdentity
from clients.aws.files import own_s3
from clients.aws.trail_bucket import TrailBucket
from clients.trail_folder import TrailFolder
from engine.errors import Unavailable
from engine.models.trail import TrailFile, TrailRow
from services.archiving import Archiving
from services.inbox import InboxReader
from services.ports import TrailStore
from services.trail_files import TrailFiles
from services.trail_reader import Trail, TrailReader
from services.trail_retries import TrailRetries
from services.trails import TrailListing
from tests.services.world import ACCOUNT, REGION, TENANT, World

KEYS = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "made-up"}
PREFIX = "logs"
BUCKET_URL = "s3://trail"
# What stands behind our own client's back; it ships no type information.
_boto3: Any = import_module("boto3")
# MongoDB forgets by its own clock, which knows nothing of the tests' dates.
_FOR_EVER = timedelta(days=36_500)


class Place(Protocol):
    """Where a test writes a trail's files."""

    name: str
    store: TrailStore

    def put(self, key: str, content: bytes) -> None: ...

    def delete(self, key: str) -> None: ...


@dataclass
class FolderPlace:
    """A folder."""

    root: Path
    name: str = "file:///trail"

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.store: TrailStore = TrailFolder(self.root)

    def put(self, key: str, content: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def delete(self, key: str) -> None:
        os.unlink(self.root / key)  # noqa: PTH108 - what a test deletes is a plain file


@dataclass
class BucketPlace:
    """A bucket with other things in it; the trail begins at a prefix."""

    url: str
    bucket: str
    name: str = BUCKET_URL

    def __post_init__(self) -> None:
        keys = {"aws_access_key_id": KEYS["access_key_id"], "aws_secret_access_key": KEYS["secret_access_key"]}
        self.s3: Any = _boto3.client("s3", endpoint_url=self.url, region_name=REGION, **keys)
        self.s3.create_bucket(Bucket=self.bucket)
        self.store: TrailStore = TrailBucket(self.bucket, PREFIX, own_s3(identity(self.url), None))

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"{PREFIX}/{key}", Body=content)

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=f"{PREFIX}/{key}")


def identity(url: str) -> AwsIdentity:
    """Made-up keys for a server of this machine."""
    return AwsIdentity(REGION, url, KEYS["access_key_id"], KEYS["secret_access_key"])


@dataclass
class TrailWorld:
    """A world with one trail."""

    world: World
    place: Place
    archiving: Archiving | None = None
    inbox: Any = None
    wrapped: Any = None
    unique: int = field(default=0)

    def __post_init__(self) -> None:
        world, store = self.world, self.world.store
        self.reader = TrailReader(
            inbox=self.inbox or store.inbox, archiving=self.archiving, queue=world.queue, clock=world.clock
        )
        self.files = TrailFiles(self.reader, store.trails, world.clock, remember=_FOR_EVER)
        self.trail = Trail(
            name=self.place.name, store=self.wrapped or self.place.store, source="s3", bucket="trail", prefix=PREFIX
        )
        self.listing = TrailListing(trails=[self.trail], files=self.files, rows=store.trails, clock=world.clock)
        self.retries = TrailRetries(trails=[self.trail], files=self.files, rows=store.trails, clock=world.clock)

    def key(self, at: datetime | None = None, *, account: str = ACCOUNT, region: str = REGION, org: str = "") -> str:
        """A new name as CloudTrail gives it to a file it delivers now."""
        self.unique += 1
        time = at or self.world.clock()
        folder = f"AWSLogs/{org}{account}/CloudTrail/{region}/{time:%Y/%m/%d}"
        return f"{folder}/{account}_CloudTrail_{region}_{time:%Y%m%dT%H%MZ}_{self.unique:016x}.json.gz"

    def deliver(self, records: Sequence[Any], at: datetime | None = None, **where: str) -> str:
        """Put a file into the trail."""
        key = self.key(at, **where)
        self.place.put(key, log_file(records))
        return key

    async def turn(self) -> None:
        """One turn of the jobs, and what came of it takes effect."""
        await self.listing.read_trails()
        await self.retries.retry_files()
        await self.settle()

    async def settle(self) -> None:
        store, world = self.world.store, self.world
        reader = InboxReader(
            inbox=store.inbox, accounts=store.accounts, intake=world.intake, queue=world.queue, clock=world.clock
        )
        await reader.ingest(TENANT, ACCOUNT)

    async def rows(self) -> dict[str, TrailRow]:
        return {row.folder: row for row in await self.world.store.trails.find_rows(self.trail.name)}

    async def region_row(self, region: str = REGION) -> TrailRow:
        return (await self.rows())[f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/"]

    async def odd_files(self, region: str = REGION) -> list[TrailFile]:
        """Those that are named, newest first."""
        return await self.world.store.trails.find_odd_files(ACCOUNT, region, self.world.clock() - timedelta(days=1), 99)

    async def cost_events(self) -> int:
        return int((await self.world.baseline()).events)


def log_file(records: Iterable[Any]) -> bytes:
    return gzip.compress(json.dumps({"Records": list(records)}).encode())


class Unreliable:
    """A store that fails as told: for a key or folder that contains a text, before or in the middle of a file."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.refused: dict[str, Exception] = {}
        self.cut_after: int | None = None
        self.opened: list[str] = []
        self.after_listing: Any = None

    def _check(self, name: str) -> None:
        for text, error in self.refused.items():
            if text in name:
                raise error

    async def find_folders(self, folder: str) -> list[str]:
        self._check(folder)
        return list(await self._store.find_folders(folder))

    async def find_files(self, folder: str, after: str) -> AsyncGenerator[Any, None]:
        self._check(folder)
        async for page in self._store.find_files(folder, after):
            if self.after_listing:
                self.after_listing(page)
            yield page

    @asynccontextmanager
    async def open(self, key: str) -> AsyncIterator[Any]:
        self._check(key)
        self.opened.append(key)
        async with self._store.open(key) as chunks:
            yield self._cut(chunks) if self.cut_after is not None else chunks

    async def _cut(self, chunks: Any) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk[: self.cut_after]
            raise Unavailable("the connection broke")
