"""An Enterprise organisation that installed the bot as a whole: its payloads name no team."""

import json

import pytest

from engine.models.account import Tenant
from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import Office
from tests.services.world import TENANT

ORGANISATION = "E0ACME"


@pytest.fixture
async def org(office: Office) -> Office:
    """The office's workspace is one of an organisation, and the tenant is the organisation's."""
    office.slack.state.enterprise_id = ORGANISATION
    await office.world.store.tenants.save_tenant(
        Tenant(tenant_id=TENANT, team_id=ORGANISATION, team_name="acme", alert_channel_id=office.channel)
    )
    return office


async def test_a_command_reaches_the_organisations_tenant(org: Office) -> None:
    assert "production" in json.dumps(await org.type("/dd0c status"))


async def test_a_click_without_a_team_reaches_the_organisations_tenant(org: Office) -> None:
    anomaly = await org.alert()
    interaction = await org.click(org.ann, "mark_expected")
    assert interaction.ack.status == 200
    await org.until(lambda: "marked this expected" in json.dumps(org.card().blocks))
    stored = await org.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert stored.status is AnomalyStatus.EXPECTED


async def test_people_may_be_named_by_the_organisation(org: Office) -> None:
    await org.alert()
    org.ann.team_id = ORGANISATION
    await org.click(org.ann, "acknowledge")
    await org.until(lambda: "acknowledged this" in json.dumps(org.card().blocks))


async def test_a_workspace_joins_the_tenant_of_its_organisation(org: Office) -> None:
    """Also if it had one of its own before."""
    alone = Tenant(tenant_id="t-alone", team_id=org.slack.team_id, team_name="lab", alert_channel_id=org.channel)
    await org.world.store.tenants.save_tenant(alone)
    assert "production" in json.dumps(await org.type("/dd0c status"))


async def test_a_workspace_that_installed_alone_keeps_its_tenant(office: Office) -> None:
    """Its organisation is named in its payloads, and never installed anything."""
    office.slack.state.enterprise_id = "E0SOMEBODY"
    assert "production" in json.dumps(await office.type("/dd0c status"))


async def test_another_organisation_is_not_let_in(org: Office) -> None:
    anomaly = await org.alert()
    org.slack.state.enterprise_id = "E0STRANGER"
    assert "not set up yet" in (await org.type("/dd0c status"))["text"]
    interaction = await org.click(org.ann, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert "not set up yet" in answer["text"]
    assert await org.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_a_guest_of_another_company_may_not_answer(org: Office) -> None:
    anomaly = await org.alert()
    org.bob.team_id = "T0STRANGER"
    interaction = await org.click(org.bob, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert "belongs to another workspace" in answer["text"]
    assert await org.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_a_member_of_another_workspace_of_the_organisation_may_answer(org: Office) -> None:
    """A channel may be shared between workspaces of one organisation."""
    await org.alert()
    org.slack.state.sister_teams.append("T0SISTER")
    org.bob.team_id = "T0SISTER"
    await org.click(org.bob, "acknowledge")
    await org.until(lambda: "acknowledged this" in json.dumps(org.card().blocks))


async def test_a_sister_workspace_is_none_where_one_workspace_installed_the_bot(office: Office) -> None:
    """The organisation did not install it, so that each workspace has its own tenant."""
    anomaly = await office.alert()
    office.slack.state.sister_teams.append("T0SISTER")
    office.bob.team_id = "T0SISTER"
    interaction = await office.click(office.bob, "mark_expected")
    [answer] = await interaction.wait_for_posts()
    assert "belongs to another workspace" in answer["text"]
    assert await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id) == anomaly


async def test_the_organisations_workspaces_are_asked_for_page_by_page(org: Office) -> None:
    org.slack.state.sister_teams.extend(f"T0SISTER{number}" for number in range(2500))
    assert await org.members.is_of_organisation(TENANT, "T0SISTER2400")
    assert not await org.members.is_of_organisation(TENANT, "T0STRANGER")
