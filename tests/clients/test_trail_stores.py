"""The places where files lie, and what of their errors reaches the use cases."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from clients.aws.files import own_s3, role_s3
from clients.aws.shared_client import SharedClient
from clients.aws.trail_bucket import TrailBucket
from clients.record_places import BucketPlace, FolderPlace, parse_place
from clients.trail_folder import TrailFolder
from engine.errors import AccessDenied, InvalidSetting, NotFound, Rejected, Throttled, Unavailable
from tests.services.trail_places import BucketPlace as Bucket
from tests.services.trail_places import identity

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
KEY = "AWSLogs/a.json.gz"


@asynccontextmanager
async def s3_that(answer: Answer) -> AsyncIterator[TrailBucket]:
    """A server that answers everything alike, and our client on it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield TrailBucket("trail", "", own_s3(identity(f"http://{host}:{port}"), None))
    finally:
        await runner.cleanup()


def refusing(status: int, code: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No.</Message></Error>"
        return web.Response(status=status, text=text, content_type="application/xml")

    return answer


async def read(store: TrailBucket | TrailFolder, key: str = KEY) -> bytes:
    async with store.open(key) as chunks:
        return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "AccessDenied", AccessDenied),
        (404, "NoSuchBucket", Rejected),
        (404, "NoSuchKey", NotFound),
        (400, "InvalidObjectState", Rejected),
    ],
)
async def test_what_s3_refuses_has_a_name(status: int, code: str, error: type[Exception]) -> None:
    async with s3_that(refusing(status, code)) as bucket:
        with pytest.raises(error, match=r"a\.json\.gz"):
            await read(bucket)


async def test_listing_errors_are_ours_too() -> None:
    async with s3_that(refusing(403, "AccessDenied")) as bucket:
        with pytest.raises(AccessDenied, match="Listing AWSLogs/"):
            await bucket.find_folders("AWSLogs/")
        with pytest.raises(AccessDenied, match="Listing AWSLogs/"):
            _ = [page async for page in bucket.find_files("AWSLogs/", "")]


async def test_a_store_that_asks_to_slow_down_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(*_: object) -> None:
        """No test waits for the SDK's pauses."""

    monkeypatch.setattr("aiobotocore.endpoint.asyncio.sleep", at_once)
    async with s3_that(refusing(503, "SlowDown")) as bucket:
        with pytest.raises(Throttled, match="SlowDown"):
            await read(bucket)


async def test_a_connection_that_breaks_in_the_middle_is_an_error_and_no_end() -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 500)
        assert request.transport is not None
        request.transport.close()
        return response

    async with s3_that(half) as bucket:
        with pytest.raises(Unavailable, match=r"a\.json\.gz"):
            await read(bucket)


async def test_nobody_there_is_unavailable() -> None:
    async with s3_that(refusing(403, "AccessDenied")) as bucket:
        pass
    with pytest.raises(Unavailable):
        await bucket.find_folders("AWSLogs/")


async def test_a_trail_behind_a_role_needs_its_account() -> None:
    async def none() -> None:
        return None

    roles: Any = None
    bucket = TrailBucket("trail", "", role_s3(roles, none, "111122223333"))
    with pytest.raises(AccessDenied, match="111122223333"):
        await bucket.find_folders("AWSLogs/")


async def test_a_shared_client_is_open_while_anybody_uses_it() -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def client() -> AsyncIterator[object]:
        opened.append("open")
        yield object()
        opened.append("closed")

    async def open_client() -> AbstractAsyncContextManager[Any]:
        return client()

    shared = SharedClient(open_client)
    seen = []

    async def use() -> None:
        async with shared.use("Testing") as one:
            seen.append(one)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(use() for _ in range(5)))
    assert len(set(map(id, seen))) == 1
    assert opened == ["open", "closed"]
    with pytest.raises(KeyError):
        async with shared.use("Testing"):
            raise KeyError
    assert opened == ["open", "closed"] * 2


