"""What LookupEvents can see: the records of one account in one Region, sorted by time."""

import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.aws_account.records import Record
from demo.aws_account.resources import ResourceName, resources_of


@dataclass(frozen=True, order=True, slots=True)
class StoredRecord:
    """One delivery of a record, in the shape LookupEvents answers with. Times are epoch seconds."""

    event_time: float
    sequence: int
    visible_at: float = field(compare=False)
    event_id: str = field(compare=False)
    event_name: str = field(compare=False)
    event_source: str = field(compare=False)
    read_only: str = field(compare=False)
    access_key_id: str | None = field(compare=False)
    username: str | None = field(compare=False)
    resources: tuple[ResourceName, ...] = field(compare=False)
    text: str = field(compare=False, repr=False)


def store_form(record: Record, event_time: float, sequence: int, visible_at: float) -> StoredRecord:
    """Index a record by everything LookupEvents can be asked for."""
    identity = record["userIdentity"]
    return StoredRecord(
        event_time=event_time,
        sequence=sequence,
        visible_at=visible_at,
        event_id=record["eventID"],
        event_name=record["eventName"],
        event_source=record["eventSource"],
        read_only=str(record.get("readOnly", False)).lower(),
        access_key_id=identity.get("accessKeyId"),
        username=username_of(identity),
        resources=resources_of(record),
        text=json.dumps(record, separators=(",", ":")),
    )


def username_of(identity: Record) -> str | None:
    """The user, or the session name of a role; None for services.

    >>> username_of({"type": "AssumedRole", "principalId": "AROAEXAMPLE:ci-4711"})
    'ci-4711'
    """
    if identity.get("type") == "Root":
        return "root"
    if "userName" in identity:
        return str(identity["userName"])
    _, separator, session = str(identity.get("principalId", "")).partition(":")
    return session if separator else None


@dataclass
class RegionHistory:
    """Sorted deliveries; the oldest go when there are more than `limit`."""

    limit: int
    _records: list[StoredRecord] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._records)

    def insert(self, record: StoredRecord) -> None:
        """Keep a delivery in its place in time."""
        insort(self._records, record)
        if len(self._records) > self.limit:
            del self._records[0]

    def newest_first(self, start: float, end: float, before: tuple[float, int] | None = None) -> Iterator[StoredRecord]:
        """Deliveries with start <= event_time <= end, from the newest down, below the cursor `before`."""
        low = bisect_left(self._records, start, key=lambda record: record.event_time)
        high = bisect_right(self._records, end, key=lambda record: record.event_time)
        if before is not None:
            high = min(high, bisect_left(self._records, before, key=lambda r: (r.event_time, r.sequence)))
        for position in range(high - 1, low - 1, -1):
            yield self._records[position]
