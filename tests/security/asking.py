"""Asking any route of the whole bot, as anybody might."""

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp

from engine.models.api_key import Scope
from tests.handlers.site.house import Browser, House
from tests.store.samples import ACCOUNT, TENANT

SAMPLES = {
    "account_id": ACCOUNT,
    "anomaly_id": "known",
    "way": "oidc",
    "service": "ec2",
    "type": "m5.large",
    "token": "x",
    "key_id": "0a1b2c3d",
}
READING = ("GET", "HEAD")
SLACK = "/v1/slack/"


def filled(path: str) -> str:
    """The path of a route with something behind every name in it."""
    for name, sample in SAMPLES.items():
        path = path.replace(f"{{{name}}}", sample)
    return path.replace("{", "").replace("}", "")


def changing(house: House) -> Iterator[tuple[str, str]]:
    """Every route that can change something."""
    return ((method, filled(path)) for method, path in house.routes if method not in READING)


class Caller:
    """Asks as an admin, by session or by key; follows nothing."""

    def __init__(self, house: House, browser: Browser, key: str) -> None:
        self._url = house.url
        self.browser = browser
        self.cookie = {"Cookie": f"{browser.cookie_name}={browser.cookie}"}
        self.key = {"Authorization": f"Bearer {key}"}

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> tuple[int, Mapping[str, str], str]:
        """Give status, headers and body; of what is no text, as much as there is of it."""
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self._url + path, allow_redirects=False, **sent) as answer,
        ):
            return answer.status, answer.headers, await answer.text("utf-8", "replace")


async def caller_of(house: House, key_maker: Any) -> Caller:
    """An admin of the house, and a key that may do everything."""
    key, _ = await key_maker.create(TENANT, "test", list(Scope), by="operator")
    return Caller(house, await house.enter(), key)


def slack_headers(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """Sign as Slack does."""
    moment = str(int(time.time() if at is None else at))
    digest = hmac.digest(secret.encode(), f"v0:{moment}:".encode() + body, hashlib.sha256).hex()
    return {
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
