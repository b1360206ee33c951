"""A digest comes once a day, at its time."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from engine.models.delivery import DeliveryState
from engine.models.post import DigestMail, Post
from engine.models.schedule import DigestRhythm, DigestSchedule
from engine.zombies.models import FindingStatus
from services.digests import Digests
from services.pausing import Pausing
from tests.services.scene import Scene, words
from tests.services.world import ACCOUNT, DAY, HOUR, MINUTE, TENANT, World, stranger
from tests.store.zombie_samples import finding, scan

SCHEDULE = DigestSchedule(at=time(9), zone="Europe/Berlin")


async def set_tenant(scene: Scene, **fields: Any) -> None:
    tenants = scene.world.store.tenants
    await tenants.save_tenant(msgspec.structs.replace(await tenants.find_tenant(TENANT), **fields))


async def at(world: World, moment: datetime) -> None:
    world.turned.now = moment.timestamp()


def morning(world: World) -> datetime:
    """Nine o'clock in Berlin, in winter, of the next day but one."""
    return (world.clock() + 2 * DAY).astimezone(UTC).replace(hour=8, minute=0, second=0, microsecond=0)


@pytest.fixture
async def winter(scene: Scene) -> datetime:
    await set_tenant(scene, digest=SCHEDULE)
    return morning(scene.world)


async def test_it_is_posted_once_a_day_at_its_time(scene: Scene, winter: datetime) -> None:
    world, posts = scene.world, scene.new_post_sender()
    await at(world, winter - 2 * HOUR)
    await world.ingest(world.launch(actor=stranger(0)))
    await at(world, winter - MINUTE)
    await world.digests.send_due()
    sent_before = await posts.deliver_due()
    await at(world, winter)
    assert await world.digests.send_due() == 1
    assert await world.digests.send_due() == 0
    await posts.deliver_due()
    card = scene.cards()[-1]
    assert "1 open" in card.text
    assert "$12" in card.text
    world.turn(DAY - MINUTE)
    assert await world.digests.send_due() == 0
    world.turn(MINUTE)
    assert await world.digests.send_due() == 1
    assert len(scene.cards()) == 1 + sent_before


async def test_a_quiet_day_is_one_line(scene: Scene, winter: datetime) -> None:
    await at(scene.world, winter)
    await scene.world.digests.send_due()
    await scene.new_post_sender().deliver_due()
    [card] = scene.cards()
    assert [block["type"] for block in card.blocks] == ["section"]
    assert "A quiet time" in words(card)


async def test_what_was_kept_silent_is_told_with_its_reason(scene: Scene, winter: datetime) -> None:
    world = scene.world
    await at(world, winter - HOUR)
    await set_tenant(scene, panic_mode=True)
    await world.ingest(world.launch(actor=stranger(0)))
    await set_tenant(scene, panic_mode=False)
    await at(world, winter)
    await world.digests.send_due()
    await scene.new_post_sender().deliver_due()
    assert "Alerting is paused." in words(scene.cards()[-1])


@pytest.mark.integration
async def test_many_processes_make_one(real_world: World) -> None:
    tenants = real_world.store.tenants
    tenant = await tenants.find_tenant(TENANT)
    await tenants.save_tenant(msgspec.structs.replace(tenant, digest=SCHEDULE, alert_channel_id="C1"))
    await at(real_world, morning(real_world))
    await asyncio.gather(*(real_world.digests.send_due() for _ in range(8)))
    claimed = [await real_world.store.posts.claim_due(real_world.clock(), 60.0) for _ in range(2)]
    assert [one is not None for one in claimed] == [True, False]


@pytest.mark.parametrize(
    "fields",
    [
        {"digest": msgspec.structs.replace(SCHEDULE, rhythm=DigestRhythm.OFF)},
        {"alert_channel_id": ""},
        {"leaving": True},
        {"panic_mode": True},
    ],
    ids=["off", "no channel", "leaving", "paused"],
)
async def test_who_wants_or_can_get_none_gets_none(scene: Scene, winter: datetime, fields: dict[str, Any]) -> None:
    await set_tenant(scene, **fields)
    await at(scene.world, winter)
    assert await scene.world.digests.send_due() == 0


async def test_after_a_pause_it_comes_late_but_not_the_next_day(scene: Scene, winter: datetime) -> None:
    world = scene.world
    await set_tenant(scene, panic_mode=True)
    for moment in (winter, winter + DAY):
        await at(world, moment)
        assert await world.digests.send_due() == 0
    await set_tenant(scene, panic_mode=False)
    await at(world, winter + DAY + HOUR)
    assert await world.digests.send_due() == 1
    assert await world.digests.send_due() == 0


def pausing(world: World) -> Pausing:
    store = world.store
    return Pausing(
        tenants=store.tenants,
        accounts=store.accounts,
        pauses=store.pauses,
        search=store.search,
        clock=world.clock,
    )


@pytest.mark.parametrize(("hours", "comes"), [(1, True), (13, False)])
async def test_what_a_pause_caught_on_its_way_comes_only_while_it_is_news(
    scene: Scene, winter: datetime, hours: int, comes: bool
) -> None:
    world = scene.world
    await at(world, winter)
    assert await world.digests.send_due() == 1
    await pausing(world).pause(TENANT, "U1")
    world.turn(hours * HOUR)
    await pausing(world).resume(TENANT, "U1")
    assert await world.digests.send_due() == comes
    await scene.new_post_sender().deliver_due()
    texts = [words(card) for card in scene.cards()]
    assert ["A quiet" in one for one in texts].count(True) == comes
    assert len(texts) == 2 + comes


