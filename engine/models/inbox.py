"""Raw records on their way in."""

from datetime import datetime

import msgspec


class InboxBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Raw cost-bearing records of one account from one source.

    ``records`` is gzipped JSON Lines. ``batch_id`` follows from where the records came from, so that a delivery that is
    repeated makes no second batch. ``source`` is "s3", "eventbridge", "push" or "folder".
    """

    batch_id: str
    tenant_id: str
    account_id: str
    source: str
    received_at: datetime
    count: int
    records: bytes
