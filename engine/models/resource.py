"""What runs now, as far as the records tell."""

from datetime import datetime

import msgspec


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that costs money by the hour. ``hourly_cost`` is its own, None where not known.

    A stopped resource is kept, because a later start names only its id. ``since`` is the start of the present run.
    """

    resource_id: str
    account_id: str
    region: str
    service: str
    resource_type: str
    actor_key: str
    since: datetime
    hourly_cost: float | None
    running: bool = True
    stopped_at: datetime | None = None
    anomaly_id: str = ""
