"""The Slack client on the simulated workspace."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.connect import CALL_SECONDS, identify_workspace, slack_client, slack_session
from clients.slack.errors import translated
from clients.slack.notifier import SlackNotifier
from clients.slack.spacing import ChannelSpacing
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.models import Channel
from engine.errors import AccessDenied, Rejected, Throttled, Unavailable, UpstreamError
from engine.examples import incident, launch, new_account
from tests.clients.test_aws import Timeline
from tests.services.world import TENANT

NOW = datetime(2026, 1, 5, 11, tzinfo=UTC)


@pytest.fixture
async def slack() -> AsyncIterator[SlackWorkspace]:
    async with SlackWorkspace(rate_limit=False, clock=NOW.timestamp) as workspace:
        workspace.grant_history()
        yield workspace


@pytest.fixture
def channel(slack: SlackWorkspace) -> Channel:
    slack.add_user("ann")
    return slack.add_channel("costs")


@pytest.fixture
async def client(slack: SlackWorkspace) -> AsyncIterator[AsyncWebClient]:
    async with slack_session() as session:
        yield slack_client(slack.bot_token, slack.api_url, session)


@pytest.fixture
def notifier(client: AsyncWebClient) -> SlackNotifier:
    async def client_for(_tenant_id: str) -> AsyncWebClient:
        return client

    time = Timeline()
    return SlackNotifier(client_for, ChannelSpacing(TurnsInMemory(time), time.sleep), lambda: NOW)


ANOMALY = incident(launch())
SINCE = NOW - timedelta(hours=1)


async def post(notifier: SlackNotifier, channel: Channel) -> str:
    message = await notifier.post_card(TENANT, channel.channel_id, ANOMALY, new_account(), may_repeat=False)
    return message.message_ts


def chatter(slack: SlackWorkspace, channel: Channel, count: int) -> None:
    ann = next(user for user in slack.state.users.values() if not user.is_bot)
    for number in range(count):
        slack.say(ann.user_id, channel.channel_id, f"line {number}")


async def test_a_card_is_found_through_pages_of_talk(
    notifier: SlackNotifier, slack: SlackWorkspace, channel: Channel
) -> None:
    chatter(slack, channel, 30)
    posted = await post(notifier, channel)
    chatter(slack, channel, 450)
    found = await notifier.find_card(TENANT, channel.channel_id, ANOMALY.anomaly_id, SINCE)
    assert found
    assert (found.channel_id, found.message_ts) == (channel.channel_id, posted)
    assert len(slack.calls_to("conversations.history")) == 3
    assert await notifier.find_card(TENANT, channel.channel_id, "another", SINCE) is None


async def test_too_much_talk_is_no_proof_that_the_card_is_not_there(
    notifier: SlackNotifier, slack: SlackWorkspace, channel: Channel
) -> None:
    await post(notifier, channel)
    chatter(slack, channel, 2000)
    with pytest.raises(Rejected, match="too many messages"):
        await notifier.find_card(TENANT, channel.channel_id, ANOMALY.anomaly_id, SINCE)
    assert len(slack.calls_to("conversations.history")) == 10


async def test_only_the_time_since_is_looked_at(
    notifier: SlackNotifier, slack: SlackWorkspace, channel: Channel
) -> None:
    await post(notifier, channel)
    later = NOW + timedelta(minutes=1)
    assert await notifier.find_card(TENANT, channel.channel_id, ANOMALY.anomaly_id, later) is None
    slack.grant_history(False)
    with pytest.raises(AccessDenied):
        await notifier.find_card(TENANT, channel.channel_id, ANOMALY.anomaly_id, SINCE)


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        ({"retry_after": 30}, Throttled, "ratelimited"),
        ({"status": 500}, Unavailable, "internal_error"),
        ({"error": "fatal_error"}, Unavailable, "fatal_error"),
        ({"error": "service_unavailable", "status": 503}, Unavailable, "service_unavailable"),
        ({}, Unavailable, "no_answer"),
        ({"error": "missing_scope"}, AccessDenied, "missing_scope"),
        ({"error": "channel_not_found"}, Rejected, "channel_not_found"),
        ({"error": "account_inactive"}, Rejected, "account_inactive"),
    ],
)
async def test_refusals_in_our_own_words(
    *,
    notifier: SlackNotifier,
    slack: SlackWorkspace,
    channel: Channel,
    failure: dict[str, object],
    kind: type[UpstreamError],
    code: str,
) -> None:
    slack.fail_next("chat.postMessage", **failure)  # type: ignore[arg-type] # one row of the table
    with pytest.raises(kind) as caught:
        await post(notifier, channel)
    assert caught.value.code == code
    assert caught.value.retry_after == failure.get("retry_after")
    assert channel.channel_id in str(caught.value)
    assert slack.bot_token not in str(caught.value)
    assert len(slack.calls_to("chat.postMessage")) == 1  # nothing is repeated behind the outbox's back


async def test_a_call_that_slack_does_not_answer_ends(slack: SlackWorkspace, channel: Channel) -> None:
    held = slack.hold_next("chat.postMessage")
    async with slack_session(seconds=0.1) as session:
        client = slack_client(slack.bot_token, slack.api_url, session)
        with pytest.raises(Unavailable, match="TimeoutError"):
            async with asyncio.timeout(60.0), translated("Posting"):
                await client.chat_postMessage(channel=channel.channel_id, text="a line")
    held.released.set()


async def test_no_call_takes_longer_than_fifteen_seconds() -> None:
    async with slack_session() as session:
        assert session.timeout.total == CALL_SECONDS == 15.0


async def test_whose_token_it_is(client: AsyncWebClient, slack: SlackWorkspace) -> None:
    workspace = await identify_workspace(client)
    assert (workspace.team_id, workspace.team_name) == (slack.team_id, "acme")
    slack.state.enterprise_id = "E0ACME"
    assert (await identify_workspace(client)).team_id == "E0ACME"
    slack.revoke_token("invalid_auth")
    with pytest.raises(Rejected, match="invalid_auth"):
        await identify_workspace(client)


class TurnsInMemory:
    """What MongoDB does for all processes, for one and in a time of its own."""

    def __init__(self, time: Timeline) -> None:
        self.time = time
        self.next_at: dict[tuple[str, str], float] = {}

    async def take(self, tenant_id: str, channel_id: str, interval: float, patience: float) -> float:
        free_at = max(self.time.now, self.next_at.get((tenant_id, channel_id), 0.0))
        if free_at - self.time.now <= patience:
            self.next_at[tenant_id, channel_id] = free_at + interval
        return free_at - self.time.now

    async def defer(self, tenant_id: str, channel_id: str, seconds: float) -> None:
        self.next_at[tenant_id, channel_id] = self.time.now + seconds


class TurnsAway(TurnsInMemory):
    async def take(self, *_given: object) -> float:
        raise Unavailable("MongoDB is away.")


async def test_one_message_a_second_in_a_channel() -> None:
    time = Timeline()
    spacing = ChannelSpacing(TurnsInMemory(time), time.sleep)
    turns = []
    for channel in ("C1", "C1", "C2", "C1"):
        async with spacing.turn(TENANT, channel):
            turns.append(time.now)
    assert turns == [0.0, 1.0, 1.0, 2.0]


async def test_what_slack_says_to_one_sender_holds_for_all() -> None:
    time = Timeline()
    turns = TurnsInMemory(time)
    first, second = ChannelSpacing(turns, time.sleep), ChannelSpacing(turns, time.sleep)
    with pytest.raises(Throttled):
        async with first.turn(TENANT, "C1"):
            raise Throttled("Slower.", code="ratelimited", retry_after=37)
    with pytest.raises(Throttled) as caught:
        async with second.turn(TENANT, "C1"):
            pytest.fail("nothing may be posted yet")
    assert (caught.value.code, caught.value.retry_after) == ("channel_busy", 37)
    time.now += 30
    async with second.turn(TENANT, "C1"):
        assert time.now == 37


async def test_without_a_turn_nothing_is_posted_and_nothing_in_doubt() -> None:
    time = Timeline()
    with pytest.raises(Throttled, match="MongoDB is away"):
        async with ChannelSpacing(TurnsAway(time), time.sleep).turn(TENANT, "C1"):
            pytest.fail("nothing may be posted")
