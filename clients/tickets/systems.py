"""The trackers by kind."""

from clients.tickets.github import GitHub
from clients.tickets.guarded import GuardedWeb
from clients.tickets.jira import Jira
from clients.tickets.linear import Linear
from engine.models.ticket import MadeTicket, TicketDraft, Tracker, TrackerKind


class TicketSystems:
    """Asks the system that a tracker names. Its errors are those that the port tells."""

    def __init__(self, *, local: bool = False) -> None:
        """``local`` allows addresses of this machine and network, for development."""
        web = GuardedWeb(local=local)
        self._jira, self._github, self._linear = Jira(web), GitHub(web), Linear(web)

    def _of(self, tracker: Tracker) -> Jira | GitHub | Linear:
        match tracker.place.kind:
            case TrackerKind.JIRA:
                return self._jira
            case TrackerKind.GITHUB:
                return self._github
            case TrackerKind.LINEAR:
                return self._linear

    async def check(self, tracker: Tracker) -> None:
        """See whether tickets can be made there."""
        await self._of(tracker).check(tracker)

    async def find_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket | None:
        """Look for a ticket by the draft's marker."""
        return await self._of(tracker).find_ticket(tracker, draft)

    async def make_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        """Make it; Unavailable leaves open whether it exists."""
        return await self._of(tracker).make_ticket(tracker, draft)

    async def add_comment(self, tracker: Tracker, draft: TicketDraft, ticket: MadeTicket, text: str) -> None:
        """Write below the ticket that the draft once made."""
        await self._of(tracker).add_comment(tracker, draft, ticket, text)
