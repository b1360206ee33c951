"""Raw records on their way in."""

from datetime import datetime

import msgspec


class InboxBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Raw cost-bearing records of one account from one source.

    ``records`` is gzipped JSON Lines. ``batch_id`` follows from the records and where they came from, so that a
    delivery that is repeated makes no second batch. ``source`` is "s3", "eventbridge", "push" or "folder".
    ``trace`` is the trace in which they came, in W3C's notation, where there is one.
    """

    batch_id: str
    tenant_id: str
    account_id: str
    source: str
    received_at: datetime
    count: int
    records: bytes
    trace: str = ""


class AsideBatch(msgspec.Struct, frozen=True):
    """A batch that could not take effect, without its records; ``set_aside`` says why."""

    batch_id: str
    tenant_id: str
    account_id: str
    source: str
    received_at: datetime
    count: int
    set_aside: str


class Receipt(msgspec.Struct, kw_only=True):
    """What became of records that were received, in numbers of records.

    ``kept`` are durable, ``irrelevant`` say nothing of cost, ``unknown`` belong to accounts that are not connected.
    ``problems`` are the first few malformed ones in words.
    """

    kept: int = 0
    irrelevant: int = 0
    unknown: int = 0
    malformed: int = 0
    unknown_accounts: list[str] = []
    problems: list[str] = []
