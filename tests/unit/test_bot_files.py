"""Settings to places: what is read and kept where, with whose credentials."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.files import build_archiving, build_trails
from bot.setting_faults import explain
from bot.settings import CoreSettings
from engine.errors import InvalidSetting
from services.archiving import Archiving
from store.connect import Store
from tests.fixtures.memory import memory_database

QUEUE: Any = None


def settings(**given: Any) -> CoreSettings:
    return CoreSettings(_env_file=None, **given)  # type: ignore[call-arg] # pydantic's own parameter


@pytest.fixture
def store() -> Store:
    return Store(memory_database(), transactions=False)


async def test_without_settings_nothing_is_read_and_nothing_kept(store: Store) -> None:
    trails = build_trails(settings(), store, QUEUE, build_archiving(settings()))
    assert build_archiving(settings()) is None
    await trails.listing.read_trails()
    await trails.notices.read_notices()
    assert trails.seconds == 60.0


async def test_beside_a_queue_trails_are_listed_seldom(store: Store) -> None:
    given = settings(DD0C_TRAIL_URLS="s3://trail", DD0C_TRAIL_QUEUE_URL="https://sqs.us-east-1.amazonaws.com/1/new")
    assert build_trails(given, store, QUEUE, None).seconds == 1800.0


async def test_a_customers_bucket_opens_with_the_role_of_the_account_that_is_named(store: Store) -> None:
    await store.ensure_indexes()
    given = settings(DD0C_TRAIL_URLS=" s3://trail/logs?account=111122223333 , ")
    await build_trails(given, store, QUEUE, None).listing.read_trails()
    [row] = await store.trails.find_rows("s3://trail/logs?account=111122223333")
    assert "111122223333 is to open its trail, but it is not connected" in row.error


@pytest.mark.parametrize("url", ["s3://kept/here", "file:///kept/here"])
def test_an_archive_may_be_a_bucket_or_a_folder(url: str) -> None:
    assert isinstance(build_archiving(settings(DD0C_ARCHIVE_URL=url)), Archiving)


def test_an_address_that_is_none_is_named(store: Store) -> None:
    with pytest.raises(InvalidSetting, match="DD0C_TRAIL_URLS: 'trail'"):
        build_trails(settings(DD0C_TRAIL_URLS="s3://trail,trail"), store, QUEUE, None)
    with pytest.raises(InvalidSetting, match="DD0C_ARCHIVE_URL"):
        build_archiving(settings(DD0C_ARCHIVE_URL="kept"))


class Cupboard:
    """A store that notes who asks; it is empty, and takes everything."""

    def __init__(self) -> None:
        self.url = ""
        self.users: set[str] = set()

    async def answer(self, request: web.Request) -> web.Response:
        self.users.add(request.headers["Authorization"].partition("Credential=")[2].partition("/")[0])
        return web.Response(text="<ListBucketResult/>", content_type="application/xml")


@pytest.fixture
async def cupboard() -> AsyncIterator[Cupboard]:
    made, app = Cupboard(), web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


OWN = {"AWS_ACCESS_KEY_ID": "AKIAOFTHEBOT", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}
OF_THE_STORE = {"DD0C_STORE_ACCESS_KEY_ID": "minio-user", "DD0C_STORE_SECRET_ACCESS_KEY": "z"}


@pytest.mark.parametrize(("more", "user"), [({}, "AKIAOFTHEBOT"), (OF_THE_STORE, "minio-user")])
@pytest.mark.parametrize("is_aws", [False, True])
async def test_another_store_has_a_user_of_its_own(
    store: Store, cupboard: Cupboard, more: dict[str, str], user: str, *, is_aws: bool
) -> None:
    """At AWS itself, which stands here for an endpoint that is not named, the bot is who it is."""
    where = ["AWS_ENDPOINT_URL"] if is_aws else ["DD0C_TRAIL_ENDPOINT_URL", "DD0C_ARCHIVE_ENDPOINT_URL"]
    places = {"DD0C_TRAIL_URLS": "s3://trail", "DD0C_ARCHIVE_URL": "s3://kept"}
    given = settings(**OWN, **more, **places, **dict.fromkeys(where, cupboard.url))
    archiving = build_archiving(given)
    assert archiving is not None
    await archiving.append("t-1", "111122223333", [b"{}"])
    await build_trails(given, store, QUEUE, None).listing.read_trails()
    assert cupboard.users == {"AKIAOFTHEBOT" if is_aws else user}


@pytest.mark.parametrize("half", OF_THE_STORE)
def test_half_a_key_is_named(half: str) -> None:
    [other] = OF_THE_STORE.keys() - {half}
    with pytest.raises(ValidationError) as caught:
        settings(**{half: OF_THE_STORE[half]})
    assert f"{other} is not set" in explain(caught.value)
