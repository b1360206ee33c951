"""Digests by e-mail, beside the same in Slack, through a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
import pytest

from clients.mail.poster import MailPoster
from clients.mail.server import parse_server
from clients.mail.smtp import SmtpMailer
from engine.models.account import Tenant
from engine.models.delivery import DeliveryState
from engine.models.post import Digest, DigestMail, Post
from services.digests import Digests
from services.posting import PostSender
from services.retrying import LEASE_SECONDS
from tests.fixtures.mail import PostOffice, post_office
from tests.services.scene import Scene
from tests.services.test_digests import SCHEDULE, at, morning, set_tenant
from tests.services.world import DAY, HOUR, SECOND, TENANT, World, stranger

ANN, BOB = "ann@example.com", "bob@example.com"
SENDER = "costs@example.com"
PATIENCE_SECONDS = 10.0


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


@pytest.fixture
async def winter(scene: Scene) -> datetime:
    await set_tenant(scene, digest=SCHEDULE)
    await at(scene.world, morning(scene.world))
    return scene.world.clock()


@pytest.fixture
def digests(scene: Scene) -> Digests:
    return scene.world.new_digests((ANN, BOB))


@pytest.fixture
def mails(scene: Scene, office: PostOffice) -> PostSender:
    return new_mails(scene, office)


def new_mails(scene: Scene, office: PostOffice) -> PostSender:
    mailer = SmtpMailer(parse_server(office.url), name="example.com")
    return scene.new_post_sender(MailPoster(mailer, SENDER), by_mail=True)


async def mail_to(world: World, address: str, day: datetime) -> Post:
    found = await world.store.posts.find_post(TENANT, f"digest/daily/{day:%Y-%m-%d}/{address}")
    assert found
    return found


async def test_each_reader_gets_one_and_slack_the_same(
    scene: Scene, winter: datetime, digests: Digests, mails: PostSender, office: PostOffice
) -> None:
    world = scene.world
    world.turn(-HOUR)
    await world.ingest(world.launch(actor=stranger(0)))
    world.turn(HOUR)
    assert [await digests.send_due() for _ in range(2)] == [1, 0]
    assert await mails.deliver_due() == 2
    assert sorted(office.envelopes) == [(SENDER, [ANN]), (SENDER, [BOB])]
    assert {str(mail["To"]) for mail in office.mails} == {ANN, BOB}
    await scene.new_post_sender().deliver_due()
    assert await mails.deliver_due() == 0
    assert str(office.mails[0]["Subject"]) in scene.cards()[-1].text
    slacks = await world.store.posts.find_post(TENANT, f"digest/daily/{winter:%Y-%m-%d}")
    posted = (await mail_to(world, ANN, winter)).content
    assert slacks
    assert isinstance(slacks.content, Digest)
    assert isinstance(posted, DigestMail)
    assert posted.report == slacks.content.report
    world.turn(DAY)
    await digests.send_due()
    assert await mails.deliver_due() == 2
    assert len({str(mail["Message-ID"]) for mail in office.mails}) == 4


@pytest.mark.usefixtures("winter")
async def test_many_processes_send_one_to_each(scene: Scene, digests: Digests, office: PostOffice) -> None:
    await asyncio.gather(*(digests.send_due() for _ in range(4)))
    await asyncio.gather(*(new_mails(scene, office).deliver_due() for _ in range(4)))
    assert sorted(to for _, [to] in office.envelopes) == [ANN, BOB]


async def test_a_crash_between_the_mails_and_slacks_post_makes_up_for_what_is_missing(
    scene: Scene, winter: datetime, digests: Digests, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts, insert = scene.world.store.posts, scene.world.store.posts.insert_post

    async def dies_after_one(tenant_id: str, post: Post) -> Post:
        if not post.post_id.endswith(ANN):
            raise RuntimeError("killed")
        return await insert(tenant_id, post)

    with monkeypatch.context() as patched:
        patched.setattr(posts, "insert_post", dies_after_one)
        assert await digests.send_due() == 0
    assert await digests.send_due() == 1
    assert [(await mail_to(scene.world, one, winter)).state for one in (ANN, BOB)] == [DeliveryState.PENDING] * 2


async def test_what_the_server_puts_off_comes_later_and_once(
    scene: Scene, winter: datetime, digests: Digests, mails: PostSender, office: PostOffice
) -> None:
    office.refusals = ["451 4.7.1 Greylisted, come again"] * 2
    await digests.send_due()
    await mails.deliver_due()
    assert office.mails == []
    waiting = await mail_to(scene.world, ANN, winter)
    assert (waiting.state, waiting.attempts) == (DeliveryState.PENDING, 1)
    assert "451" in waiting.error
    scene.world.turn(2 * SECOND)
    await mails.deliver_due()
    assert sorted(to for _, [to] in office.envelopes) == [ANN, BOB]
    assert all("may be a repeat" not in mail.as_string() for mail in office.mails)


async def test_what_is_refused_for_good_is_given_up_for_that_reader_alone(
    scene: Scene, winter: datetime, digests: Digests, mails: PostSender, office: PostOffice
) -> None:
    office.unknown = {ANN}
    await digests.send_due()
    await mails.deliver_due()
    dead = await mail_to(scene.world, ANN, winter)
    assert dead.state is DeliveryState.DEAD
    assert "550" in dead.error
    assert (await mail_to(scene.world, BOB, winter)).state is DeliveryState.SENT
    scene.world.turn(HOUR)
    assert await mails.deliver_due() == 0
    assert [one.kind for one in (await scene.world.reports.status(TENANT)).posts] == ["digest_mail"]


async def test_a_crash_after_the_server_took_it_sends_it_again_and_says_so(
    scene: Scene, winter: datetime, mails: PostSender, office: PostOffice
) -> None:
    office.is_mute = True
    await scene.world.new_digests((ANN,)).send_due()
    killed = asyncio.create_task(mails.deliver_due())
    await asyncio.wait_for(office.was_taken.wait(), PATIENCE_SECONDS)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    again = new_mails(scene, office)
    assert await again.deliver_due() == 0
    scene.world.turn((LEASE_SECONDS + 1) * SECOND)
    assert await again.deliver_due() == 1
    first, second = office.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert ["may be a repeat" in mail.as_string() for mail in office.mails] == [False, True]
    assert (await mail_to(scene.world, ANN, winter)).state is DeliveryState.SENT


async def test_a_line_that_breaks_leaves_a_doubt_that_the_next_try_tells(
    scene: Scene, winter: datetime, mails: PostSender, office: PostOffice
) -> None:
    office.hangs_up = True
    await scene.world.new_digests((ANN,)).send_due()
    await mails.deliver_due()
    assert (await mail_to(scene.world, ANN, winter)).state is DeliveryState.UNCERTAIN
    scene.world.turn(2 * SECOND)
    await mails.deliver_due()
    assert ["may be a repeat" in mail.as_string() for mail in office.mails] == [False, True]


async def test_a_mail_server_that_is_away_holds_up_nothing_in_slack(
    scene: Scene, winter: datetime, digests: Digests
) -> None:
    mailer = SmtpMailer(parse_server("smtp://127.0.0.1:1"), name="example.com")
    mails = scene.new_post_sender(MailPoster(mailer, SENDER), by_mail=True)
    await digests.send_due()
    await mails.deliver_due()
    waiting = await mail_to(scene.world, ANN, winter)
    assert (waiting.state, waiting.attempts) == (DeliveryState.PENDING, 1)
    assert await scene.new_post_sender().deliver_due() == 1
    assert "A quiet time" in scene.cards()[-1].text


@pytest.mark.usefixtures("winter")
async def test_several_tenants_are_mailed_nothing(
    scene: Scene, digests: Digests, mails: PostSender, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.world.store.tenants.save_tenant(
        Tenant(tenant_id="t-2", team_id="T2", team_name="other", alert_channel_id="C2")
    )
    assert await digests.send_due() == 1
    assert await mails.deliver_due() == 0
    assert "goes to Slack only" in caplog.text


@pytest.mark.usefixtures("winter")
async def test_what_pauses_news_pauses_mails(
    scene: Scene, digests: Digests, mails: PostSender, office: PostOffice
) -> None:
    await digests.send_due()
    policies = scene.world.policies
    policies.policy = msgspec.structs.replace(policies.policy, panic_mode=True)
    await mails.deliver_due()
    assert office.mails == []
