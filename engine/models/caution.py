"""What a record told of a resource that somebody should know before stopping it."""

from enum import StrEnum

import msgspec


class CautionKind(StrEnum):
    """What there is to know. ``BACKUPS`` is named by the days for which automatic ones are kept."""

    PROTECTED = "protected"
    GROUP = "group"
    STACK = "stack"
    BACKUPS = "backups"


class Caution(msgspec.Struct, frozen=True, gc=False):
    """One thing to know, with a name where there is one: of an Auto Scaling group or a CloudFormation stack."""

    kind: CautionKind
    name: str = ""
