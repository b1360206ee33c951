"""How the work queue between several processes is doing."""

from datetime import datetime

import msgspec

from engine.models.work import WorkItem


class QueueDepth(msgspec.Struct, frozen=True, kw_only=True):
    """About how many messages wait, are in work, are not due yet, and were given up."""

    waiting: int
    in_work: int
    delayed: int
    dead: int


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was given up. ``item`` is None when it cannot be read; ``fault`` says why then."""

    message_id: str
    group_id: str
    sent_at: datetime
    item: WorkItem | None = None
    fault: str = ""


class Redriven(msgspec.Struct, frozen=True):
    """How many messages went back to work, and how many of them nobody could read the last time."""

    moved: int
    unreadable: int
