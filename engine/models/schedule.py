"""When a tenant's digest comes."""

from datetime import time
from enum import StrEnum

import msgspec


class DigestRhythm(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class DigestSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """Every day, or every week on ``weekday`` (0: Monday), at a time of day in ``zone``, a name such as Europe/Berlin.

    What people say of days without naming a zone is meant in this one, too.
    """

    rhythm: DigestRhythm = DigestRhythm.DAILY
    at: time = time(9)
    weekday: int = 0
    zone: str = "UTC"
