"""Tenants of installations, and of the one workspace that a bot token serves."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.members import SlackMembers
from clients.slack.messages import SlackMessages
from engine.models.account import Tenant
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
    return await made.install(
        team_id="T9",
        enterprise_id="",
        team_name="acme",
        alert_channel_id=f"C{number}",
        installer_user_id=f"U{number}",
    )


@pytest.mark.integration
async def test_who_installs_at_once_shares_a_tenant(real_world: World, scene: Scene) -> None:
    ids = count()
    tenants = await asyncio.gather(
        *(installed(workspaces(real_world.store, scene, ids), number) for number in range(5))
    )
    assert len({tenant.tenant_id for tenant in tenants}) == 1
