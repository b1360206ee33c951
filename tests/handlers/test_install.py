"""Installing the app from a browser, again, and taking it out."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from blocks.welcome import CHOOSE_CHANNEL
from demo.slack_workspace import SlackWorkspace
from engine.models.account import Role, Tenant
from engine.models.session import User
from handlers.slack.scopes import OPTIONAL, REQUIRED
from handlers.web.slack_install import INSTALL, REDIRECT
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.handlers.installing import ISSUER, PUBLIC_URL, Lobby, answer, lobby, state_of, words
from tests.store.conftest import RETENTION_DAYS


async def until(place: Lobby, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10.0):
        while not holds():
            await place.slack.wait_for_change(place.slack.state.revision)


async def test_a_workspace_installs_the_app(place: Lobby) -> None:
    status, page = await place.install()
    assert status == 200
    assert "installed in acme" in page
    assert "#costs" in page
    assert "workspaces/add" not in page
    tenant = await place.tenant()
    assert (tenant.team_name, tenant.alert_channel_id, tenant.installer_user_id) == (
        "acme",
        place.channel,
        place.ann.user_id,
    )
    assert await place.token() == place.slack.bot_token
    assert "/dd0c connect" in json.dumps(await answer(place, "/dd0c help"))


async def visitor(place: Lobby, role: Role, team_id: str = "") -> str:
    """Somebody who came to the web before Slack; gives the cookie of their session."""
    at = datetime.now(UTC)
    user = User(user_id="web-1", issuer=ISSUER, subject="1", name="Ann", role=role, created_at=at)
    await place.store.tenants.save_tenant(
        Tenant(tenant_id="from-the-web", team_id=team_id, team_name="Ann", alert_channel_id="")
    )
    await place.store.users.save_user("from-the-web", user)
    return await place.sessions.begin("from-the-web", user)


async def test_who_came_to_the_web_first_keeps_their_tenant(place: Lobby) -> None:
    assert (await place.install(signed_in=await visitor(place, Role.ADMIN)))[0] == 200
    tenant = await place.tenant()
    assert (tenant.tenant_id, tenant.team_name, tenant.alert_channel_id) == ("from-the-web", "acme", place.channel)
    assert await place.token() == place.slack.bot_token


@pytest.mark.parametrize(("role", "team_id"), [(Role.RESPONDER, ""), (Role.VIEWER, ""), (Role.ADMIN, "T0ANOTHER")])
async def test_a_workspace_comes_only_to_a_tenant_that_waits_for_one_and_by_its_admin(
    place: Lobby, role: Role, team_id: str
) -> None:
    await place.install(signed_in=await visitor(place, role, team_id))
    assert (await place.tenant()).tenant_id != "from-the-web"


async def test_a_workspace_that_has_a_tenant_keeps_it(place: Lobby) -> None:
    await place.install()
    before = await place.tenant()
    await place.install(signed_in=await visitor(place, Role.ADMIN))
    assert (await place.tenant()).tenant_id == before.tenant_id


async def test_only_the_installer_is_greeted(place: Lobby) -> None:
    await place.install()
    [welcome] = place.told(place.ann.user_id)
    assert f"<#{place.channel}>" in words(place, place.ann.user_id)
    assert "/dd0c connect 123456789012" in words(place, place.ann.user_id)
    assert welcome.text
    assert place.told(place.bob.user_id) == []
    assert place.slack.messages(place.channel) == []


async def test_slack_is_asked_for_the_scopes_and_the_way_back(place: Lobby) -> None:
    there = urlsplit(await place.browser().begin())
    asked = {name: values[0] for name, values in parse_qs(there.query).items()}
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{place.slack.url}/oauth/v2/authorize"
    assert asked["scope"].split(",") == [*REQUIRED, *OPTIONAL]
    assert not asked.get("user_scope")
    assert asked["redirect_uri"] == PUBLIC_URL + REDIRECT
    assert asked["client_id"] == place.slack.oauth.client_id
    assert len(asked["state"]) >= 40


@pytest.mark.parametrize(
    ("query", "team"),
    [
        ("?team=T012AB", ["T012AB"]),
        ("?team=", None),
        ("?team=T1%26redirect_uri=https://evil.example", None),
        ("?team=T1%0d%0aSet-Cookie:x=1", None),
    ],
)
async def test_a_team_may_be_named_beforehand_and_nothing_else(place: Lobby, query: str, team: object) -> None:
    asked = parse_qs(urlsplit(await place.browser().begin(query)).query)
    assert asked.get("team") == team
    assert asked["redirect_uri"] == [PUBLIC_URL + REDIRECT]


async def test_pages_run_nothing_and_escape_what_slack_says(place: Lobby) -> None:
    place.slack.state.team_name = "<script>alert(1)</script>"
    browser = place.browser()
    there = place.slack.oauth.allow(await browser.begin(), place.ann.user_id, place.channel)
    _, page, headers = await browser.get(there)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


async def test_a_state_is_good_once(place: Lobby) -> None:
    browser = place.browser()
    begun = await browser.begin()
    cookie = browser.cookie
    status, _, _ = await browser.get(place.slack.oauth.allow(begun, place.ann.user_id, place.channel))
    assert status == 200
    assert "deleted" in browser.cookie
    browser.cookie = cookie
    status, page, _ = await browser.get(place.slack.oauth.allow(begun, place.bob.user_id, place.channel))
    assert status == 401
    assert "finished already" in page
    assert (await place.tenant()).installer_user_id == place.ann.user_id
    assert len(place.slack.calls_to("oauth.v2.access")) == 1


async def test_a_state_that_is_too_old(place: Lobby) -> None:
    browser = place.browser()
    there = place.slack.oauth.allow(await browser.begin(), place.ann.user_id, place.channel)
    [row] = await place.store._database.oauth_states.find({}).to_list(None)  # noqa: SLF001 - time passes in it alone
    await place.store._database.oauth_states.update_one(  # noqa: SLF001 - time passes in it alone
        {"_id": row["_id"]}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    )
    status, page, _ = await browser.get(there)
    assert status == 401
    assert "too long ago" in page
    assert place.slack.calls_to("oauth.v2.access") == []


async def test_another_browser_cannot_finish_it(place: Lobby) -> None:
    """Else somebody could have their own workspace installed in another's name."""
    there = place.slack.oauth.allow(await place.browser().begin(), place.ann.user_id, place.channel)
    other = place.browser()
    assert (await other.get(there))[0] == 400
    await other.begin()
    assert (await other.get(there))[0] == 400
    assert place.slack.calls_to("oauth.v2.access") == []