async def test_a_client_that_is_closed_is_kept_by_nobody() -> None:
    """There is one for each service and Region, and each holds megabytes of service models."""

    class Client:
        pass

    @asynccontextmanager
    async def client() -> AsyncIterator[Client]:
        yield Client()

    async def open_client() -> AbstractAsyncContextManager[Any]:
        return client()

    shared = SharedClient(open_client)
    async with shared.use("Testing") as one:
        seen = weakref.ref(one)
        del one
    gc.collect()
    assert seen() is None


async def test_a_client_that_does_not_open_leaves_the_way_free() -> None:
    tries = []

    async def open_client() -> AbstractAsyncContextManager[Any]:
        tries.append(1)
        raise OSError("no network")

    shared = SharedClient(open_client)
    for _ in range(2):
        with pytest.raises(Unavailable, match="Testing"):
            async with shared.use("Testing"):
                pass
    assert len(tries) == 2


@pytest.mark.parametrize("key", ["../secret", "AWSLogs/../../secret", "/etc/passwd", "AWSLogs/link"])
async def test_a_folders_keys_never_lead_out_of_it(tmp_path: Path, key: str) -> None:
    root = tmp_path / "trail"
    (root / "AWSLogs").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "AWSLogs" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(Rejected, match="leads out of"):
        await read(TrailFolder(root), key)


@pytest.mark.parametrize("key", ["a\0b", "x" * 5000, "AWSLogs"])
async def test_names_no_file_can_have_are_refused(tmp_path: Path, key: str) -> None:
    (tmp_path / "AWSLogs").mkdir()
    with pytest.raises((Rejected, NotFound)):
        await read(TrailFolder(tmp_path), key)


async def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    store = TrailFolder(tmp_path / "typo")
    with pytest.raises(Rejected, match="typo"):
        await store.find_folders("AWSLogs/")
    with pytest.raises(NotFound):
        await read(store)


@given(st.sets(st.text("ab/-.0", min_size=1, max_size=8), max_size=12), st.text("ab/-.0", max_size=8))
def test_a_folder_lists_as_s3_does(tmp_path_factory: pytest.TempPathFactory, keys: set[str], after: str) -> None:
    """In the order of whole keys, from any key on, whatever characters sort around the slash."""
    root = tmp_path_factory.mktemp("trail")
    kept: set[str] = set()
    for key in sorted(keys):
        path = root / "R" / key
        plain = not {"", ".", ".."} & set(key.split("/"))
        if plain and not path.exists() and not any((root / "R" / key).is_relative_to(root / one) for one in kept):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
            kept.add(f"R/{key}")

    async def listed() -> list[str]:
        pages = TrailFolder(root).find_files("R/", f"R/{after}")
        return [file.key async for page in pages for file in page]

    assert asyncio.run(listed()) == sorted(key for key in kept if key > f"R/{after}")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bucket",
        "s3://",
        "s3://UPPER/x",
        "s3://a/b?c=d",
        "http://x/y",
        "file://host/x",
        "file:x",
        "s3://b/?account=1",
        "file://[x",
    ],
)
def test_addresses_that_lead_nowhere_say_what_to_write(address: str) -> None:
    with pytest.raises(InvalidSetting, match=r"DD0C_TRAIL_URLS: .*s3://bucket/prefix or file:///folder"):
        parse_place("DD0C_TRAIL_URLS", address)


@given(st.text(max_size=60))
def test_any_address_is_a_place_or_an_error_in_words(text: str) -> None:
    for address in (text, f"s3://{text}", f"file:///{text}"):
        try:
            place = parse_place("DD0C_ARCHIVE_URL", address)
        except InvalidSetting:
            continue
        assert isinstance(place, BucketPlace | FolderPlace)


@pytest.mark.integration
async def test_long_listings_come_in_pages_and_lose_nothing(s3_url: str) -> None:
    """S3 gives a thousand keys at most."""
    place = Bucket(s3_url, f"pages-{uuid4().hex}")
    names = [f"R/{number:04}.jsonl.gz" for number in range(1005)]
    for name in names:
        await asyncio.to_thread(place.put, name, b"x")
    pages = [[file.key for file in page] async for page in place.store.find_files("R/", names[2])]
    assert [len(page) for page in pages] == [1000, 2]
    assert [key for page in pages for key in page] == names[3:]
    assert await place.store.find_folders("") == ["R"]
