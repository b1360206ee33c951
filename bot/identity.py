"""Where time and random ids come from: the only places of the process that ask the system."""

import uuid
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The one clock of the process, in whole milliseconds: the database keeps no more, and what is read is compared."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    """The one source of random ids."""
    return str(uuid.uuid4())