@pytest.mark.parametrize("state", ["", "x", "%00", "a" * 5000, "%F0%9F%92%B8"])
async def test_a_state_that_nobody_issued(place: Lobby, state: str) -> None:
    browser = place.browser()
    browser.cookie = f"__Host-slack-app-oauth-state={state}" if state.isalnum() else ""
    status, page, _ = await browser.get(f"{REDIRECT}?code=1&state={state}")
    assert status in {400, 401}
    assert "was not installed" in page


async def test_who_does_not_let_it_in_is_told_so(place: Lobby) -> None:
    status, page, _ = await place.browser().get(f"{REDIRECT}?error=access_denied")
    assert status == 200
    assert "You did not let the app in" in page
    _, page, _ = await place.browser().get(f"{REDIRECT}?error=<b>boo</b>")
    assert "boo" not in page
    assert INSTALL in page


async def test_a_code_that_slack_refuses(place: Lobby) -> None:
    browser = place.browser()
    state = state_of(await browser.begin())
    status, page, _ = await browser.get(f"{REDIRECT}?code=invented&state={state}")
    assert status == 401
    assert "Slack did not accept" in page
    state = state_of(await browser.begin())
    assert (await browser.get(f"{REDIRECT}?state={state}"))[0] == 401


async def test_with_slack_away(place: Lobby) -> None:
    place.slack.fail_next("oauth.v2.access", times=10)
    status, page = await place.install()
    assert status == 503
    assert "Try again in a minute" in page


