"""Linear, by GraphQL."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from clients.tickets.guarded import GuardedWeb
from clients.tickets.shapes import key_of, markdown, objects, page_url
from engine.errors import AccessDenied, NotFound, Rejected, Throttled
from engine.models.ticket import MadeTicket, TicketDraft, Tracker

_TEAM = "query Team($key: String!) { teams(filter: {key: {eq: $key}}) { nodes { id } } }"
_FIND = "query Find($id: ID!) { issues(filter: {id: {eq: $id}}, includeArchived: true) { nodes { identifier url } } }"
_MAKE = "mutation Make($input: IssueCreateInput!) { issueCreate(input: $input) { issue { identifier url } } }"
_COMMENT = "mutation Comment($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"
_KEY = r"[A-Z0-9]{1,20}-[0-9]{1,12}"
_BAD_REQUEST = 400
_WAIT = 60.0


class Linear:
    """Linear lets us choose an issue's id, so a second one about the same incident is impossible."""

    def __init__(self, web: GuardedWeb) -> None:
        self._web = web

    async def check(self, tracker: Tracker) -> None:
        """See whether the team is there."""
        await self._team_id(tracker)

    async def find_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket | None:
        """Look for the issue by its id."""
        found = objects((await self._ask(tracker, _FIND, {"id": issue_id(draft.marker)})).get("issues"), "nodes")
        return _made(found[0]) if found else None

    async def make_ticket(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        """Make an issue."""
        wanted = {
            "id": issue_id(draft.marker),
            "teamId": await self._team_id(tracker),
            "title": draft.title,
            "description": markdown(draft),
        }
        made = (await self._ask(tracker, _MAKE, {"input": wanted})).get("issueCreate")
        return _made(made.get("issue") if isinstance(made, dict) else None)

    async def add_comment(self, tracker: Tracker, draft: TicketDraft, _ticket: MadeTicket, text: str) -> None:
        """Comment on the issue."""
        await self._ask(tracker, _COMMENT, {"input": {"issueId": issue_id(draft.marker), "body": text}})

    async def _team_id(self, tracker: Tracker) -> str:
        teams = objects((await self._ask(tracker, _TEAM, {"key": tracker.place.project})).get("teams"), "nodes")
        if not teams:
            raise NotFound("It does not know that team.")
        return str(teams[0].get("id", ""))

    async def _ask(self, tracker: Tracker, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{tracker.place.base_url}/graphql"
        body = {"query": query, "variables": variables}
        # Linear's own words about what is wrong come with status 200 or 400.
        headers = {"Authorization": tracker.token}
        answer = await self._web.call("POST", url, headers=headers, json=body, allowed=(_BAD_REQUEST,))
        said = answer.body if isinstance(answer.body, dict) else {}
        errors = objects(said, "errors")
        if errors or not isinstance(said.get("data"), dict):
            _refuse(errors)
        data: dict[str, Any] = said["data"]
        return data


def issue_id(marker: str) -> str:
    """The id of an incident's issue: a UUID that looks drawn, as Linear wants it, and follows from the marker.

    >>> issue_id("dd0c-1") == issue_id("dd0c-1")
    True
    """
    return str(uuid.UUID(bytes=hashlib.sha256(marker.encode()).digest()[:16], version=4))


def _refuse(errors: list[dict[str, Any]]) -> None:
    first = errors[0] if errors else {}
    extensions = first.get("extensions")
    code = str(extensions.get("code", "")) if isinstance(extensions, dict) else ""
    if code == "RATELIMITED":
        raise Throttled("It wants fewer requests.", code=code, retry_after=_WAIT)
    if code in {"AUTHENTICATION_ERROR", "FORBIDDEN"}:
        raise AccessDenied("It refuses the token.", code=code)
    raise Rejected(f"It said: {str(first.get('message', 'nothing that can be read'))[:300]}", code=code)


def _made(issue: Any) -> MadeTicket:
    return MadeTicket(key_of(issue, "identifier", _KEY), page_url(issue, "url"))
