"""Tenants of installations, and of the one workspace that a bot token serves."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.members import SlackMembers
from clients.slack.messages import SlackMessages
from engine.models.account import Role, Tenant
from engine.models.audit import AuditAction, AuditRecord
from engine.roles import role_of
from services.workspaces import Workspaces
from store.connect import Store
from tests.services.scene import Scene
from tests.services.world import World


def workspaces(store: Store, scene: Scene, ids: Iterator[int]) -> Workspaces:
    async def client_for(_tenant_id: str) -> AsyncWebClient:
        return scene.client

    return Workspaces(
        tenants=store.tenants,
        lookups=store.system,
        tokens=None,
        messages=SlackMessages(client_for),
        members=SlackMembers(client_for),
        new_id=lambda: f"new-{next(ids)}",
        clock=scene.world.clock,
    )


@pytest.fixture
def made(scene: Scene) -> Workspaces:
    return workspaces(scene.world.store, scene, count())


async def test_the_admin_of_a_single_workspace_is_greeted_once(scene: Scene, made: Workspaces) -> None:
    ann = scene.slack.add_user("ann").user_id
    for _ in range(3):
        tenant = await made.adopt(team_id="T9", team_name="acme", alert_channel_id="", admin_user_id=ann)
    assert (tenant.installer_user_id, tenant.alert_channel_id) == (ann, "")
    assert len(scene.slack.messages(ann)) == 1


async def test_a_channel_chosen_in_slack_stays_unless_the_settings_name_one(scene: Scene, made: Workspaces) -> None:
    ann = scene.slack.add_user("ann").user_id
    tenant = await made.adopt(team_id="T9", team_name="acme", alert_channel_id="", admin_user_id=ann)
    chosen = scene.channel.channel_id
    await made.choose_channel(tenant.tenant_id, chosen, ann)
    again = await made.adopt(team_id="T9", team_name="acme", alert_channel_id="", admin_user_id=ann)
    assert again.alert_channel_id == chosen
    named = await made.adopt(team_id="T9", team_name="acme", alert_channel_id="C-SET", admin_user_id=ann)
    assert named.alert_channel_id == "C-SET"


async def installed(made: Workspaces, number: int = 0) -> Tenant:
    made_now = await made.install(
        team_id="T9",
        enterprise_id="",
        team_name="acme",
        alert_channel_id=f"C{number}",
        installer_user_id=f"U{number}",
    )
    return made_now.tenant


async def test_who_installed_the_app_stays_admin_when_a_colleague_does_it_again(scene: Scene, made: Workspaces) -> None:
    tenants = scene.world.store.tenants
    first = await installed(made, 1)
    again = await tenants.find_tenant((await installed(made, 2)).tenant_id)
    assert again.tenant_id == first.tenant_id
    assert [role_of(again, user_id) for user_id in ("U1", "U2", "U3")] == [Role.ADMIN, Role.ADMIN, Role.RESPONDER]
    await installed(made, 2)
    [entry] = (await scene.world.store.audit.find_chain(first.tenant_id)).entries
    assert (entry.action, entry.actor, entry.details["user"]) == (AuditAction.ROLE_SET, "U2", "U1")


async def test_a_role_that_was_set_stays_when_a_colleague_installs_the_app(scene: Scene, made: Workspaces) -> None:
    tenants = scene.world.store.tenants
    tenant_id = (await installed(made, 1)).tenant_id
    record = AuditRecord(at=scene.world.clock(), action=AuditAction.ROLE_SET, actor="U1")
    await tenants.save_roles(tenant_id, {"U1": Role.VIEWER}, record)
    await installed(made, 2)
    assert role_of(await tenants.find_tenant(tenant_id), "U1") is Role.VIEWER


@pytest.mark.integration
async def test_who_installs_at_once_shares_a_tenant(real_world: World, scene: Scene) -> None:
    ids = count()
    tenants = await asyncio.gather(
        *(installed(workspaces(real_world.store, scene, ids), number) for number in range(5))
    )
    assert len({tenant.tenant_id for tenant in tenants}) == 1
