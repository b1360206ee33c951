"""Who may talk to the routes, and what becomes of those who may not."""

import json
import time
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from demo.slack_workspace.signing import FORM, signature
from engine.errors import Unavailable
from handlers.web.slack_routes import PATHS
from tests.handlers.conftest import Office

BODY = b"command=%2Fdd0c&text=help&team_id=T1&user_id=U1&response_url=http%3A%2F%2F127.0.0.1%3A1%2F"


async def send(office: Office, headers: dict[str, Any], body: bytes = BODY, path: str = PATHS[0]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(office.url + path, data=BytesIO(body), headers={"Content-Type": FORM, **headers}) as answer,
    ):
        return answer.status


def signed(office: Office, body: bytes = BODY, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(office.slack.signing_secret, timestamp, body),
    }


@pytest.mark.parametrize("path", PATHS)
async def test_a_signed_request_is_let_in(office: Office, path: str) -> None:
    assert await send(office, signed(office), path=path) == 200


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_was_changed_is_not(office: Office, path: str) -> None:
    assert await send(office, signed(office), BODY + b"x", path) == 401


@pytest.mark.parametrize("seconds", [-301, -86_400, 400])
async def test_neither_is_an_old_or_future_one(office: Office, seconds: float) -> None:
    assert await send(office, signed(office, at=time.time() + seconds)) == 401


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=ünïcode"},
        {"X-Slack-Signature": None},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "-5"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "١٢٣"},
        {"X-Slack-Request-Timestamp": None},
    ],
    ids=str,
)
async def test_odd_headers_are_simply_not_signed(office: Office, change: dict[str, str | None]) -> None:
    headers = {name: value for name, value in {**signed(office), **change}.items() if value is not None}
    assert await send(office, headers) == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"payload={broken", FORM),
        (b"payload=%5B1%2C2%5D", FORM),
        (b"\xff\xfe\x00", FORM),
        (b"{broken", "application/json"),
        (b"[]", "application/json"),
        (b"text=help", "application/x-www-form-urlencoded; charset=klingon"),
        (b"", FORM),
        (b'{"team": 5, "authorizations": 7}', "application/json"),
        (b"payload=" + b"[" * 100_000, FORM),
    ],
)
async def test_a_body_that_cannot_be_read_is_no_error_of_ours(office: Office, body: bytes, kind: str) -> None:
    unsigned = {**signed(office), "X-Slack-Signature": "v0=" + "0" * 64, "Content-Type": kind}
    assert await send(office, unsigned, body) == 401
    # What is not UTF-8 cannot be Slack's, whatever its signature says.
    read = {200, 400, 404} if body.isascii() else {401}
    assert await send(office, {**signed(office, body), "Content-Type": kind}, body) in read


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": None},
        {"type": "block_actions", "actions": {}},
        {"type": "block_actions", "actions": [5]},
        {"type": "block_actions", "actions": [{"action_id": ["x"]}]},
        {"type": "block_actions", "actions": [{"action_id": "anomaly.undo"}], "team": 5},
        {"type": "view_submission", "view": 5},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": 5}},
    ],
    ids=str,
)
async def test_a_click_on_nothing_is_no_error_of_ours(
    office: Office, caplog: pytest.LogCaptureFixture, payload: dict[str, Any]
) -> None:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    assert await send(office, signed(office, body), body, "/v1/slack/actions") == 400
    assert caplog.records == []


@pytest.mark.parametrize("event", [5, None, {}, {"type": 7}], ids=str)
async def test_neither_is_an_event_of_nothing(office: Office, event: object) -> None:
    body = json.dumps({"type": "event_callback", "event": event}).encode()
    assert await send(office, {**signed(office, body), "Content-Type": "application/json"}, body) == 400


@pytest.mark.parametrize("whose", [{"team_id": ["T1"]}, {"enterprise_id": {"$ne": ""}}], ids=str)
async def test_neither_is_an_event_of_nobody(office: Office, whose: dict[str, object]) -> None:
    event = {"type": "app_home_opened", "tab": "home", "user": "U1"}
    body = json.dumps({"type": "event_callback", "event": event, **whose}).encode()
    assert await send(office, {**signed(office, body), "Content-Type": "application/json"}, body) == 400


async def test_a_huge_body_is_refused(office: Office) -> None:
    body = b"text=" + b"x" * 2_000_000
    assert await send(office, signed(office, body), body) == 413


async def test_health(office: Office) -> None:
    async def away() -> None:
        raise Unavailable("MongoDB did not answer.")

    async with aiohttp.ClientSession() as session:
        assert (await session.get(office.url + "/healthz")).status == 200
        office.ping = away
        assert (await session.get(office.url + "/healthz")).status == 200
        ready = await session.get(office.url + "/readyz")
        assert ready.status == 503
        assert await ready.json() == {"status": "unavailable", "reason": "MongoDB did not answer."}
