"""An Enterprise organisation that installs the app as a whole, before or after one of its workspaces."""

import json

import msgspec

from engine.models.account import Role, Tenant
from engine.roles import role_of
from tests.handlers.installing import Lobby, answer, words


async def test_an_organisation_installs_the_app_for_all_its_workspaces(place: Lobby) -> None:
    place.slack.state.enterprise_id = "E0ACME"
    status, page = await place.install()
    assert status == 200
    assert "choose there which channel" in page.lower()
    assert f"https://app.slack.com/manage/E0ACME/integrations/profile/{place.slack.state.app_id}/workspaces/add" in page
    tenant = await place.tenant()
    assert (tenant.team_id, tenant.alert_channel_id) == ("E0ACME", "")
    assert "cards about expensive changes come here" in words(place, place.ann.user_id)
    assert "No AWS account" in json.dumps(await answer(place, "/dd0c status"))


async def install_alone(place: Lobby, team_id: str = "T0FIRST") -> Tenant:
    """A workspace of an organisation installs the app by itself."""
    place.slack.state.enterprise_id, place.slack.oauth.alone = "E0ACME", True
    place.slack.state.team_id = place.slack.state.team_name = team_id
    assert (await place.install())[0] == 200
    place.slack.oauth.alone = False
    found = await place.store.system.find_tenant_by_team(team_id)
    assert found
    return found


async def test_an_organisation_takes_over_what_its_one_workspace_has(place: Lobby) -> None:
    alone = await install_alone(place)
    status, page = await place.install()
    assert status == 200
    assert "Alerts go to the same channel as before" in page
    tenant = await place.tenant()
    assert (tenant.tenant_id, tenant.team_id, tenant.alert_channel_id) == (alone.tenant_id, "E0ACME", place.channel)
    assert await place.token() == place.slack.bot_token
    assert [row.installed_by for _, row in await place.store.system.find_all_installations()] == ["E0ACME"]
    assert await place.store.system.find_tenant_by_team("T0FIRST") is None
    assert (await place.install())[0] == 200
    assert (await place.tenant()).tenant_id == alone.tenant_id
    assert "whole organisation" not in words(place, place.ann.user_id), "who installs both is told by the welcome"


async def test_who_had_installed_the_app_for_the_workspace_is_told_and_stays_admin(place: Lobby) -> None:
    alone = await install_alone(place)
    place.ann, ann = place.bob, place.ann
    assert (await place.install())[0] == 200
    [welcome, told] = place.told(ann.user_id)
    assert f"<@{place.bob.user_id}> installed dd0c/cost for your whole organisation" in told.text
    assert "all your organisation's workspaces" in told.text
    assert "dd0c/cost is installed" in welcome.text
    tenant = await place.tenant()
    assert tenant.tenant_id == alone.tenant_id
    assert role_of(tenant, ann.user_id) is Role.ADMIN


async def test_who_takes_no_message_keeps_nobody_from_installing(place: Lobby) -> None:
    alone = await install_alone(place)
    place.ann = place.bob
    place.slack.fail_next("chat.postMessage", error="user_disabled", times=2)
    assert (await place.install())[0] == 200
    assert (await place.tenant()).tenant_id == alone.tenant_id
    assert len(place.slack.calls_to("chat.postMessage")) == 3


ADDED = {"type": "team_access_granted", "team_ids": ["T0ACME"]}


async def install_nowhere(place: Lobby) -> None:
    """An organisation installs the app, and has not added it to any workspace yet: nobody can be written to."""
    place.slack.state.enterprise_id = "E0ACME"
    place.slack.fail_next("chat.postMessage", error="team_access_not_granted")
    assert (await place.install())[0] == 200
    assert place.told(place.ann.user_id) == []


async def test_who_installed_it_is_greeted_once_when_a_workspace_has_it(place: Lobby) -> None:
    await install_nowhere(place)
    for _ in range(2):
        assert (await place.slack.send_event(ADDED)).attempts[-1].status == 200
    assert len(place.told(place.ann.user_id)) == 1
    assert "Connect your first AWS account" in words(place, place.ann.user_id)


async def test_a_greeting_that_was_sent_is_not_sent_again_when_a_workspace_is_added(place: Lobby) -> None:
    place.slack.state.enterprise_id = "E0ACME"
    assert (await place.install())[0] == 200
    await place.slack.send_event(ADDED)
    assert len(place.told(place.ann.user_id)) == 1


