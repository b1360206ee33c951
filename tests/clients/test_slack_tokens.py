"""Tokens that end, on the simulated workspace and a real database, whose clock the leases go by."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from clients.cipher import Cipher
from clients.slack.authorize import InstalledTokens
from clients.slack.connect import slack_client
from clients.slack.messages import SlackMessages
from clients.slack.tokens import RotatingTokens
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.oauth import ROTATION_SECONDS
from engine.errors import Rejected, Unavailable
from engine.models.account import Tenant
from store.connect import Store
from store.installations import Installations
from tests.store.conftest import fresh_database
from tests.store.samples import OTHER_TENANT, TENANT, installation

NOW = datetime(2026, 1, 5, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Desk:
    """Tokens of tenants, at a time that a test sets."""

    def __init__(self, store: Store, slack: SlackWorkspace, session: aiohttp.ClientSession) -> None:
        self.store = store
        self.slack = slack
        self.session = session
        self.now = NOW
        self.pauses = 0
        slack.oauth.rotates = True
        self.installations: Installations = store.installations(Cipher({"v1": bytes(32)}, os.urandom))

    def tokens(self, holder: str = "process-1") -> RotatingTokens:
        return RotatingTokens(
            installations=self.installations,
            leases=self.store.leases,
            exchange=slack_client(None, self.slack.api_url, self.session),
            client_id=self.slack.oauth.client_id,
            client_secret=self.slack.oauth.client_secret,
            clock=lambda: self.now,
            holder=holder,
            sleep=self._sleep,
        )

    async def _sleep(self, _seconds: float) -> None:
        self.pauses += 1
        await asyncio.sleep(0)

    async def install(self) -> Bot:
        """Let somebody install the app; the token ends in twelve hours."""
        ann, channel = self.slack.add_user("ann"), self.slack.add_channel("costs")
        address = f"https://x/?client_id={self.slack.oauth.client_id}&scope=chat:write&redirect_uri=https://y"
        code = self.slack.oauth.allow(address, ann.user_id, channel.channel_id).partition("code=")[2].partition("&")[0]
        answer = await slack_client(None, self.slack.api_url, self.session).oauth_v2_access(
            client_id=self.slack.oauth.client_id, client_secret=self.slack.oauth.client_secret, code=code
        )
        given = installation(
            bot_token=answer["access_token"],
            bot_refresh_token=answer["refresh_token"],
            bot_token_expires_at=int(NOW.timestamp()) + ROTATION_SECONDS,
        )
        await self.installations.async_save(given)
        return given.to_bot()

    def exchanges(self) -> int:
        return len([call for call in self.slack.calls_to("oauth.v2.access") if "refresh_token" in call.params])


@pytest.fixture
async def desk(mongod_uri: str) -> AsyncIterator[Desk]:
    async with (
        fresh_database(mongod_uri) as database,
        SlackWorkspace(rate_limit=False, clock=NOW.timestamp) as slack,
        aiohttp.ClientSession() as session,
    ):
        store = Store(database)
        await store.ensure_indexes()
        yield Desk(store, slack, session)


pytestmark = pytest.mark.integration


async def test_a_token_is_used_until_two_hours_before_its_end(desk: Desk) -> None:
    first = await desk.install()
    desk.now += 9 * HOUR
    assert (await desk.tokens().find(TENANT)).bot_token == first.bot_token
    desk.now += 2 * HOUR
    second = await desk.tokens().find(TENANT)
    assert second.bot_token == desk.slack.bot_token != first.bot_token
    assert second.bot_token_expires_at == int(desk.now.timestamp()) + ROTATION_SECONDS
    assert (await desk.tokens().find(TENANT)).bot_token == second.bot_token
    assert desk.exchanges() == 1


async def test_of_many_processes_one_exchanges_it(desk: Desk) -> None:
    await desk.install()
    desk.now += 13 * HOUR
    found = await asyncio.gather(*(desk.tokens(f"process-{number}").find(TENANT) for number in range(5)))
    assert {bot.bot_token for bot in found} == {desk.slack.bot_token}
    assert desk.exchanges() == 1


async def test_while_another_exchanges_it_the_old_one_serves(desk: Desk) -> None:
    first = await desk.install()
    desk.now += 11 * HOUR
    lease = await desk.store.leases.acquire(f"slack_token:{TENANT}", "other", 60.0)
    assert lease
    assert (await desk.tokens().find(TENANT)).bot_token == first.bot_token
    assert desk.pauses == 0
    desk.now += 2 * HOUR
    with pytest.raises(Unavailable, match="still exchanging"):
        await desk.tokens().find(TENANT)
    assert desk.pauses == 20
    assert desk.exchanges() == 0


async def test_with_slack_away_the_old_one_serves_as_long_as_it_works(desk: Desk) -> None:
    first = await desk.install()
    desk.now += 11 * HOUR
    desk.slack.fail_next("oauth.v2.access", status=503)
    assert (await desk.tokens().find(TENANT)).bot_token == first.bot_token
    desk.now += 2 * HOUR
    desk.slack.fail_next("oauth.v2.access", status=503)
    with pytest.raises(Unavailable):
        await desk.tokens().find(TENANT)
    assert (await desk.tokens().find(TENANT)).bot_token == desk.slack.bot_token


async def test_a_refresh_token_that_slack_no_longer_takes(desk: Desk) -> None:
    await desk.install()
    desk.now += 13 * HOUR
    desk.slack.fail_next("oauth.v2.access", error="invalid_refresh_token")
    with pytest.raises(Rejected, match="invalid_refresh_token"):
        await desk.tokens().find(TENANT)


async def test_where_the_app_is_not_installed(desk: Desk) -> None:
    with pytest.raises(Rejected, match="not installed") as caught:
        await desk.tokens().find(TENANT)
    assert caught.value.code == "not_installed"


async def test_tenants_with_the_same_channel_ids_are_kept_apart(desk: Desk) -> None:
    """Ids are Slack's, and two workspaces may well have the same ones in a test of ours, or in a Slack of their own."""
    async with SlackWorkspace(rate_limit=False) as other:
        other.state.team_id = "T0OTHER"
        workspaces = {TENANT: desk.slack, OTHER_TENANT: other}
        people = {tenant_id: slack.add_user("ann") for tenant_id, slack in workspaces.items()}
        channels = {tenant_id: slack.add_channel("costs") for tenant_id, slack in workspaces.items()}
        assert len({channel.channel_id for channel in channels.values()}) == 1
        for tenant_id, slack in workspaces.items():
            given = installation(
                team_id=slack.team_id, bot_token=slack.bot_token, custom_values={"tenant_id": tenant_id}
            )
            await desk.installations.async_save(given)
        by_token = {slack.bot_token: slack.api_url for slack in workspaces.values()}
        tokens = desk.tokens()

        async def client_for(tenant_id: str) -> AsyncWebClient:
            token = (await tokens.find(tenant_id)).bot_token
            return slack_client(token, by_token[token], desk.session)

        messages = SlackMessages(client_for)
        channel_id = channels[TENANT].channel_id
        await messages.try_channel(OTHER_TENANT, channel_id, people[OTHER_TENANT].user_id)
        await messages.welcome(_tenant(OTHER_TENANT, people[OTHER_TENANT].user_id, channel_id))
        assert len(other.messages(channel_id)) == len(other.messages(people[OTHER_TENANT].user_id)) == 1
        assert desk.slack.calls_to("chat.postMessage") == []


