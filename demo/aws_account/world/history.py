"""Six weeks in the life of the demo's account, put together from its habits."""

from datetime import datetime

from demo.aws_account.records import Record
from demo.aws_account.world.routines import ROUTINES, writer_for

SEED = 7


def history(now: datetime, seed: int = SEED) -> list[Record]:
    """Everything that was written until `now` (UTC), oldest first; the same seed gives the same records."""
    until = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    written = [record for routine in ROUTINES for record in routine(writer_for(seed, routine.__name__), now)]
    return sorted(
        (record for record in written if record["eventTime"] <= until), key=lambda record: record["eventTime"]
    )
