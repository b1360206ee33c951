"""Little that becomes much: packed data that unpacks to gigabytes, and JSON that nests or counts without end."""

import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from engine.cloudtrail.split import Malformed, split_records
from services.keys import Keys
from services.trail_splitting import FileSplitter
from tests.handlers.site.house import House
from tests.security.asking import SLACK, Caller, caller_of, changing, slack_headers
from tests.security.conftest import SIGNING_SECRET
from tests.store.samples import ACCOUNT

MEGABYTE = 1 << 20
LARGEST = 24 * MEGABYTE
MOST_MEMORY = 12 * MEGABYTE
DEEP = 4_000
JSON_BOMBS = {
    "nested lists": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "never closed": b'{"Records":[' + b"[" * DEEP,
    "a long number": b'{"Records":[{"eventVersion":' + b"9" * DEEP + b"}]}",
    "a large exponent": b'{"Records":[{"eventVersion":1e' + b"9" * 400 + b"}]}",
    "nothing, very often": b'{"Records":[' + b"{}," * DEEP + b"{}]}",
    "many keys": b"{" + b",".join(b'"%d":0' % number for number in range(DEEP)) + b"}",
    "the same key": b"{" + b'"Records":[],' * DEEP + b'"Records":[]}',
}


async def pieces_of(packed: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(packed), 1 << 16):
        yield packed[start : start + (1 << 16)]


async def split(packed: bytes) -> tuple[FileSplitter, int]:
    """Read it as a trail's file; gives how much memory that took at most, in bytes."""
    splitter = FileSplitter(ACCOUNT, with_rest=True, largest=LARGEST)
    tracemalloc.start()
    try:
        async for _ in splitter.parts(pieces_of(packed)):
            pass
        return splitter, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "unit", [b"\x00", b" ", b"[", b'{"Records":[{"a":"' + b"x" * 1000], ids=["zeros", "spaces", "brackets", "records"]
)
async def test_a_packed_bomb_in_a_trail_ends_early_and_takes_little_memory(unit: bytes) -> None:
    packed = gzip.compress(unit * (LARGEST // len(unit) + 1000), compresslevel=1)
    assert len(packed) < MEGABYTE
    splitter, memory = await split(packed)
    assert splitter.report.read == 0
    assert splitter.report.damaged
    assert splitter.report.problem
    assert memory < MOST_MEMORY


async def test_packed_in_packed_is_not_unpacked_twice() -> None:
    inner = gzip.compress(json.dumps({"Records": [{"eventVersion": "1.08"}]}).encode())
    splitter, _ = await split(gzip.compress(inner))
    assert (splitter.report.read, splitter.report.kept) == (0, 0)
    assert splitter.report.malformed


@pytest.mark.parametrize("bomb", JSON_BOMBS.values(), ids=JSON_BOMBS)
async def test_a_json_bomb_in_a_trail_keeps_nothing_and_takes_little_memory(bomb: bytes) -> None:
    splitter, memory = await split(gzip.compress(bomb))
    assert splitter.report.kept == 0
    assert memory < MOST_MEMORY + 20 * len(bomb)
    assert all(isinstance(one, Malformed | bytes) for one in split_records(iter([bomb])))


@pytest.fixture
async def caller(whole: House) -> Caller:
    random = iter(range(1, 100))
    return await caller_of(
        whole, Keys(whole.store.api_keys, lambda size: next(random).to_bytes(size), lambda: datetime.now(UTC))
    )


async def test_no_route_fails_on_a_json_bomb(whole: House, caller: Caller) -> None:
    """By whoever may send: everything that takes a body says what is wrong, or takes nothing of it."""
    for method, path in changing(whole):
        for name, bomb in JSON_BOMBS.items():
            headers = {**caller.key, "Content-Type": "application/json"}
            body = bomb
            if path.startswith(SLACK):
                body = b"payload=" + bomb
                headers = slack_headers(SIGNING_SECRET, body)
            status, _, said = await caller.ask(method, path, headers, data=body)
            assert status < 500, f"{method} {path} {name} {status} {said[:300]}"
