"""What holds for every route there is. The routes are the bot's own table, so that no new one is left out."""

import json
import os
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from handlers.web.api.openapi import FOR_OTHERS, document
from handlers.web.api.table import ROUTES
from handlers.web.ingest import LARGEST_BODY
from services.keys import Keys
from services.session_identities import CSRF_HEADER
from store.connect import Store
from tests.handlers.site.house import House
from tests.security.asking import SLACK, Caller, caller_of, changing, filled, slack_headers
from tests.security.conftest import SIGNING_SECRET

BASIC = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
    "Server": "dd0c",
}
TELLTALE = ("X-Powered-By", "Access-Control-Allow-Origin", "Via")
CACHED = ("/v1/charts/", "/v1/reference", "/v1/openapi.json")
UNKNOWN = (("GET", "/nothing"), ("GET", "/v1/nothing"), ("PUT", "/sign-in"), ("DELETE", "/"), ("TRACE", "/healthz"))
# Whoever sends it proves with a password who they are, so it carries no token; browsers say where it comes from.
WITH_PASSWORD = "/sign-in"
FORM = "application/x-www-form-urlencoded"
REFUSED = {401, 403}
FAULT = 500


@pytest.fixture
async def caller(whole: House) -> Caller:
    return await known_to(whole)


async def known_to(house: House) -> Caller:
    await house.put("known")
    return await caller_of(house, Keys(house.store.api_keys, os.urandom, lambda: datetime.now(UTC)))


async def contents(store: Store) -> str:
    """All that is stored, but for when somebody was seen last."""
    database: Any = store._database  # noqa: SLF001 - no port reads everything
    names = sorted(await database.motor.list_collection_names())
    return json.dumps({name: await database.motor[name].find().to_list(None) for name in names}, default=str)


@pytest.mark.integration
async def test_every_answer_has_strict_headers(real_whole: House) -> None:
    """To strangers, to who is signed in, to programs; refusals, redirects and unknown addresses included."""
    caller = await known_to(real_whole)
    routes = [(method, filled(path)) for method, path in real_whole.routes] + list(UNKNOWN)
    for method, path in routes:
        for given in ({}, caller.cookie, caller.key):
            status, headers, _ = await caller.ask(method, path, given)
            where = f"{method} {path} {status}"
            assert status != FAULT, where
            assert {name: headers.get(name) for name in BASIC} == BASIC, where
            assert not [name for name in TELLTALE if name in headers], where
            check_policy(headers, where)
            for cookie in (value for name, value in headers.items() if name == "Set-Cookie"):
                assert cookie.startswith("__Host-"), where
                assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")), where


def check_policy(headers: Any, where: str) -> None:
    """Nothing from elsewhere is run, nobody frames it, and no cache keeps it, but for charts, which never change."""
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'"), where
    assert "frame-ancestors 'none'" in policy, where
    assert "base-uri 'none'" in policy, where
    assert "form-action" in policy, where
    assert "unsafe" not in policy, where
    assert "*" not in policy, where
    assert headers["Referrer-Policy"] == "no-referrer", where
    assert headers["Cache-Control"] == "no-store" or where.split()[1].startswith(CACHED), where


async def test_no_form_counts_without_its_own_token(whole: House, caller: Caller) -> None:
    """A page elsewhere can make a browser send its cookie, and not the token of the session."""
    other = await whole.enter(name="Mallory")
    before = await contents(whole.store)
    forms = [path for _, path in changing(whole) if not path.startswith("/v1/") and path != WITH_PASSWORD]
    assert len(forms) > 8
    for path in forms:
        for token in (None, "", other.csrf, caller.browser.csrf[:-1], "\udcff"):
            sent = {} if token is None else {"csrf_token": token}
            body = urlencode(sent, errors="surrogatepass").encode()
            status, _, _ = await caller.ask("POST", path, {**caller.cookie, "Content-Type": FORM}, data=body)
            assert status == 403, path
    assert await contents(whole.store) == before


