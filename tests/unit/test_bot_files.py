"""Settings to places: what is read and kept where, with whose credentials."""

from typing import Any

import pytest

from bot.files import build_archiving, build_trails
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
