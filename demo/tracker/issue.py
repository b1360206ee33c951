"""What the simulated tracker keeps."""

from datetime import datetime

import msgspec


class Issue(msgspec.Struct, frozen=True):
    """An issue, numbered from 1, with its text and its comments as they were given."""

    number: int
    title: str
    body: str
    made_at: datetime
    comments: tuple[str, ...] = ()
