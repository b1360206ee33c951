"""Work that must happen one after the other within an AWS account."""

from enum import StrEnum

import msgspec


class WorkKind(StrEnum):
    """What a work item asks for."""

    POLL = "poll"
    READ_HISTORY = "read_history"
    LEARN_VERDICT = "learn_verdict"
    INGEST = "ingest"
    PURGE = "purge"


class WorkItem(msgspec.Struct, frozen=True):
    """One piece of work. ``subject`` is the verdict id where the kind needs one."""

    kind: WorkKind
    tenant_id: str
    account_id: str
    subject: str = ""
