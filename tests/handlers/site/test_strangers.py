"""One address may come only so often before anybody is known there; others, and who is known, are not held up."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.handlers.site.house import House, opened
from tests.store.conftest import RETENTION_DAYS

OFTEN = 3
HERE = {"X-Forwarded-For": "198.51.100.7, 203.0.113.5"}
THERE = {"X-Forwarded-For": "198.51.100.7, 203.0.113.6"}


@pytest.fixture
async def street() -> AsyncIterator[House]:
    """The tests' own address is that of a proxy on this machine, which is trusted."""
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with opened(store, DD0C_UNKNOWN_REQUESTS_PER_MINUTE=str(OFTEN)) as house:
        house.stop_refilling()
        yield house


async def ask(house: House, method: str, path: str, headers: Mapping[str, str], **given: Any) -> tuple[int, str, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, house.url + path, headers=headers, allow_redirects=False, **given) as answer,
    ):
        return answer.status, answer.headers.get("Retry-After", ""), await answer.text()


@pytest.mark.parametrize(
    ("method", "path", "first"),
    [
        ("GET", "/sign-in", 200),
        ("POST", "/sign-in", 403),
        ("GET", "/sign-in/oidc", 404),
        ("GET", "/v1/sign-in/oidc/return", 403),
        ("GET", "/v1/accounts", 401),
        ("POST", "/v1/ingest", 401),
    ],
)
async def test_one_address_is_held_up_and_others_are_not(street: House, method: str, path: str, first: int) -> None:
    for _ in range(OFTEN):
        assert (await ask(street, method, path, HERE))[0] == first
    status, wait, text = await ask(street, method, path, HERE)
    assert (status, int(wait) > 0) == (429, True)
    assert f"Wait {wait} s" in text
    assert (await ask(street, method, path, THERE))[0] == first


async def test_who_is_known_is_let_in_beside_those_who_are_not(street: House) -> None:
    browser = await street.enter()
    for _ in range(OFTEN + 1):
        await ask(street, "GET", "/v1/accounts", HERE)
    as_browser = {**HERE, "Cookie": f"dd0c_session={browser.cookie}", "X-CSRF-Token": browser.csrf}
    assert (await ask(street, "GET", "/v1/accounts", as_browser))[0] == 200
    assert (await ask(street, "GET", "/dashboard", as_browser))[0] == 200
    assert (await ask(street, "GET", "/", HERE))[0] == 200


async def test_one_person_sees_so_many_pages_a_minute_and_others_go_on() -> None:
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with opened(store, DD0C_API_REQUESTS_PER_MINUTE="3") as house:
        house.stop_refilling()
        maria, again = await house.enter(), await house.enter()
        sam = await house.enter(name="Sam")
        for browser in (maria, again, maria):
            assert (await browser.get("/dashboard"))[0] == 200
        for browser in (maria, again):
            status, text, _ = await browser.get("/dashboard")
            assert (status, "Wait" in text) == (429, True)
        assert (await maria.post("/sign-out"))[0] == 429
        assert (await sam.get("/dashboard"))[0] == 200


async def test_guessing_is_held_up_by_address_and_by_name_and_locks_nobody_out(house: House) -> None:
    async def guess(address: str, name: str = "maria") -> int:
        form = {"name": name, "password": "guess"}
        return (await ask(house, "POST", "/sign-in", {"X-Forwarded-For": address}, data=form))[0]

    house.stop_refilling()
    assert [await guess("203.0.113.5") for _ in range(12)] == [403] * 10 + [429] * 2
    assert await guess("203.0.113.6") == 403
    for number in range(7, 17):
        await guess(f"203.0.113.{number}")
    assert await guess("203.0.113.99") == 429
    assert await guess("203.0.113.99", "otto") == 403
