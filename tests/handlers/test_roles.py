"""Who may do what in Slack: a refusal is said to who asked, and changes nothing."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from engine.models.account import Role, Tenant
from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import Office
from tests.services.world import TENANT


async def installed_by(office: Office, user_id: str) -> Tenant:
    tenant = await office.world.store.tenants.find_tenant(TENANT)
    made = msgspec.structs.replace(tenant, installer_user_id=user_id)
    await office.world.store.tenants.save_tenant(made)
    return made


async def says(office: Office, user_id: str, line: str) -> str:
    interaction = await office.slack.run_command(user_id, office.channel, line)
    [answer] = await interaction.wait_for_posts()
    return json.dumps(answer, ensure_ascii=False)


@pytest.fixture
async def bobs(office: Office) -> Office:
    """Bob installed the app, Ann is anybody."""
    await installed_by(office, office.bob.user_id)
    return office


@pytest.mark.parametrize(
    "line",
    [
        "pause",
        "settings sensitivity low",
        "settings --account production",
        "digest off",
        "connect 444455556666",
        "disconnect 111122223333 111122223333",
        "settings role U0ANY viewer",
    ],
)
async def test_what_takes_an_admin_is_refused_to_others(bobs: Office, line: str) -> None:
    before = await bobs.world.store.tenants.find_tenant(TENANT), await bobs.world.store.accounts.find_accounts(TENANT)
    refused = await says(bobs, bobs.ann.user_id, f"/dd0c {line}")
    assert "Nothing changed" in refused
    assert "takes the role admin, and yours is responder" in refused
    assert f"Ask <@{bobs.bob.user_id}>" in refused
    after = await bobs.world.store.tenants.find_tenant(TENANT), await bobs.world.store.accounts.find_accounts(TENANT)
    assert after == before
    assert (await bobs.world.store.audit.find_chain(TENANT)).entries == ()


@pytest.mark.parametrize("line", ["status", "accounts", "settings", "settings role", "digest", "anomalies", "snoozes"])
async def test_a_viewer_may_look(bobs: Office, line: str) -> None:
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}|ann> viewer")
    assert "takes the role" not in await says(bobs, bobs.ann.user_id, f"/dd0c {line}")


@pytest.mark.parametrize("action", ["mark_expected", "not_expected", "acknowledge"])
async def test_a_viewers_click_changes_nothing(bobs: Office, action: str) -> None:
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> viewer")
    anomaly = await bobs.alert()
    interaction = await bobs.click(bobs.ann, action)
    [answer] = await interaction.wait_for_posts()
    assert "to answer a card takes the role responder, and yours is viewer" in answer["text"]
    assert answer["response_type"] == "ephemeral"
    stored = await bobs.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert stored.status is AnomalyStatus.OPEN


async def test_an_admin_sets_a_role_and_the_audit_log_says_so(bobs: Office) -> None:
    answer = await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}|ann> admin")
    assert f"<@{bobs.ann.user_id}> is now admin." in answer
    [entry] = (await bobs.world.store.audit.find_chain(TENANT)).entries
    assert (entry.action, entry.actor) == ("role.set", bobs.bob.user_id)
    assert entry.details == {"user": bobs.ann.user_id, "role": "admin", "before": "responder"}
    assert "Alerting is paused" in await says(bobs, bobs.ann.user_id, "/dd0c pause")


async def test_slacks_admins_are_admins_where_that_may_be_read(bobs: Office) -> None:
    bobs.ann.is_admin = True
    bobs.slack.state.scopes = bobs.slack.state.scopes - {"users:read"}
    assert "takes the role admin" in await says(bobs, bobs.ann.user_id, "/dd0c pause")
    bobs.slack.state.scopes = bobs.slack.state.scopes | {"users:read"}
    assert "Alerting is paused" in await says(bobs, bobs.ann.user_id, "/dd0c pause")


async def test_what_an_admin_set_outlives_a_role_in_slack(bobs: Office) -> None:
    bobs.ann.is_admin = True
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> responder")
    assert "takes the role admin" in await says(bobs, bobs.ann.user_id, "/dd0c pause")


async def test_nobody_can_lock_everybody_out(bobs: Office) -> None:
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> admin")
    assert "stays admin" in await says(bobs, bobs.ann.user_id, f"/dd0c settings role <@{bobs.bob.user_id}> viewer")
    own = await says(bobs, bobs.ann.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> viewer")
    assert "lock yourself out" in own
    assert (await bobs.world.store.tenants.find_tenant(TENANT)).roles == {bobs.ann.user_id: Role.ADMIN}


async def test_whoever_names_the_first_admin_stays_one(office: Office) -> None:
    await says(office, office.ann.user_id, f"/dd0c settings role <@{office.bob.user_id}> admin")
    assert (await office.world.store.tenants.find_tenant(TENANT)).roles == {
        office.ann.user_id: Role.ADMIN,
        office.bob.user_id: Role.ADMIN,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("@bob viewer", "is nobody I know"),
        ("<@U0BOB> owner", "is no role"),
        ("<@U0BOB> adnim", "Did you mean `admin`?"),
        ("<@U0BOB>", "admin|responder|viewer"),
        ("<@U0BOB> viewer now", "admin|responder|viewer"),
        ("$where admin", "is nobody I know"),
        ("U0.B$OB admin", "is nobody I know"),
    ],
)
async def test_words_that_name_no_role_say_how_it_is_written(bobs: Office, words: str, said: str) -> None:
    assert said in await says(bobs, bobs.bob.user_id, f"/dd0c settings role {words}")
    assert (await bobs.world.store.tenants.find_tenant(TENANT)).roles == {}


async def test_a_change_that_began_before_does_not_bring_a_role_back(bobs: Office) -> None:
    """Whoever saves the tenant read it before the role was taken away."""
    tenants = bobs.world.store.tenants
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> admin")
    old = await tenants.find_tenant(TENANT)
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> viewer")
    await tenants.save_tenant(msgspec.structs.replace(old, team_name="acme labs"))
    assert (await tenants.find_tenant(TENANT)).roles == {bobs.ann.user_id: Role.VIEWER}


async def test_two_roles_set_at_once_are_both_kept(bobs: Office) -> None:
    lines = [f"/dd0c settings role <@U0MANY{number}> viewer" for number in range(5)]
    await asyncio.gather(*(says(bobs, bobs.bob.user_id, line) for line in lines))
    assert len((await bobs.world.store.tenants.find_tenant(TENANT)).roles) == 5


async def test_a_role_holds_for_one_tenant_only(bobs: Office) -> None:
    """The same ids of people may stand for others elsewhere."""
    other: dict[str, Any] = {"tenant_id": "t-2", "team_id": "T2", "team_name": "b", "alert_channel_id": "C"}
    await bobs.world.store.tenants.save_tenant(Tenant(**other, installer_user_id="U0OTHER"))
    await says(bobs, bobs.bob.user_id, f"/dd0c settings role <@{bobs.ann.user_id}> admin")
    assert (await bobs.world.store.tenants.find_tenant("t-2")).roles == {}
