"""``/v1/charts/...``, as Slack fetches pictures."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import msgspec
import pytest
from aiohttp import web

from clients.charts.addresses import SignedAddresses
from clients.charts.drawing import Drawing
from engine.models.chart import Bar, Chart
from handlers.web import charts
from services.chart_pictures import ChartPictures
from tests.handlers.conftest import Office
from tests.services.world import HOUR, TENANT

CHART = Chart(title="Burnt by anomalies", by="day", bars=(Bar("Mon", 3.0),))


@pytest.fixture
async def url(office: Office) -> AsyncIterator[str]:
    world = office.world
    pictures = ChartPictures(addresses=world.charts, drawer=Drawing(), tenants=world.store.tenants, clock=world.clock)
    app = web.Application()
    charts.register(app, pictures)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def path(office: Office, tenant_id: str = TENANT, lasts: timedelta = HOUR) -> str:
    address = office.world.charts.address(tenant_id, CHART, office.world.clock() + lasts)
    return address.removeprefix("https://bot.example")


async def fetch(address: str) -> tuple[int, str, bytes]:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, answer.headers.get("Cache-Control", ""), await answer.read()


async def test_a_signed_address_gives_a_picture_that_may_be_kept(office: Office, url: str) -> None:
    status, kept, png = await fetch(url + path(office))
    assert (status, png[:4]) == (200, b"\x89PNG")
    assert "max-age" in kept


async def test_an_address_ends(office: Office, url: str) -> None:
    address = url + path(office)
    office.world.turn(2 * HOUR)
    assert (await fetch(address))[0] == 404


async def test_a_tenant_that_left_has_no_pictures_any_more(office: Office, url: str) -> None:
    tenants = office.world.store.tenants
    await tenants.save_tenant(msgspec.structs.replace(await tenants.find_tenant(TENANT), leaving=True))
    statuses = await asyncio.gather(fetch(url + path(office)), fetch(url + path(office, "nobody")))
    assert [status for status, _, _ in statuses] == [404, 404]


async def test_a_signature_counts_for_its_own_tenant_and_bot_only(office: Office, url: str) -> None:
    """Who knows one address cannot make one of it that speaks for another tenant, and no other bot's counts here."""
    ours, theirs = path(office), path(office, "another")
    (our_content, our_rest), (their_content, their_rest) = ours.split(".", 1), theirs.split(".", 1)
    swapped = (f"{their_content}.{our_rest}", f"/v1/charts/{our_content.rpartition('/')[2]}.{their_rest}")
    elsewhere = SignedAddresses("https://bot.example/v1/charts", b"another bot's secret")
    foreign = elsewhere.address(TENANT, CHART, office.world.clock() + HOUR).removeprefix("https://bot.example")
    assert (await fetch(url + ours))[0] == 200
    for address in (*swapped, foreign):
        assert (await fetch(url + address))[0] == 404, address


@pytest.mark.parametrize("token", ["x", "x.y.png", ".", "%00", "a" * 9000])
async def test_whatever_was_not_signed_is_not_found(url: str, token: str) -> None:
    assert (await fetch(f"{url}/v1/charts/{token}"))[0] in (404, 400)
