"""Uninstalling the app: a signed event in, everything of the tenant on its way out."""

import json
from typing import Any

import aiohttp
import pytest

from engine.errors import NotFound, Unavailable
from engine.models.account import AccountStatus
from engine.models.work import WorkItem, WorkKind
from tests.handlers.conftest import Office
from tests.handlers.test_routes import signed
from tests.services.world import ACCOUNT, TENANT

UNINSTALLED = {"type": "app_uninstalled"}
BOT_REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}}
HERE = "the id of this workspace"
PURGE = WorkItem(WorkKind.PURGE, TENANT, ACCOUNT)


async def told(office: Office, event: Any, **envelope: Any) -> int:
    """Let Slack tell the bot an event; gives the HTTP status it got."""
    whole = {
        "type": "event_callback",
        "team_id": office.slack.team_id,
        "api_app_id": "A1",
        "event_id": "Ev1",
        **envelope,
    }
    body = json.dumps({**whole, "event": event}).encode()
    return await posted(office, body, signed(office, body))


async def posted(office: Office, body: bytes, signature: dict[str, str]) -> int:
    headers = {"Content-Type": "application/json", **signature}
    url = f"{office.url}/v1/slack/events"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("event", [UNINSTALLED, BOT_REVOKED], ids=lambda event: str(event["type"]))
async def test_all_accounts_disconnect_and_everything_is_deleted(office: Office, event: dict[str, Any]) -> None:
    world = office.world
    await office.alert()
    assert await told(office, event) == 200
    assert await told(office, event) == 200, "Slack may say it twice"
    assert (await world.account()).status is AccountStatus.DISCONNECTING
    assert await world.store.system.find_due_accounts() == []
    assert world.queue.items == [PURGE]
    await office.departures.purge(TENANT, ACCOUNT)
    await office.departures.enqueue_purges()
    with pytest.raises(NotFound):
        await world.store.tenants.find_tenant(TENANT)
    account, tenant = await world.store.leaving.find_tombstones(TENANT)
    assert (account.account_id, tenant.account_id) == (ACCOUNT, "")
    assert account.counts["cost_events"] == 1
    assert account.counts["outbox"] == 1


@pytest.mark.parametrize(
    ("event", "envelope"),
    [
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}, {}),
        ({"type": "tokens_revoked", "tokens": "all"}, {}),
        ({"type": "tokens_revoked"}, {}),
        (UNINSTALLED, {"team_id": "T-STRANGER"}),
        (UNINSTALLED, {"team_id": "T-STRANGER", "enterprise_id": HERE}),
        (UNINSTALLED, {"team_id": "", "enterprise_id": None}),
        ({"type": "app_home_opened"}, {}),
        ("app_uninstalled", {}),
    ],
    ids=str,
)
async def test_nothing_else_ends_a_tenant(office: Office, event: Any, envelope: dict[str, Any]) -> None:
    here = {key: office.slack.team_id if value is HERE else value for key, value in envelope.items()}
    await told(office, event, **here)
    assert (await office.world.account()).status is AccountStatus.ACTIVE
    assert office.world.queue.items == []


async def test_an_organisation_leaves_as_a_whole(office: Office) -> None:
    assert (
        await told(
            office, UNINSTALLED, team_id="T-INSIDE", enterprise_id=office.slack.team_id, is_enterprise_install=True
        )
        == 200
    )
    assert (await office.world.account()).status is AccountStatus.DISCONNECTING


async def test_what_could_not_be_noted_is_asked_for_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_args: object) -> None:
        raise Unavailable("MongoDB did not answer.")

    with monkeypatch.context() as broken:
        broken.setattr(office.world.store.tenants, "save_tenant", away)
        assert await told(office, UNINSTALLED) == 503
    assert await told(office, UNINSTALLED) == 200
    assert (await office.world.account()).status is AccountStatus.DISCONNECTING


async def test_an_event_that_slack_did_not_sign_does_nothing(office: Office) -> None:
    body = json.dumps({"type": "event_callback", "team_id": office.slack.team_id, "event": UNINSTALLED}).encode()
    assert await posted(office, body, signed(office, body + b" ")) == 401
    assert (await office.world.account()).status is AccountStatus.ACTIVE
