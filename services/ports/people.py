"""People in Slack, what they are asked, and the tickets they want."""

from datetime import datetime
from typing import Protocol

from engine.models.anomaly import Anomaly
from engine.models.audit import AuditRecord
from engine.models.person import Person
from engine.models.post import Post, Withdrawal
from engine.models.ticket import MadeTicket, SealedTracker, TicketDraft, Tracker


class People(Protocol):
    """The workspace's directory."""

    async def find_by_email(self, tenant_id: str, email: str) -> Person | None:
        """Who has this address; None also where nobody may look or Slack is slow. Never raises."""
        ...

    async def fetch_person(self, tenant_id: str, user_id: str) -> Person:
        """Look a user up. Raises AccessDenied without the scope for that, NotFound for a user nobody knows."""
        ...


class Amendments(Protocol):
    """What is noted on anomalies besides verdicts."""

    async def amend(
        self,
        tenant_id: str,
        *,
        before: Anomaly,
        after: Anomaly,
        record: AuditRecord | None = None,
        post: Post | None = None,
        withdrawal: Withdrawal | None = None,
        now: datetime,
    ) -> None:
        """Replace ``before`` by ``after`` if nobody changed it meanwhile (else Conflict), and bump its card.

        The record, the post and what is to become of a question, where given, are written in the same transaction.
        """
        ...

    async def find_waiting(self, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants about which somebody was asked and has not answered, oldest first."""
        ...


class Trackers(Protocol):
    """Where tenants' tickets go."""

    async def save_tracker(self, tenant_id: str, tracker: Tracker, record: AuditRecord) -> None:
        """Connect a tracker in place of the last one."""
        ...

    async def find_sealed(self, tenant_id: str) -> SealedTracker | None: ...

    async def find_tracker(self, tenant_id: str) -> Tracker | None: ...

    async def delete_tracker(self, tenant_id: str, record: AuditRecord) -> None: ...


class TicketSystem(Protocol):
    """Jira, GitHub or Linear.

    All raise AccessDenied for a refused token, NotFound for a project that is not there (or not to be seen), Throttled,
    Rejected for what it will never take, and Unavailable when it did not answer.
    """

    async def check(self, tracker: Tracker) -> None:
        """See whether tickets can be made there."""
        ...

    async def find_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket | None:
        """Look for a ticket by the draft's marker."""
        ...

    async def make_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        """Make it; Unavailable leaves open whether it exists."""
        ...

    async def add_comment(self, tracker: Tracker, draft: TicketDraft, ticket: MadeTicket, text: str) -> None:
        """Write below the ticket that the draft once made."""
        ...
