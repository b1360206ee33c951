"""What is silent by somebody's word, as it is listed."""

from datetime import datetime

import msgspec

from engine.models.resource import Running
from engine.models.verdict import Expectation


class QuietPattern(msgspec.Struct, frozen=True, kw_only=True):
    """An expectation or a snooze. An empty ``actor_key`` stands for anybody, ``until`` None for no end.

    ``max_hourly_cost`` is USD an hour of one launch, or of ``all_running``; None is no limit.
    """

    pattern_id: str
    is_snooze: bool
    account_name: str
    actor_key: str
    resource_types: tuple[str, ...]
    created_by: str
    until: datetime | None
    max_hourly_cost: float | None = None
    max_quantity: int | None = None
    all_running: bool = False


class QuietList(msgspec.Struct, frozen=True):
    """All that is silent by somebody's word; ``ended`` is what has just been taken back."""

    patterns: tuple[QuietPattern, ...]
    ended: QuietPattern | None = None


class Declared(msgspec.Struct, frozen=True):
    """An expectation that was just declared, and what runs of its type at this moment.

    ``doubt`` says in a sentence why its type may be a slip of the pen.
    """

    expectation: Expectation
    account_name: str
    running: Running
    doubt: str = ""