@pytest.mark.parametrize(("hours", "kept"), [(1, 1), (13, 0)])
async def test_a_mail_that_a_pause_held_for_long_is_forgotten(
    scene: Scene, winter: datetime, hours: int, kept: int
) -> None:
    world = scene.world
    await at(world, winter)
    mail = DigestMail(report=await world.digests.last_day(TENANT), zone="UTC")
    now = world.clock()
    waiting = Post(
        post_id="digest/daily/x/ann@acme.example",
        content=mail,
        channel_id="ann@acme.example",
        state=DeliveryState.PENDING,
        due_at=now,
        created_at=now,
    )
    await world.store.posts.insert_post(TENANT, waiting)
    await pausing(world).pause(TENANT, "U1")
    world.turn(hours * HOUR)
    await pausing(world).resume(TENANT, "U1")
    found = await world.store.posts.find_post(TENANT, waiting.post_id)
    assert (found is not None) == kept


async def test_a_day_before_the_first_account_has_no_digest(scene: Scene) -> None:
    world = scene.world
    moment = world.clock() - timedelta(minutes=1)
    await set_tenant(scene, digest=DigestSchedule(at=moment.time()))
    assert await world.digests.send_due() == 0


async def test_a_tenant_whose_digest_fails_holds_up_no_other(
    scene: Scene, winter: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def faulty(*_given: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(Digests, "report", faulty)
    await at(scene.world, winter)
    assert await scene.world.digests.send_due() == 0
    assert "could not be made" in caplog.text


async def test_a_lost_channel_sends_it_to_who_installed_the_app(scene: Scene, winter: datetime) -> None:
    ann = scene.slack.add_user("ann")
    await scene.use_channel(scene.channel.channel_id, ann.user_id)
    await set_tenant(scene, digest=SCHEDULE)
    scene.slack.archive_channel(scene.channel.channel_id)
    await at(scene.world, winter)
    await scene.world.digests.send_due()
    await scene.new_post_sender().deliver_due()
    assert scene.cards() == []
    texts = [str(call.params["text"]) for call in scene.slack.calls_to("chat.postMessage")]
    assert [text for text in texts if "A quiet time" in text]
    assert scene.slack.calls_to("chat.postMessage")[-1].params["channel"] == ann.user_id


async def test_it_draws_what_burnt_and_where_slack_draws_nothing_it_shows_a_picture(
    scene: Scene, winter: datetime
) -> None:
    world = scene.world
    await at(world, winter - 6 * HOUR)
    await world.ingest(world.launch(actor=stranger(0)))
    await at(world, winter)
    scene.slack.fail_next("chat.postMessage", error="invalid_blocks")
    report = await world.digests.report(TENANT, winter - DAY, winter, UTC)
    assert report.chart is not None
    assert [bar.usd for bar in report.chart.bars] == [0, 0, 0, 0, 0, 0, 18.0, 18.0]
    assert report.spent_usd == pytest.approx(36.0)
    await world.digests.send_due()
    await scene.new_post_sender().deliver_due()
    card = scene.cards()[-1]
    [picture] = [block for block in card.blocks if block["type"] == "image"]
    assert picture["alt_text"].startswith("Burnt by anomalies: $36.00 in all")
    signed = world.charts.read(picture["image_url"].rpartition("/")[2])
    assert (signed.tenant_id, signed.until) == (TENANT, winter + 30 * DAY)
    assert len(scene.slack.calls_to("chat.postMessage")) == 2


async def test_where_neither_chart_nor_picture_is_taken_the_bars_are_written(scene: Scene, winter: datetime) -> None:
    world = scene.world
    await at(world, winter - 6 * HOUR)
    await world.ingest(world.launch(actor=stranger(0)))
    await at(world, winter)
    await world.digests.send_due()
    scene.slack.fail_next("chat.postMessage", error="invalid_blocks", times=2)
    await scene.new_post_sender().deliver_due()
    assert "```" in words(scene.cards()[-1])
    assert {block["type"] for block in scene.cards()[-1].blocks} <= {"header", "section", "context"}


async def test_it_watches_idle_resources_by_the_numbers_of_their_list(scene: Scene, winter: datetime) -> None:
    world = scene.world
    rows, now = world.store.zombies, winter - 2 * HOUR
    before = await world.digests.report(TENANT, winter - DAY, winter, UTC)
    assert before.zombies is None
    await rows.begin_scan(TENANT, ACCOUNT, now, ended_before=now, begun_before=now)
    await rows.end_scan(TENANT, scan(account_id=ACCOUNT, began_at=now))
    found = [
        finding(f"z-{cost}", account_id=ACCOUNT, resource_id=f"vol-{cost}", monthly_cost=float(cost))
        for cost in (1, 7, 3, 9, 5, 2)
    ]
    await rows.save_findings(TENANT, found)
    await rows.close_findings(TENANT, ["z-1"], FindingStatus.GONE, winter - 2 * DAY)
    await rows.close_findings(TENANT, ["z-2"], FindingStatus.GONE, winter - HOUR)
    await at(world, winter)
    watch = (await world.digests.report(TENANT, winter - DAY, winter, UTC)).zombies
    assert watch is not None
    listed = await world.zombies.list_zombies(TENANT, "", 1)
    assert (watch.count, watch.monthly_cost) == (4, 24.0) == (listed.totals.count, listed.totals.monthly_cost)
    assert [row.resource_id for row in watch.dearest] == ["vol-9", "vol-7", "vol-5"]
    assert (watch.gone, watch.saved_usd) == (1, 2.0)
    week = (await world.digests.report(TENANT, winter - 7 * DAY, winter, UTC)).zombies
    assert week is not None
    assert (week.gone, week.saved_usd) == (2, 3.0)
    await world.digests.send_due()
    await scene.new_post_sender().deliver_due()
    assert "Zombie watch: 4 idle resources worth $24.00 a month." in words(scene.cards()[-1])
