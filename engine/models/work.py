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


class WorkItem(msgspec.Struct, frozen=True, eq=False, omit_defaults=True):
    """One piece of work. ``subject`` is the verdict id where the kind needs one.

    ``trace`` says which trace it goes on with. Items that differ only there ask for the same work, and are equal.

    >>> one = WorkItem(WorkKind.POLL, "t-1", "111122223333")
    >>> one == WorkItem(WorkKind.POLL, "t-1", "111122223333", trace="00-1-2-01")
    True
    """

    kind: WorkKind
    tenant_id: str
    account_id: str
    subject: str = ""
    trace: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkItem) and self._work() == other._work()

    def __hash__(self) -> int:
        return hash(self._work())

    def _work(self) -> tuple[WorkKind, str, str, str]:
        return self.kind, self.tenant_id, self.account_id, self.subject
