"""The simulated tracker's server: the calls of GitHub's REST API that make, find and comment issues, and its pages."""

import secrets
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import web

from demo.tracker.issue import Issue
from demo.tracker.pages import STYLE_POLICY, issue_page, list_page
from engine.errors import UNREADABLE

REPOSITORY = "acme/infra"
HOST = "127.0.0.1"
_ISSUES = f"/repos/{REPOSITORY}/issues"
_LARGEST_PAGE = 100
_LARGEST_TITLE = 256


class _Wanted(msgspec.Struct):
    """What GitHub takes for a new issue."""

    title: str
    body: str = ""


class _Comment(msgspec.Struct):
    """What GitHub takes for a comment."""

    body: str


class TrackerSimulator:
    """``start`` gives it an address. ``on_made`` hears of every issue, with the address of its page."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.token = f"github_pat_demo_{secrets.token_hex(8)}"
        self.issues: list[Issue] = []
        self.on_made: Callable[[str, str], None] = lambda _key, _url: None
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on this machine only."""
        app = web.Application()
        app.add_routes(
            [
                web.get(_ISSUES, self._list),
                web.post(_ISSUES, self._make),
                web.post(rf"{_ISSUES}/{{number:\d{{1,9}}}}/comments", self._comment),
                web.get("/repos/{rest:.*}", self._unknown),
                web.get(f"/{REPOSITORY}/issues", self._show_all),
                web.get(rf"/{REPOSITORY}/issues/{{number:\d{{1,9}}}}", self._show),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def page(self) -> str:
        """Where people read the issues."""
        return f"{self.url}/{REPOSITORY}/issues"

    async def _list(self, request: web.Request) -> web.Response:
        """Newest first, in pages; an issue is younger than the moment that is asked for, for it is made after it."""
        if not self._is_allowed(request):
            return _refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        size = min(_number(request, "per_page", 30), _LARGEST_PAGE)
        first = (_number(request, "page", 1) - 1) * size
        newest = self.issues[::-1][first : first + size]
        return web.json_response([self._told(issue) for issue in newest])

    async def _make(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Wanted)
        except UNREADABLE:
            return _refusal(HTTPStatus.BAD_REQUEST, "Problems parsing JSON")
        if not 0 < len(wanted.title) <= _LARGEST_TITLE:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed")
        issue = Issue(len(self.issues) + 1, wanted.title, wanted.body, self._now())
        self.issues.append(issue)
        self.on_made(f"{REPOSITORY}#{issue.number}", self._page_of(issue))
        return web.json_response(self._told(issue), status=HTTPStatus.CREATED)

    async def _comment(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        number = int(request.match_info["number"])
        if not 0 < number <= len(self.issues):
            return _refusal(HTTPStatus.NOT_FOUND, "Not Found")
        try:
            said = msgspec.json.decode(await request.read(), type=_Comment)
        except UNREADABLE:
            return _refusal(HTTPStatus.BAD_REQUEST, "Problems parsing JSON")
        issue = self.issues[number - 1]
        self.issues[number - 1] = msgspec.structs.replace(issue, comments=(*issue.comments, said.body))
        return web.json_response({"body": said.body}, status=HTTPStatus.CREATED)

    async def _unknown(self, request: web.Request) -> web.Response:
        """Another repository; a token that is good for one does not tell whether there are others."""
        known = self._is_allowed(request)
        return _refusal(
            *((HTTPStatus.NOT_FOUND, "Not Found") if known else (HTTPStatus.UNAUTHORIZED, "Bad credentials"))
        )

    async def _show_all(self, _request: web.Request) -> web.Response:
        return _page(list_page(REPOSITORY, self.issues))

    async def _show(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if not 0 < number <= len(self.issues):
            raise web.HTTPNotFound
        return _page(issue_page(REPOSITORY, self.issues[number - 1]))

    def _is_allowed(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {self.token}".encode())

    def _page_of(self, issue: Issue) -> str:
        return f"{self.page}/{issue.number}"

    def _told(self, issue: Issue) -> dict[str, object]:
        return {
            "number": issue.number,
            "html_url": self._page_of(issue),
            "title": issue.title,
            "body": issue.body,
            "state": "open",
            "created_at": issue.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _number(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else usual  # noqa: PLR2004 - no page has more digits


def _refusal(status: HTTPStatus, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


def _page(text: str) -> web.Response:
    headers = {
        "Content-Security-Policy": STYLE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)