async def test_with_the_database_away(
    place: Lobby, monkeypatch: pytest.MonkeyPatch, unavailable: Callable[..., Awaitable[None]]
) -> None:
    browser = place.browser()
    there = place.slack.oauth.allow(await browser.begin(), place.ann.user_id, place.channel)
    monkeypatch.setattr(place.store.tenants, "save_tenant", unavailable)
    status, page, _ = await browser.get(there)
    assert status == 503
    assert "Try again in a minute" in page
    assert place.told(place.ann.user_id) == []


async def test_a_welcome_that_cannot_be_sent_is_no_obstacle(place: Lobby) -> None:
    place.slack.fail_next("chat.postMessage", error="fatal_error", times=5)
    assert (await place.install())[0] == 200
    assert await place.token() == place.slack.bot_token


async def test_a_channel_where_the_bot_may_not_write_is_asked_for_an_invitation(place: Lobby) -> None:
    await place.install(without=["chat:write.public"])
    [line] = place.slack.messages(place.channel)
    assert "/invite @dd0c" in line.text
    assert len(place.told(place.ann.user_id)) == 1


async def test_a_channel_that_cannot_be_asked_is_no_obstacle(place: Lobby) -> None:
    place.slack.oauth.base_url += "/gone"
    assert (await place.install(without=["chat:write.public"]))[0] == 200
    assert place.slack.messages(place.channel) == []


async def test_installing_again_overlays_the_token_and_the_channel(place: Lobby) -> None:
    await place.install()
    first = await place.tenant()
    place.slack.revoke_token()
    other = place.slack.add_channel("alerts").channel_id
    await place.install(other)
    again = await place.tenant()
    assert (again.tenant_id, again.alert_channel_id) == (first.tenant_id, other)
    assert await place.token() == place.slack.bot_token


async def test_uninstalled_and_installed_again_it_begins_anew(place: Lobby) -> None:
    await place.install()
    first = await place.tenant()
    assert all(event.delivered for event in await place.slack.uninstall())
    assert (await place.tenant()).leaving
    assert (await place.install())[0] == 200
    second = await place.tenant()
    assert second.tenant_id != first.tenant_id
    assert not second.leaving
    assert (await place.store.tenants.find_tenant(first.tenant_id)).leaving
    assert await place.token() == place.slack.bot_token
    assert place.access.installations
    assert await place.access.installations.find_bot_of(first.tenant_id) is None


async def test_an_uninstallation_told_late_ends_no_newer_installation(place: Lobby) -> None:
    await place.install()
    now = place.slack.state.clock
    place.slack.state.clock = lambda: now() - 1800
    assert (await place.slack.send_event({"type": "app_uninstalled"})).delivered
    assert not (await place.tenant()).leaving
    place.slack.state.clock = now
    assert (await place.slack.send_event({"type": "app_uninstalled"})).delivered
    assert (await place.tenant()).leaving


async def test_the_channel_is_chosen_in_the_welcome(place: Lobby) -> None:
    await place.install()
    [welcome] = place.told(place.ann.user_id)
    other = place.slack.add_channel("alerts").channel_id
    interaction = await place.slack.select(
        place.ann.user_id, place.ann.user_id, welcome.message_ts, CHOOSE_CHANNEL, other
    )
    [said] = await interaction.wait_for_posts()
    assert f"go to <#{other}>" in said["text"]
    assert (await place.tenant()).alert_channel_id == other
    [line] = place.slack.messages(other)
    assert f"<@{place.ann.user_id}> chose this channel" in line.text


async def test_a_channel_that_takes_no_message_is_not_chosen(place: Lobby) -> None:
    await place.install()
    [welcome] = place.told(place.ann.user_id)
    private = place.slack.add_channel("secret", is_private=True, with_bot=False).channel_id
    interaction = await place.slack.select(
        place.ann.user_id, place.ann.user_id, welcome.message_ts, CHOOSE_CHANNEL, private
    )
    [said] = await interaction.wait_for_posts()
    assert "/invite @dd0c" in said["text"]
    assert (await place.tenant()).alert_channel_id == place.channel


async def test_bolt_finds_no_settings_of_its_own_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would switch its own OAuth on, with files for a store."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "from-the-environment")
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with SlackWorkspace(rate_limit=False) as slack, lobby(slack, store) as place:
        await place.install()
        assert "/dd0c connect" in json.dumps(await answer(place, "/dd0c help"))