async def test_no_program_s_route_counts_a_cookie_alone(whole: House, caller: Caller) -> None:
    """Forms of other pages send cookies with every content type that forms have; nothing of /v1/ heeds them."""
    before = await contents(whole.store)
    routes = [(method, path) for method, path in changing(whole) if path.startswith("/v1/")]
    assert len(routes) > 15
    for method, path in routes:
        for kind in ("text/plain", FORM, "application/json"):
            status, _, _ = await caller.ask(method, path, {**caller.cookie, "Content-Type": kind}, data=b"{}")
            assert status in REFUSED, f"{method} {path} {status}"
    assert await contents(whole.store) == before


async def test_a_password_is_taken_from_our_own_page_only(caller: Caller) -> None:
    """Else another page could sign its visitors in as somebody else, who then reads what they do."""
    form = {"name": "mallory", "password": "does not matter"}
    for site in ("cross-site", "same-site"):
        status, _, body = await caller.ask("POST", WITH_PASSWORD, {"Sec-Fetch-Site": site}, data=form)
        assert status == 403
        assert "another page" in body
    statuses = [
        (await caller.ask("POST", WITH_PASSWORD, headers, data=form))[0]
        for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"})
    ]
    assert statuses == [403, 403, 403]
    _, _, body = await caller.ask("POST", WITH_PASSWORD, {"Sec-Fetch-Site": "same-origin"}, data=form)
    assert "another page" not in body


async def test_a_cookie_counts_with_a_header_that_only_our_own_page_can_send(whole: House, caller: Caller) -> None:
    other = await whole.enter(name="Mallory")
    identify = whole._sign_in.identities.identify  # noqa: SLF001 - no client sends such headers
    for token in ("", other.csrf, caller.browser.csrf[:-1], "\udcff", "\u00e9"):
        assert await identify({**caller.cookie, CSRF_HEADER: token}) is None
    assert await identify({**caller.cookie, CSRF_HEADER: caller.browser.csrf}) is not None


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in pieces"])
async def test_every_route_has_a_largest_body(whole: House, caller: Caller, *, announced: bool) -> None:
    """By whoever may send: what is too large is refused as that, and never a fault."""
    huge = b"x=" + b"x" * LARGEST_BODY

    async def pieces() -> Any:
        yield huge

    for method, path in changing(whole):
        if path.startswith("/v1/"):
            headers = {**caller.key, "Content-Type": "application/json"}
        else:
            headers = {**caller.cookie, "Content-Type": FORM}
        if path.startswith(SLACK):
            headers |= slack_headers(SIGNING_SECRET, huge)
        try:
            status, _, _ = await caller.ask(method, path, headers, data=BytesIO(huge) if announced else pieces())
        except aiohttp.ClientConnectionError:
            continue  # Refused before all of it was sent, and the connection ended.
        assert status == 413, f"{method} {path} {status}"


async def test_the_document_has_every_route_of_programs_and_no_other(whole: House) -> None:
    """Whatever is below /v1/ is in the document, or for somebody who has no API key."""
    served = {(method, path) for method, path in whole.routes if path.startswith("/v1/") and method != "HEAD"}
    paths = document(ROUTES)["paths"]
    documented = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    rest = served - documented
    assert documented <= served
    assert all(path.startswith(tuple(FOR_OTHERS)) for _, path in rest), rest
    assert all(any(path.startswith(place) for _, path in rest) for place in FOR_OTHERS)
    assert not [path for _, path in documented if path.startswith(tuple(FOR_OTHERS))]


async def test_what_no_key_opens_is_opened_by_no_key(whole: House, caller: Caller) -> None:
    """So a program misses nothing there: with a key it is answered as anybody is."""
    for method, path in whole.routes:
        if path.startswith(tuple(FOR_OTHERS)):
            with_key, without = [(await caller.ask(method, filled(path), given))[0] for given in (caller.key, {})]
            assert with_key == without, path
