"""``POST /v1/ingest`` from outside: who may send, what, how much, and what the answers promise."""

import asyncio
import gzip
import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from engine.errors import Unavailable
from engine.models.account import AccountStatus
from engine.models.api_key import ApiKey, Scope
from handlers.web import ingest
from handlers.web.api.ingesting import PATH
from handlers.web.api.openapi import document
from handlers.web.api.table import ROUTES
from handlers.web.ingest import LARGEST_BODY, LARGEST_UNPACKED, Places
from handlers.web.problems import Problem
from services.keys import Keys
from services.receiving import Receiver
from tests.services.test_inbox import IRRELEVANT, STRANGER, Broken, lines
from tests.services.world import ACCOUNT, DAY, HOUR, TENANT, World

WRITE = [Scope.WRITE]
DOCUMENTED = document(ROUTES)["paths"][PATH]["post"]["responses"]


class Door:
    """The route on a real server, and a key that opens it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys = Keys(world.store.api_keys, os.urandom, world.clock)
        self.inbox: Any = world.store.inbox
        self.url = ""
        self.key = ""

    def app(self) -> web.Application:
        app = web.Application()
        receiver = Receiver(
            inbox=self,  # type: ignore[arg-type] # so that a test may take the database away
            accounts=self.world.store.accounts,
            lookups=self.world.store.system,
            queue=self.world.queue,
            clock=self.world.clock,
        )
        ingest.register(app, self.keys, receiver)
        return app

    async def save_batches(self, batches: Any) -> None:
        await self.inbox.save_batches(batches)

    async def create(self, scopes: list[Scope] = WRITE, tenant_id: str = TENANT, **named: Any) -> str:
        key, _ = await self.keys.create(tenant_id, "test", scopes, **named, by="operator")
        return key

    async def send(self, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any, Any]:
        """Give status, JSON and headers of the answer, which the API's document knows."""
        given = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        async with aiohttp.ClientSession() as session, session.post(self.url, data=body, headers=given) as answer:
            assert str(answer.status) in DOCUMENTED
            return answer.status, await answer.json(content_type=None), answer.headers

    async def waiting(self) -> int:
        return sum(one.count for one in await self.world.store.inbox.find_batches(TENANT, ACCOUNT, 100))


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    door = Door(world)
    door.key = await door.create()
    runner = web.AppRunner(door.app(), access_log=None, shutdown_timeout=0.1, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    yield door
    await runner.cleanup()


def check_problem(answer: tuple[int, Any, Any], status: int) -> str:
    """A refusal is a problem detail with a hint; gives what it says."""
    assert answer[0] == status
    assert answer[2]["Content-Type"].startswith("application/problem+json")
    assert answer[1]["status"] == status
    assert set(answer[1]) == {"type", "title", "status", "detail", "hint"}
    assert answer[1]["hint"]
    return str(answer[1]["detail"])


def log_file(records: list[Any]) -> bytes:
    return json.dumps({"Records": records}).encode()


def envelopes(records: list[Any]) -> bytes:
    return lines([{"account": ACCOUNT, "detail": record} for record in records])


def page(records: list[Any]) -> bytes:
    return json.dumps({"Events": [{"CloudTrailEvent": json.dumps(record)} for record in records]}).encode()


@pytest.mark.parametrize("form", [lines, log_file, envelopes, page])
@pytest.mark.parametrize("packed", [False, True])
async def test_every_form_is_taken_and_durable_when_answered(door: Door, form: Any, packed: bool) -> None:
    body = form([door.world.launch(), IRRELEVANT, door.world.launch()])
    status, answer, _ = await door.send(gzip.compress(body) if packed else body)
    assert status == 202
    assert (answer["kept"], answer["irrelevant"], answer["malformed"]) == (2, 1, 0)
    assert await door.waiting() == 2


async def test_the_header_for_gzip_changes_nothing(door: Door) -> None:
    body = gzip.compress(lines([door.world.launch()]))
    assert (await door.send(body, {"Content-Encoding": "gzip"}))[0] == 202


async def test_a_batch_sent_twice_waits_once(door: Door) -> None:
    body = lines([door.world.launch()])
    assert [(await door.send(one))[0] for one in (body, gzip.compress(body), body)] == [202] * 3
    assert await door.waiting() == 1


async def test_several_files_packed_one_behind_the_other(door: Door) -> None:
    body = gzip.compress(log_file([door.world.launch()])) + gzip.compress(log_file([door.world.launch()]))
    assert (await door.send(body))[1]["kept"] == 2


async def test_accounts_of_others_are_counted_and_named(door: Door) -> None:
    foreign = {**door.world.launch(), "recipientAccountId": STRANGER}
    status, answer, _ = await door.send(lines([foreign, door.world.launch()]))
    assert (status, answer["kept"], answer["unknown_accounts"]) == (202, 1, [STRANGER])


async def test_a_key_of_another_tenant_sends_nothing_into_this_one(door: Door) -> None:
    door.key = await door.create(tenant_id="t-2")
    assert (await door.send(lines([door.world.launch()])))[1]["unknown"] == 1
    assert await door.waiting() == 0


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer dd0c_", "Bearer dd0c_" + "a" * 8 + "_" + "A" * 43, "Basic abc", "Bearer \xe9"],
)
async def test_who_has_no_key_is_not_let_in(door: Door, header: str) -> None:
    answer = await door.send(lines([door.world.launch()]), {"Authorization": header})
    check_problem(answer, 401)
    assert answer[2]["WWW-Authenticate"] == "Bearer"
    assert await door.waiting() == 0


