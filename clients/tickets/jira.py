"""Jira Cloud, REST version 3."""

import base64
from typing import Any

from clients.tickets.guarded import GuardedWeb
from clients.tickets.shapes import key_of, objects
from engine.errors import Rejected
from engine.models.ticket import MadeTicket, TicketDraft, Tracker

_USUAL_TYPE = "task"
_KEY = r"[A-Z][A-Z0-9_]{1,30}-[0-9]{1,12}"


class Jira:
    """A ticket bears its marker as label, and is found again by that."""

    def __init__(self, web: GuardedWeb) -> None:
        self._web = web

    async def check(self, tracker: Tracker) -> None:
        """See whether the project has a kind of ticket that can be made."""
        await self._issue_type(tracker)

    async def find_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket | None:
        """Look for a ticket by its label."""
        query = {
            "jql": f'project = "{tracker.place.project}" AND labels = "{draft.marker}" ORDER BY created ASC',
            "maxResults": 1,
            "fields": ["summary"],
        }
        answer = await self._call("POST", tracker, "/rest/api/3/search/jql", query)
        found = objects(answer, "issues")
        return self._made(tracker, found[0]) if found else None

    async def make_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        """Make it as a task or, where the project has none, as its first kind of ticket."""
        fields = {
            "project": {"key": tracker.place.project},
            "issuetype": {"id": await self._issue_type(tracker)},
            "summary": draft.title,
            "labels": [draft.marker],
            "description": _document(draft),
        }
        return self._made(tracker, await self._call("POST", tracker, "/rest/api/3/issue", {"fields": fields}))

    async def add_comment(self, tracker: Tracker, _draft: TicketDraft, ticket: MadeTicket, text: str) -> None:
        """Comment on the ticket."""
        document = {"type": "doc", "version": 1, "content": [_block("paragraph", text)]}
        await self._call("POST", tracker, f"/rest/api/3/issue/{ticket.key}/comment", {"body": document})

    async def _issue_type(self, tracker: Tracker) -> str:
        answer = await self._call("GET", tracker, f"/rest/api/3/project/{tracker.place.project}")
        kinds = [one for one in objects(answer, "issueTypes") if not one.get("subtask")]
        kinds.sort(key=lambda one: str(one.get("name", "")).lower() != _USUAL_TYPE)
        if not kinds:
            raise Rejected("The project has no kind of ticket that may be made there.", code="no_issue_type")
        return str(kinds[0].get("id", ""))

    async def _call(self, method: str, tracker: Tracker, path: str, body: Any = None) -> Any:
        pair = f"{tracker.place.login}:{tracker.token}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return (await self._web.call(method, tracker.place.base_url + path, headers=headers, json=body)).body

    def _made(self, tracker: Tracker, answer: Any) -> MadeTicket:
        key = key_of(answer, "key", _KEY)
        return MadeTicket(key, f"{tracker.place.base_url}/browse/{key}")


def _document(draft: TicketDraft) -> dict[str, Any]:
    """Atlassian's document format: text nodes are never read as markup."""
    blocks = [_block("paragraph", fact) for fact in draft.facts]
    if draft.commands:
        blocks += [_block("paragraph", "How to stop it:"), _block("codeBlock", "\n".join(draft.commands))]
    return {"type": "doc", "version": 1, "content": [*blocks, _block("paragraph", draft.marker)]}


def _block(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "content": [{"type": "text", "text": text or "-"}]}