def _tenant(tenant_id: str, user_id: str, channel_id: str) -> Tenant:
    return Tenant(
        tenant_id=tenant_id, team_id="T", team_name="b", alert_channel_id=channel_id, installer_user_id=user_id
    )


class Watch:
    """A monotonic clock and a count of look-ups."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asked = 0
        self.away = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def find(self, _enterprise_id: str | None, team_id: str | None) -> Bot | None:
        self.asked += 1
        found = installation(bot_token=f"xoxb-{self.asked}").to_bot() if team_id == "T1" else None
        await self.answers.wait()
        if self.away:
            raise Unavailable("MongoDB did not answer.")
        return found


async def token_of(authorize: InstalledTokens, team_id: str) -> str | None:
    result = await authorize(context=AsyncBoltContext(), enterprise_id=None, team_id=team_id, user_id="U1")
    assert result.team_id == team_id
    return result.bot_token


async def test_authorising_remembers_for_some_seconds() -> None:
    watch = Watch()
    authorize = InstalledTokens(watch.find, lambda: watch.seconds)
    assert [await token_of(authorize, "T1") for _ in range(5)] == ["xoxb-1"] * 5
    watch.seconds = 21.0
    assert await token_of(authorize, "T1") == "xoxb-2"


async def test_who_is_unknown_is_let_through_without_a_token_and_asked_for_each_time() -> None:
    watch = Watch()
    authorize = InstalledTokens(watch.find, lambda: watch.seconds)
    assert [await token_of(authorize, "T9") for _ in range(2)] == [None, None]
    assert watch.asked == 2


async def test_with_the_database_away_what_is_remembered_serves() -> None:
    watch = Watch()
    authorize = InstalledTokens(watch.find, lambda: watch.seconds)
    await token_of(authorize, "T1")
    watch.seconds, watch.away = 3600.0, True
    assert await token_of(authorize, "T1") == "xoxb-1"
    assert await token_of(InstalledTokens(watch.find, lambda: 0.0), "T1") is None


async def test_a_database_that_hangs_keeps_no_acknowledgement_waiting() -> None:
    watch = Watch()
    authorize = InstalledTokens(watch.find, lambda: watch.seconds, patience_seconds=0.01)
    assert await token_of(authorize, "T1") == "xoxb-1"
    watch.seconds = 21.0
    watch.answers.clear()
    async with asyncio.timeout(10):
        assert await token_of(authorize, "T1") == "xoxb-1"
        assert await token_of(authorize, "T2") is None
    watch.answers.set()
    async with asyncio.timeout(10):
        while await token_of(authorize, "T1") != "xoxb-2":  # noqa: ASYNC110 - that it is remembered, nothing tells
            await asyncio.sleep(0)
    assert watch.asked == 3  # What was begun went on, and counts.


@pytest.mark.parametrize("gives_up", [False, True])
async def test_those_who_ask_at_one_moment_are_looked_up_once_whoever_gives_up(*, gives_up: bool) -> None:
    watch = Watch()
    watch.answers.clear()
    authorize = InstalledTokens(watch.find, lambda: watch.seconds, patience_seconds=60)
    asking = [asyncio.create_task(token_of(authorize, "T1")) for _ in range(9)]
    await asyncio.sleep(0)
    if gives_up:
        asking.pop(0).cancel()
    watch.answers.set()
    async with asyncio.timeout(10):
        assert set(await asyncio.gather(*asking)) == {"xoxb-1"}
    assert watch.asked == 1
