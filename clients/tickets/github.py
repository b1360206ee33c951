"""GitHub Issues, also of GitHub Enterprise Server."""

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from clients.tickets.guarded import GuardedWeb
from clients.tickets.shapes import markdown, number_of, objects, page_url
from engine.models.ticket import MadeTicket, TicketDraft, Tracker

_PAGE = 100
_MOST_PAGES = 5
_VERSION = "2022-11-28"


class GitHub:
    """An issue is found again by the marker in its text: labels are only for those who may push.

    The list of issues is exact at once, which the search is not.
    """

    def __init__(self, web: GuardedWeb) -> None:
        self._web = web

    async def check(self, tracker: Tracker) -> None:
        """See whether the repository's issues are there."""
        await self._page(tracker, {"per_page": "1"})

    async def find_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket | None:
        """Look through the issues since the incident, the newest first."""
        since = draft.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = {"state": "all", "sort": "created", "direction": "desc", "since": since, "per_page": str(_PAGE)}
        for page in range(1, _MOST_PAGES + 1):
            issues = await self._page(tracker, {**wanted, "page": str(page)})
            for issue in issues:
                if draft.marker in str(issue.get("body") or ""):
                    return self._made(tracker, issue)
            if len(issues) < _PAGE:
                break
        return None

    async def make_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        """Make an issue."""
        body = {"title": draft.title, "body": markdown(draft)}
        return self._made(tracker, await self._call("POST", tracker, "", body))

    async def add_comment(self, tracker: Tracker, _draft: TicketDraft, ticket: MadeTicket, text: str) -> None:
        """Comment on the issue."""
        number = ticket.key.rpartition("#")[2]
        await self._call("POST", tracker, f"/{number}/comments", {"body": text})

    async def _page(self, tracker: Tracker, query: dict[str, str]) -> list[dict[str, Any]]:
        return objects({"issues": await self._call("GET", tracker, f"?{urlencode(query)}")}, "issues")

    async def _call(self, method: str, tracker: Tracker, rest: str, body: Any = None) -> Any:
        place = tracker.place
        headers = {
            "Authorization": f"Bearer {tracker.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": _VERSION,
        }
        url = f"{place.base_url}/repos/{place.project}/issues{rest}"
        return (await self._web.call(method, url, headers=headers, json=body)).body

    def _made(self, tracker: Tracker, issue: Any) -> MadeTicket:
        return MadeTicket(f"{tracker.place.project}#{number_of(issue, 'number')}", page_url(issue, "html_url"))
