"""The HTTP side of the Web API: authorise, fail where asked to, call the method, remember the call."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from demo.slack_workspace import chat, conversations, people, views
from demo.slack_workspace.context import Answer, Context, Endpoint, RateLimitedError
from demo.slack_workspace.credentials import Credentials
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.limits import Failure, FailurePlan, Hold
from demo.slack_workspace.models import Call
from demo.slack_workspace.oauth import METHOD as OAUTH_ACCESS
from demo.slack_workspace.oauth import OAuth
from demo.slack_workspace.params import Params, decode_nested, read_params
from demo.slack_workspace.socket_mode import METHOD as SOCKET_OPEN
from demo.slack_workspace.socket_mode import SocketLine

METHODS: dict[str, Endpoint] = {**chat.METHODS, **conversations.METHODS, **people.METHODS, **views.METHODS}
_TEST = "api.test"  # Answers anybody.
Reply = tuple[int, Answer, dict[str, str]]


@dataclass
class WebApi:
    """Everything that stands between a request to `/api/METHOD` and the method's own function."""

    context: Context
    credentials: Credentials
    oauth: OAuth
    line: SocketLine
    base_url: str = ""
    failures: FailurePlan = field(default_factory=FailurePlan)
    holds: list[Hold] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        method = request.match_info["method"]
        try:
            params = await read_params(request)
        except SlackError as error:
            return self.answer(method, {}, (200, error.to_answer(), {}))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        token = token or str(params.pop("token", ""))
        params.pop("token", None)
        failure = self.failures.take(method)
        if failure is None or failure.after_effect:
            reply = self._perform(method, token, params)
        await self._hold(method)
        if failure is not None:
            return self.fail(request, method, params, failure)
        return self.answer(method, params, reply)

    async def _hold(self, method: str) -> None:
        hold = next((hold for hold in self.holds if hold.method == method), None)
        if hold is not None:
            self.holds.remove(hold)
            await hold.wait()

    def _perform(self, method: str, token: str, params: Params) -> Reply:
        try:
            if method == OAUTH_ACCESS:
                return 200, {"ok": True, **self.oauth.access(token, params)}, {}
            if method == SOCKET_OPEN:
                return 200, {"ok": True, **self.line.open(token, self.base_url)}, {}
            if method == _TEST:
                return 200, {"ok": True}, {}
            self.credentials.check(token)
            return 200, {"ok": True, **self._call(method, params)}, {}
        except RateLimitedError as limit:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(limit.retry_after)}
        except SlackError as error:
            return 200, error.to_answer(), {}

    def _call(self, method: str, params: Params) -> Answer:
        endpoint = METHODS.get(method)
        if endpoint is None:
            raise SlackError("unknown_method", req_method=method)
        self.context.require_scope(*endpoint.scopes)
        return endpoint.handle(self.context, decode_nested(params))

    def fail(self, request: web.Request, method: str, params: Params, failure: Failure) -> web.Response:
        """Give the failing answer that was planned, or cut the connection."""
        if failure.cuts_connection:
            self._record(method, params, 0, {})
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return self.answer(method, params, failure.to_answer())

    def answer(self, method: str, params: Params, reply: Reply) -> web.Response:
        """Remember the call and send the answer."""
        status, body, headers = reply
        self._record(method, params, status, body)
        scopes = ",".join(sorted(self.context.state.scopes))
        return web.json_response(body, status=status, headers={"X-OAuth-Scopes": scopes, **headers})

    def _record(self, method: str, params: Params, status: int, answer: dict[str, Any]) -> None:
        shown = _readable(params)
        self.calls.append(Call(method, shown, self.context.state.clock(), status, answer))


def _readable(params: Params) -> Params:
    try:
        return decode_nested(params)
    except SlackError:
        return params
