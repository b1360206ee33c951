"""Somebody asks what is idle: what is old is looked at again, once an hour at most, and they are told once."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta

import pytest

from blocks.zombie_news import zombie_news
from engine.errors import AccessDenied
from engine.examples import FlatPrices
from engine.models.account import AccountStatus, AwsAccount
from engine.models.cost_event import UsageItem
from engine.models.post import Post, ZombieNews
from engine.zombies.models import Batch, Covered, Described, Scan, Trouble
from engine.zombies.report import ZombieList
from engine.zombies.thresholds import Thresholds
from services.zombie_asks import ZombieAnswers, ZombieAsking
from services.zombie_scans import ZombieScans
from services.zombies import Zombies
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.store.changing import change_account
from tests.store.samples import ACCOUNT, NOW, OTHER_TENANT, TENANT, account, tenant
from tests.store.zombie_samples import finding

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REGION, SECOND, PAUSED = "eu-west-1", "222233334444", "333344445555"


class Aws:
    """Says what each account holds, and notes who was looked at."""

    def __init__(self) -> None:
        self.volumes: dict[str, list[str]] = {}
        self.denied: set[str] = set()
        self.faulty: set[str] = set()
        self.looked: list[str] = []

    async def look(
        self,
        account: AwsAccount,
        regions: Sequence[str],  # noqa: ARG002 - the port asks for all of them
        now: datetime,  # noqa: ARG002 - the port asks for all of them
        limits: Thresholds,  # noqa: ARG002 - the port asks for all of them
    ) -> AsyncGenerator[Batch | Covered | Trouble, None]:
        self.looked.append(account.account_id)
        if account.account_id in self.denied:
            raise AccessDenied("Assuming the role: no.", code="AccessDenied")
        if account.account_id in self.faulty:
            raise RuntimeError("a fault of ours")
        there = tuple(_volume(name) for name in self.volumes.get(account.account_id, []))
        yield Batch(region=REGION, family="volumes", resources=there)
        yield Covered(REGION, "volumes")


def _volume(name: str) -> Described:
    usage = (UsageItem("ebs/gp3/gb", 1),)
    return Described(kind="volume", region=REGION, resource_id=name, known_as=("ec2", name), usage=usage)


class Place:
    """Two accounts that are watched, and one that the plan does not cover."""

    def __init__(self) -> None:
        self.store = Store(memory_database(), transactions=False)
        self.aws = Aws()
        self.now = NOW
        rows, asks = self.store.zombies, self.store.zombie_asks
        asking = ZombieAsking(rows, asks, self.clock)
        self.zombies = Zombies(self.store.accounts, rows, asking, self.clock)
        self.scans = ZombieScans(
            lookups=self.store.system,
            tenants=self.store.tenants,
            accounts=self.store.accounts,
            source=self.aws,
            rows=rows,
            prices=FlatPrices(),
            clock=self.clock,
        )
        self.answers = ZombieAnswers(
            lookups=self.store.system,
            accounts=self.store.accounts,
            scans=self.scans,
            rows=rows,
            asks=asks,
            posts=self.store.posts,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    async def ask(self, user: str = "U1", account: str = "") -> ZombieList:
        return await self.zombies.list_zombies(TENANT, account, 1, asked_by=user)

    async def turns(self, count: int = 4) -> int:
        return sum([await self.answers.answer_due() for _ in range(count)])

    async def posts(self) -> list[Post]:
        found = []
        while (claimed := await self.store.posts.claim_due(self.now, 60.0)) is not None:
            found.append(claimed[1])
        return found

    async def news(self) -> ZombieNews:
        [post] = await self.posts()
        assert isinstance(post.content, ZombieNews)
        return post.content


@pytest.fixture
async def place() -> Place:
    made = Place()
    await made.store.tenants.save_tenant(tenant())
    await made.store.accounts.insert_account(TENANT, account(name="prod"))
    await made.store.accounts.insert_account(TENANT, account(account_id=SECOND, name="data"))
    await made.store.accounts.insert_account(TENANT, account(account_id=PAUSED, name="rest", paused_at=NOW))
    return made


async def test_who_asks_gets_what_is_known_at_once_and_what_is_new_by_direct_message(place: Place) -> None:
    place.aws.volumes = {ACCOUNT: ["vol-1"], SECOND: ["vol-2"]}
    assert await place.scans.scan_due() == 2
    place.aws.volumes = {ACCOUNT: ["vol-1", "vol-3"]}
    place.now += 2 * HOUR
    shown = await place.ask()
    assert ({one.resource_id for one in shown.rows}, shown.again) == ({"vol-1", "vol-2"}, 2)
    assert await place.turns() == 1
    assert place.aws.looked == [ACCOUNT, SECOND] * 2
    [post] = await place.posts()
    assert (post.channel_id, await place.turns(), await place.posts()) == ("U1", 0, [])
    news = post.content
    assert isinstance(news, ZombieNews)
    assert (news.accounts, news.count, news.new, news.gone, news.failed) == (2, 2, 1, 1, ())
    card = str(zombie_news(news).blocks)
    for part in ("2 accounts were looked at", "2 idle resources", "New since you asked: 1", "Gone since you asked: 1"):
        assert part in card


async def test_each_account_is_looked_at_once_an_hour_whoever_asks(place: Place) -> None:
    assert (await place.ask()).again == 2
    await place.turns()
    assert len(place.aws.looked) == 2
    place.now += 59 * MINUTE
    assert (await place.ask("U2")).again == 0
    assert await place.turns() == 0
    assert len(place.aws.looked) == 2
    place.now += 2 * MINUTE
    assert (await place.ask("U2")).again == 2
    await place.turns()
    assert len(place.aws.looked) == 4


async def test_asking_again_meanwhile_is_no_second_ask_and_others_are_told_as_well(place: Place) -> None:
    for user in ("U1", "U1", "U2"):
        assert (await place.ask(user)).again == 2
        place.now += MINUTE
    assert await place.turns() == 2
    assert sorted(place.aws.looked) == sorted([ACCOUNT, SECOND])
    assert {one.channel_id for one in await place.posts()} == {"U1", "U2"}


async def test_of_one_account_only_that_is_looked_at_and_told(place: Place) -> None:
    place.aws.volumes = {ACCOUNT: ["vol-1"], SECOND: ["vol-2"]}
    assert (await place.ask(account="data")).again == 1
    await place.turns()
    assert place.aws.looked == [SECOND]
    news = await place.news()
    assert (news.account, news.accounts, news.count, news.new) == ("data", 1, 1, 1)
    assert "zombies --account data" in str(zombie_news(news).blocks)
    shown = await place.ask(account="data")
    assert [one.account_id for one in shown.scans] == [SECOND]


@pytest.mark.parametrize("fault", ["denied", "faulty"])
async def test_what_could_not_be_looked_at_is_told_and_waits_an_hour_as_well(place: Place, fault: str) -> None:
    getattr(place.aws, fault).add(ACCOUNT)
    place.aws.volumes = {SECOND: ["vol-2"]}
    await place.ask()
    assert await place.turns() == 1
    news = await place.news()
    reason = {"denied": "prod: Assuming the role: no.", "faulty": "prod: an error in dd0c/cost (RuntimeError)"}[fault]
    assert [one.startswith(reason) for one in news.failed] == [True]
    assert news.count == 1, "another account's failure hides nothing"
    assert reason in str(zombie_news(news).blocks)
    shown = await place.ask()
    assert (shown.again, place.aws.looked.count(ACCOUNT)) == (0, 1)
    [failed] = [one for one in shown.scans if one.error]
    assert (failed.account_id, failed.is_under_way, failed.ended_at) == (ACCOUNT, False, None)
    place.now += HOUR + MINUTE
    assert await place.scans.scan_due() == 0, "the daily turn tries the one that failed again, and fails"
    assert place.aws.looked.count(ACCOUNT) == 2


async def test_when_it_was_looked_at_last_stays_known_while_it_is_looked_at_again(place: Place) -> None:
    await place.scans.scan_due()
    ended = place.now
    place.now += 2 * HOUR
    begun = {"ended_before": place.now, "begun_before": place.now}
    assert await place.store.zombies.begin_scan(TENANT, ACCOUNT, place.now, **begun)
    [scan] = [one for one in await place.store.zombies.find_scans(TENANT) if one.account_id == ACCOUNT]
    assert (scan.ended_at, scan.is_under_way) == (ended, True)


async def test_a_scan_that_somebody_else_does_or_died_with_is_waited_for(place: Place) -> None:
    begun = {"ended_before": NOW, "begun_before": NOW}
    for account_id in (ACCOUNT, SECOND):
        assert await place.store.zombies.begin_scan(TENANT, account_id, NOW, **begun)
    place.now += MINUTE
    assert (await place.ask()).again == 2
    assert await place.turns() == 0
    await place.store.zombies.end_scan(TENANT, Scan(account_id=SECOND, began_at=NOW, ended_at=place.now))
    assert (await place.turns(), place.aws.looked) == (0, [])
    place.now += HOUR  # Who looked at the other has died.
    assert (await place.turns(), place.aws.looked) == (1, [ACCOUNT])
    assert (await place.news()).failed == ()


async def test_a_crash_before_it_was_forgotten_tells_nothing_twice(place: Place) -> None:
    await place.ask()
    [(_, ask)] = await place.store.system.find_zombie_asks(5)
    assert await place.turns() == 1
    assert len(await place.posts()) == 1
    await place.store.zombie_asks.insert_ask(TENANT, ask)  # As if it had died between telling and forgetting.
    assert await place.turns() == 1
    assert (await place.posts(), await place.store.system.find_zombie_asks(5)) == ([], [])


async def test_who_waits_for_ever_is_told_what_is_known(place: Place) -> None:
    await place.store.zombies.save_findings(TENANT, [finding()])
    await place.ask(account="prod")
    begun = {"ended_before": NOW, "begun_before": NOW}
    assert await place.store.zombies.begin_scan(TENANT, ACCOUNT, NOW, **begun)
    place.now += 6 * HOUR
    assert await place.turns(1) == 1
    news = await place.news()
    assert (news.count, news.failed) == (1, ("prod: no look at it has ended",))


async def test_an_account_that_left_is_not_waited_for_and_a_tenant_without_any_hears_nothing(place: Place) -> None:
    await place.ask()
    for account_id in (ACCOUNT, SECOND):
        await change_account(place.store, TENANT, account_id, status=AccountStatus.DISCONNECTING)
    assert await place.turns() == 1
    assert (place.aws.looked, await place.posts()) == ([], [])


async def test_a_program_asks_and_nobody_is_told(place: Place) -> None:
    assert set(await place.zombies.look_again(TENANT, None)) == {ACCOUNT, SECOND}
    assert await place.zombies.look_again(TENANT, SECOND) == [SECOND]
    assert await place.turns() == 1
    assert (sorted(place.aws.looked), await place.posts()) == (sorted([ACCOUNT, SECOND]), [])
    assert await place.zombies.look_again(TENANT, None) == []


async def test_another_tenants_ask_is_its_own(place: Place) -> None:
    await place.ask()
    assert await place.store.zombie_asks.find_asks(OTHER_TENANT, "U1") == []
    [one] = await place.store.zombie_asks.find_asks(TENANT, "U1")
    await place.store.zombie_asks.delete_ask(OTHER_TENANT, one.ask_id)
    assert await place.store.zombie_asks.find_asks(TENANT, "U1") == [one]
