"""Where time and random ids come from: the only places of the process that ask the system."""

import uuid
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The one clock of the process."""
    return datetime.now(UTC)


def new_id() -> str:
    """The one source of random ids."""
    return str(uuid.uuid4())
