"""The operator hears of a breaker that opened: once, over all processes, and also when nobody listens at first."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from engine.errors import Unavailable
from engine.models.breaker import EVERYWHERE, Breaker, Scope
from services.operator_news import OperatorNews
from store.connect import Store
from tests.services.world import ACCOUNT, DAY, HOUR, MINUTE, TENANT, World

URL = "https://hooks.example.com/services/T0/B0/secret"


class Listener:
    """Takes calls, and may be away for some."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.said: list[str] = []
        self.ids: list[str] = []

    async def call(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        await asyncio.sleep(0)
        assert (url, headers["content-type"]) == (URL, "application/json")
        if self.away:
            self.away -= 1
            raise Unavailable("It answered 503.", code="503")
        self.ids.append(headers["webhook-id"])
        self.said.append(json.loads(body)["text"])


class Dying:
    """What a process leaves behind that is killed between each call and the note of it."""

    def __init__(self, store: Store) -> None:
        self.claim_untold = store.breakers.claim_untold

    async def note_told(self, breaker: Breaker, now: datetime) -> None:
        """The note is never made."""


def news(world: World, listener: Listener) -> OperatorNews:
    return OperatorNews(world.store.breakers, listener, URL, world.clock)


async def opened(store: Store, at: datetime, *scopes: Scope) -> None:
    for scope in scopes:
        await store.breakers.open(Breaker("young_creep", scope, opened_at=at, in_hour=7, allowed=3.0))


async def test_each_opening_is_told_once_with_what_to_do(world: World) -> None:
    listener = Listener()
    await opened(world.store, world.clock(), EVERYWHERE, Scope(TENANT, ACCOUNT))
    assert [await news(world, listener).tell(), await news(world, listener).tell()] == [2, 0]
    assert sorted(one.partition(" at ")[0] for one in listener.said) == [
        "dd0c/cost switched off the rule young_creep everywhere",
        f"dd0c/cost switched off the rule young_creep in account {ACCOUNT}",
    ]
    assert "7 alerts in an hour, 3.0 are allowed" in listener.said[0]
    assert "`dd0c flags replay young_creep`" in listener.said[0]


async def test_who_died_before_noting_it_tells_again_under_the_same_id(world: World) -> None:
    listener = Listener()
    await opened(world.store, world.clock(), EVERYWHERE, Scope(TENANT, ACCOUNT))
    await OperatorNews(Dying(world.store), listener, URL, world.clock).tell()
    world.turn(2 * MINUTE)
    await news(world, listener).tell()
    assert len(listener.ids) == 4
    assert len(set(listener.ids)) == 2


async def test_the_next_trip_is_news_again(world: World) -> None:
    listener, breakers = Listener(), world.store.breakers
    await opened(world.store, world.clock(), EVERYWHERE)
    await news(world, listener).tell()
    [known] = await breakers.find_breakers()
    world.turn(HOUR)
    await breakers.close(known, world.clock())
    await opened(world.store, world.clock(), EVERYWHERE)
    assert await news(world, listener).tell() == 1


async def test_who_is_away_is_told_later_but_not_for_ever(world: World, caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener(away=1)
    await opened(world.store, world.clock(), EVERYWHERE)
    assert await news(world, listener).tell() == 0
    assert "secret" not in caplog.text
    assert await news(world, listener).tell() == 0
    world.turn(2 * MINUTE)
    assert await news(world, listener).tell() == 1
    await opened(world.store, world.clock(), Scope(TENANT, ACCOUNT))
    world.turn(DAY + MINUTE)
    assert await news(world, listener).tell() == 0


async def test_what_was_reset_before_needs_no_message(world: World) -> None:
    await opened(world.store, world.clock(), EVERYWHERE)
    [known] = await world.store.breakers.find_breakers()
    await world.store.breakers.close(known, world.clock() + timedelta(seconds=1))
    assert await news(world, Listener()).tell() == 0


@pytest.mark.integration
async def test_of_many_processes_one_tells(real_world: World) -> None:
    listener = Listener()
    await opened(real_world.store, real_world.clock(), EVERYWHERE, Scope(TENANT, ACCOUNT))
    told = await asyncio.gather(*(news(real_world, listener).tell() for _ in range(8)))
    assert (sum(told), len(listener.said)) == (2, 2)
