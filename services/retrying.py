"""When a message that did not get through is tried again."""

from datetime import datetime, timedelta

from engine.errors import Throttled, UpstreamError

LEASE_SECONDS = 60.0
SEARCH_MARGIN = timedelta(minutes=5)
OUR_FAULT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "no_text", "invalid_metadata_format"})
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 900.0


def next_try(attempts: int, error: UpstreamError, now: datetime) -> datetime:
    """When to try again after ``attempts`` earlier failures; what Slack asks for counts more than our own pauses."""
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(attempts, 10))
    if isinstance(error, Throttled) and error.retry_after is not None:
        pause = error.retry_after
    return now + timedelta(seconds=pause)
