"""What a record told of a resource that somebody should know before stopping it."""

from datetime import datetime
from enum import StrEnum

import msgspec

GROUP_TAG = "aws:autoscaling:groupName"
STACK_TAG = "aws:cloudformation:stack-name"
"""AWS tags what its own services make; nobody else can write or delete such tags."""


class CautionKind(StrEnum):
    """What there is to know.

    ``BACKUPS`` is named by the days for which automatic ones are kept, 0 where there are none. ``RESTORED`` is named by
    the snapshot that the resource was made from, ``SNAPSHOT`` by one that was made of it. ``FINAL`` is the last one,
    which a deletion asked for, and ``NO_FINAL`` says that it asked for none.
    """

    PROTECTED = "protected"
    GROUP = "group"
    STACK = "stack"
    BACKUPS = "backups"
    RESTORED = "restored"
    SNAPSHOT = "snapshot"
    FINAL = "final"
    NO_FINAL = "no_final"


class Caution(msgspec.Struct, frozen=True, gc=False):
    """One thing to know, with a name where there is one: of an Auto Scaling group, a CloudFormation stack, a snapshot.

    ``of`` is the resource that it is about, where the record that tells it may be another's; ``at`` is when a snapshot
    was made.
    """

    kind: CautionKind
    name: str = ""
    of: str = ""
    at: datetime | None = None
