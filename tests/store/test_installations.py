"""Slack installations and installations under way."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from slack_sdk.oauth.installation_store import Installation

from clients.cipher import Cipher
from engine.errors import Conflict, Rejected
from store.connect import Store
from store.installations import Installations
from store.oauth_states import OauthStates
from tests.store.conftest import Motor
from tests.store.samples import HOUR, NOW, OTHER_TENANT, TENANT, installation, tombstone

OLD = Cipher({"v1": bytes(32)}, os.urandom)
NEW = Cipher({"v1": bytes(32), "v2": bytes(range(32))}, os.urandom)


@pytest.fixture
def installations(store: Store) -> Installations:
    return store.installations(OLD)


async def found(
    installations: Installations, enterprise_id: str | None, team_id: str | None, *, org: bool = False
) -> Installation | None:
    return await installations.async_find_installation(
        enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=org
    )


async def test_everything_comes_back(installations: Installations) -> None:
    given = installation(bot_refresh_token="xoxe-refresh", bot_token_expires_at=1_800_000_000)
    await installations.async_save(given)
    back = await found(installations, None, "T-INSTALLED")
    assert back
    assert back.to_dict() == given.to_dict()
    bot = await installations.async_find_bot(enterprise_id=None, team_id="T-INSTALLED")
    assert bot
    assert bot.to_dict() == given.to_bot().to_dict()
    of_tenant = await installations.find_bot_of(TENANT)
    assert of_tenant
    assert of_tenant.to_dict() == bot.to_dict()


@pytest.mark.integration
async def test_no_token_and_no_webhook_is_readable_in_the_database(real_store: Store, real_database: Motor) -> None:
    await real_store.installations(OLD).async_save(installation(bot_refresh_token="xoxe-secret"))
    document = await real_database.installations.find_one({})
    assert document is not None
    assert "secret" not in str(document)
    assert (document["schema_version"], document["tenant_id"]) == (1, TENANT)


@pytest.mark.integration
async def test_an_installation_whose_saving_fails_halfway_leaves_the_one_before(
    real_store: Store, real_database: Motor
) -> None:
    """Of two tokens of one tenant, it would be chance which one speaks."""
    installations = real_store.installations(OLD)
    await installations.async_save(installation(enterprise_id="E1"))
    names = {"failCommands": ["delete"], "namespace": f"{real_database.name}.installations"}
    admin = real_database.client.admin
    await admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data={**names, "errorCode": 2})
    org = installation(enterprise_id="E1", team_id=None, is_enterprise_install=True)
    with pytest.raises(Rejected):
        await installations.async_save(org)
    assert await real_database.installations.distinct("installed_by") == ["T-INSTALLED"]
    await installations.async_save(org)
    assert await real_database.installations.distinct("installed_by") == ["E1"]


async def test_a_second_installation_overlays_the_first(installations: Installations) -> None:
    await installations.async_save(installation(bot_refresh_token="xoxe-1"))
    await installations.async_save(installation(bot_token="xoxb-new", installed_at=NOW.timestamp() + 60))
    back = await found(installations, None, "T-INSTALLED")
    assert back
    assert (back.bot_token, back.bot_refresh_token) == ("xoxb-new", None)


async def test_an_organisations_is_found_for_its_workspaces_and_first(installations: Installations) -> None:
    await installations.async_save(installation(enterprise_id="E1"))
    org = installation(
        enterprise_id="E1",
        team_id=None,
        is_enterprise_install=True,
        bot_token="xoxb-org",
        custom_values={"tenant_id": OTHER_TENANT},
    )
    await installations.async_save(org)
    for enterprise_id, team_id, is_org, token in (
        ("E1", None, True, "xoxb-org"),
        ("E1", None, False, "xoxb-org"),
        ("E1", "T-ANY", False, "xoxb-org"),
        ("E1", "T-INSTALLED", False, "xoxb-org"),
        ("E2", "T-INSTALLED", False, "xoxb-secret"),
        (None, "T-INSTALLED", False, "xoxb-secret"),
    ):
        back = await found(installations, enterprise_id, team_id, org=is_org)
        assert back
        assert back.bot_token == token
    assert await found(installations, "E2", "T-INSTALLED", org=True) is None
    assert await found(installations, None, None) is None
    assert await found(installations, "", "") is None


async def test_a_workspace_belongs_to_one_tenant(installations: Installations) -> None:
    await installations.async_save(installation())
    with pytest.raises(Conflict):
        await installations.async_save(installation(custom_values={"tenant_id": OTHER_TENANT}))
    await installations.delete_of(TENANT)
    await installations.async_save(installation(custom_values={"tenant_id": OTHER_TENANT}))
    assert await installations.find_bot_of(TENANT) is None


async def test_a_rotated_token_is_kept_unless_the_app_was_installed_anew(installations: Installations) -> None:
    await installations.async_save(installation(bot_refresh_token="xoxe-1", bot_token_expires_at=100))
    bot = await installations.find_bot_of(TENANT)
    assert bot
    bot.bot_token, bot.bot_refresh_token, bot.bot_token_expires_at = "xoxb-2", "xoxe-2", 200
    await installations.async_save_bot(bot)
    kept = await found(installations, None, "T-INSTALLED")
    assert kept
    assert (kept.bot_token, kept.bot_refresh_token, kept.bot_token_expires_at) == ("xoxb-2", "xoxe-2", 200)
    assert kept.incoming_webhook_url
    await installations.async_save(installation(bot_token="xoxb-anew", installed_at=NOW.timestamp() + 1))
    await installations.async_save_bot(bot)
    newest = await installations.find_bot_of(TENANT)
    assert newest
    assert newest.bot_token == "xoxb-anew"


async def test_deleting_by_slacks_ids(installations: Installations) -> None:
    await installations.async_save(installation(enterprise_id="E1"))
    await installations.async_delete_all(enterprise_id="E1", team_id="T-OTHER")
    assert await installations.find_bot_of(TENANT)
    await installations.async_delete_all(enterprise_id="E1", team_id="T-INSTALLED")
    assert await installations.find_bot_of(TENANT) is None


async def test_tokens_go_with_their_tenant(store: Store, installations: Installations) -> None:
    await installations.async_save(installation())
    await store.leaving.delete_tenant(tombstone(account_id=""))
    assert await installations.find_bot_of(TENANT) is None


async def test_another_key_seals_everything_once(store: Store, installations: Installations) -> None:
    await installations.async_save(installation(bot_refresh_token="xoxe-1"))
    newer = store.installations(NEW)
    [(tenant_id, row)] = await newer.find_outdated()
    assert await newer.reseal(tenant_id, row)
    assert await newer.find_outdated() == []
    assert not await newer.reseal(tenant_id, row), "the row is another one by now"
    back = await store.installations(Cipher({"v2": bytes(range(32))}, os.urandom)).find_bot_of(TENANT)
    assert back
    assert (back.bot_token, back.bot_refresh_token) == ("xoxb-secret", "xoxe-1")


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = datetime(2126, 1, 1, tzinfo=UTC)  # What is past, the database removes by its own clock.

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def states(store: Store, watch: Watch) -> OauthStates:
    numbers = count()
    return store.oauth_states(lambda: f"state-{next(numbers)}", watch, timedelta(minutes=10))


async def test_a_state_is_good_once(states: OauthStates) -> None:
    first, second = await states.async_issue(), await states.async_issue()
    assert await states.async_consume(second)
    assert not await states.async_consume(second)
    assert await states.async_consume(first)


async def test_of_many_who_return_at_once_one_is_let_in(states: OauthStates) -> None:
    state = await states.async_issue()
    answers = await asyncio.gather(*(states.async_consume(state) for _ in range(20)))
    assert sorted(answers)[-2:] == [False, True]


async def test_a_state_ends_after_its_time_also_before_the_database_removes_it(
    states: OauthStates, watch: Watch
) -> None:
    state = await states.async_issue()
    watch.now += HOUR
    assert not await states.async_consume(state)


@pytest.mark.parametrize("state", ["", "state-99", "$ne", "\ud800", "x" * 10_000])
async def test_a_state_that_nobody_issued(states: OauthStates, state: str) -> None:
    await states.async_issue()
    assert not await states.async_consume(state)


@pytest.mark.integration
async def test_the_database_never_holds_the_state_itself(real_store: Store, real_database: Motor) -> None:
    state = await real_store.oauth_states(lambda: "state-1", lambda: NOW, HOUR).async_issue()
    document = await real_database.oauth_states.find_one({})
    assert document is not None
    assert state not in str(document)
    assert document["schema_version"] == 1