async def test_a_key_ends(door: Door) -> None:
    door.key = await door.create(lifetime=DAY)
    assert (await door.send(lines([IRRELEVANT])))[0] == 202
    door.world.turn(DAY)
    check_problem(await door.send(lines([IRRELEVANT])), 401)


async def test_a_revoked_key_opens_nothing(door: Door) -> None:
    [row] = await door.keys.find_all(TENANT)
    await door.keys.revoke(TENANT, row.key_id, by="operator")
    check_problem(await door.send(lines([IRRELEVANT])), 401)


async def test_a_key_that_may_only_read_is_refused(door: Door) -> None:
    door.key = await door.create([Scope.READ])
    check_problem(await door.send(lines([IRRELEVANT])), 403)


async def test_no_refusal_repeats_the_key(door: Door) -> None:
    door.key = await door.create([Scope.READ])
    answer = await door.send(b"x")
    assert door.key.rsplit("_", 1)[1] not in str(answer[1])


@pytest.mark.parametrize("body", [b"", b"hello", b"\x00\xff", b"[]", b'{"Records": []}', b'{"a": 1}', b"null"])
async def test_a_body_without_records_is_refused(door: Door, body: bytes) -> None:
    check_problem(await door.send(body), 400)


@pytest.mark.parametrize("cut", [1, 5, 12, -1, -9])
async def test_gzip_that_was_cut_off_is_refused(door: Door, cut: int) -> None:
    check_problem(await door.send(gzip.compress(lines([door.world.launch()]))[:cut]), 400)


async def test_damaged_gzip_is_refused(door: Door) -> None:
    packed = bytearray(gzip.compress(lines([door.world.launch()] * 50)))
    packed[40] ^= 0xFF
    assert "gzip" in check_problem(await door.send(bytes(packed)), 400)


async def test_what_is_readable_is_kept_beside_what_is_not(door: Door) -> None:
    status, answer, _ = await door.send(b"{broken\n" + lines([door.world.launch()]))
    assert (status, answer["kept"], answer["malformed"]) == (202, 1, 1)
    assert "line 1" in answer["problems"][0]


async def test_a_bomb_is_refused(door: Door) -> None:
    bomb = gzip.compress(b" " * (LARGEST_UNPACKED + 1), compresslevel=1)
    assert len(bomb) < LARGEST_BODY
    assert "200 MB" in check_problem(await door.send(bomb), 413)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused(door: Door, chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 2**20 + 2):
            yield b" " * 2**20

    body = pieces() if chunked else BytesIO(b" " * (LARGEST_BODY + 1))
    try:
        check_problem(await door.send(body), 413)
    except aiohttp.ClientConnectionError:
        assert not chunked or await door.waiting() == 0  # The server need not hear out what it refuses.


async def test_nothing_is_promised_when_the_database_is_away(door: Door) -> None:
    door.inbox = Broken(door.world.store.inbox, Unavailable("away"), before="save_batches")
    answer = await door.send(lines([door.world.launch()]))
    check_problem(answer, 503)
    assert int(answer[2]["Retry-After"]) > 0


async def test_one_tenant_holds_few_places_and_all_together_not_many() -> None:
    places = Places(most=3, most_each=2)
    with places.taken("a"), places.taken("a"):
        with pytest.raises(Problem) as refusal, places.taken("a"):
            pass
        assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (429, "1")
        with places.taken("b"), pytest.raises(Problem) as refusal, places.taken("c"):
            pass
        assert refusal.value.status == 503
    with places.taken("a"), places.taken("c"), places.taken("b"):
        pass


async def test_a_tenant_that_sends_too_much_at_once_is_told_to_wait(door: Door) -> None:
    go_on = asyncio.Event()

    class Slow:
        async def save_batches(self, _batches: Any) -> None:
            await go_on.wait()

    door.inbox = Slow()
    body = lines([door.world.launch()])
    first = [asyncio.ensure_future(door.send(body)) for _ in range(2)]
    answer = (202, None, None)
    async with asyncio.timeout(30.0):
        while answer[0] != 429:
            await asyncio.sleep(0.02)
            answer = await asyncio.wait_for(door.send(lines([IRRELEVANT])), 30.0)
    check_problem(answer, 429)
    go_on.set()
    assert [status for status, _, _ in await asyncio.gather(*first)] == [202, 202]


async def test_use_of_a_key_is_noted_to_the_hour(door: Door) -> None:
    async def row() -> ApiKey:
        return (await door.keys.find_all(TENANT))[0]

    start = door.world.clock()
    await door.send(lines([IRRELEVANT]))
    door.world.turn(HOUR / 2)
    await door.send(lines([IRRELEVANT]))
    assert (await row()).last_used_at == start
    door.world.turn(HOUR)
    await door.send(lines([IRRELEVANT]))
    assert (await row()).last_used_at == start + timedelta(hours=1.5)


async def test_a_use_that_cannot_be_noted_stops_nothing(door: Door) -> None:
    away: Any = Broken(door.world.store.api_keys, Unavailable("away"), before="touch_key")
    assert await Keys(away, os.urandom, door.world.clock).recognise(door.key) is not None


async def test_the_store_holds_no_key(door: Door) -> None:
    stored = str(await door.keys.find_all(TENANT))
    assert door.key not in stored
    assert door.key.split("_", 2)[2] not in stored


async def test_an_account_that_leaves_takes_nothing_more(door: Door) -> None:
    await door.world.change_account(status=AccountStatus.DISCONNECTING)
    assert (await door.send(lines([door.world.launch()])))[1]["unknown"] == 1