async def test_a_workspace_where_the_installer_is_not_leaves_the_greeting_to_the_next(place: Lobby) -> None:
    await install_nowhere(place)
    place.slack.fail_next("chat.postMessage", error="team_access_not_granted")
    assert (await place.slack.send_event(ADDED)).attempts[-1].status == 200
    assert place.told(place.ann.user_id) == []
    await place.slack.send_event(ADDED)
    assert len(place.told(place.ann.user_id)) == 1


async def test_slack_is_asked_to_tell_again_of_an_addition_while_it_takes_no_message(place: Lobby) -> None:
    await install_nowhere(place)
    place.slack.fail_next("chat.postMessage", status=503)
    assert (await place.slack.send_event(ADDED)).attempts[-1].status == 503
    assert (await place.slack.send_event(ADDED)).attempts[-1].status == 200
    assert len(place.told(place.ann.user_id)) == 1


async def test_an_organisation_that_never_installed_the_app_adds_nothing(place: Lobby) -> None:
    place.slack.state.enterprise_id = "E0STRANGER"
    assert (await place.slack.send_event(ADDED)).attempts[-1].status == 200


async def test_an_organisation_takes_over_nothing_where_several_workspaces_have_something(place: Lobby) -> None:
    first, second = await install_alone(place), await install_alone(place, "T0SECOND")
    status, page = await place.install()
    assert status == 409
    assert "T0FIRST, T0SECOND" in page
    assert "deletes what it knows there" in page
    assert await place.store.tenants.find_tenant(first.tenant_id) == first
    await place.store.tenants.save_tenant(msgspec.structs.replace(second, leaving=True))
    assert (await place.install())[0] == 200
    assert (await place.tenant()).tenant_id == first.tenant_id


async def test_an_organisation_takes_over_nothing_of_another_ones_workspace(place: Lobby) -> None:
    alone = await install_alone(place)
    place.slack.state.enterprise_id = "E0OTHER"
    assert (await place.install())[0] == 200
    assert (await place.tenant()).tenant_id != alone.tenant_id


async def taken_over(place: Lobby, refusal: str = "") -> bool:
    """Let an organisation install the app that its workspace has left, which Slack tells or refuses to tell; gives
    whether it got the workspace's tenant."""
    alone = await install_alone(place)
    place.slack.state.enterprise_id = "E0ELSEWHERE"
    if refusal:
        place.slack.fail_next("auth.test", error=refusal)
    installed = await place.workspaces.install(
        team_id="E0ACME",
        enterprise_id="E0ACME",
        team_name="acme",
        alert_channel_id="",
        installer_user_id=place.bob.user_id,
    )
    return installed.tenant.tenant_id == alone.tenant_id


async def test_an_organisation_takes_over_nothing_of_a_workspace_that_left_it(place: Lobby) -> None:
    """Only Slack knows: what the bot noted when the workspace installed the app is long past."""
    assert not await taken_over(place)


async def test_a_token_that_slack_knows_no_more_keeps_nothing_from_being_taken_over(place: Lobby) -> None:
    assert await taken_over(place, "token_revoked")


async def test_the_audit_log_says_who_took_a_tenant_over(place: Lobby) -> None:
    alone = await install_alone(place)
    await place.install()
    await place.install()
    [entry] = (await place.store.audit.find_chain(alone.tenant_id)).entries
    assert (entry.action, entry.actor) == ("tenant.taken_over", place.ann.user_id)
    assert entry.details == {"workspace": "T0FIRST", "organisation": "E0ACME"}


async def test_an_organisation_that_lets_the_app_go_leaves(place: Lobby) -> None:
    place.slack.state.enterprise_id = "E0ACME"
    await place.install()
    assert all(event.delivered for event in await place.slack.uninstall())
    assert (await place.tenant()).leaving


async def test_a_workspace_of_an_organisation_that_has_the_app_is_sent_to_its_admins(place: Lobby) -> None:
    place.slack.state.enterprise_id = "E0ACME"
    await place.install()
    place.slack.oauth.alone = True
    status, page = await place.install()
    assert status == 409
    assert "Ask its admins" in page
