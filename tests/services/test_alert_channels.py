"""Cards whose channel takes none come to whoever installed the app."""

import asyncio

import pytest

from blocks.status import status
from demo.slack_workspace.models import Channel
from engine.models.account import Role, Tenant
from engine.models.anomaly import AnomalyStatus, Severity
from engine.models.audit import AuditAction, AuditRecord
from engine.models.delivery import DeliveryState
from engine.models.routing import Route
from tests.services.scene import Scene, words
from tests.services.world import HOUR, TENANT, stranger


class Installed:
    """A scene where Ann installed the app."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.slack = scene.slack
        self.ann = scene.slack.add_user("ann").user_id

    async def alert(self, number: int = 0) -> str:
        """Let something be alerted and sent; gives the anomaly's id."""
        anomaly = await self.scene.alert(number)
        await self.scene.sender.deliver_due()
        self.scene.world.turn(3 * HOUR)
        return anomaly.anomaly_id

    def cards(self) -> list[str]:
        """The cards that came to Ann."""
        return [words(message) for message in self.slack.messages(self.ann) if message.metadata]

    def told(self) -> list[str]:
        """What else came to Ann."""
        return [message.text for message in self.slack.messages(self.ann) if not message.metadata]


@pytest.fixture
async def installed(scene: Scene) -> Installed:
    made = Installed(scene)
    await scene.use_channel(scene.channel.channel_id, made.ann)
    return made


def archive(installed: Installed) -> None:
    installed.slack.archive_channel(installed.scene.channel.channel_id)


def expel(installed: Installed) -> None:
    installed.slack.set_scopes(["chat:write"])
    installed.slack.remove_bot(installed.scene.channel.channel_id)


def hide(installed: Installed) -> None:
    expel(installed)
    installed.scene.channel.is_private = True


@pytest.mark.parametrize(
    ("lose", "why"), [(archive, "it is archived"), (expel, "not a member"), (hide, "it is gone, or private")]
)
async def test_the_installer_is_told_once_and_gets_the_cards(installed: Installed, lose: object, why: str) -> None:
    assert callable(lose)
    lose(installed)
    for number in range(3):
        await installed.alert(number)
    assert len(installed.cards()) == 3
    [told] = installed.told()
    assert f"<#{installed.scene.channel.channel_id}>" in told
    assert why in told
    assert installed.scene.cards() == []


async def test_the_card_lives_on_where_it_stands(installed: Installed) -> None:
    archive(installed)
    anomaly_id = await installed.alert()
    await installed.scene.world.verdicts.acknowledge(TENANT, anomaly_id, installed.ann)
    await installed.scene.later()
    [card] = installed.cards()
    assert "acknowledged this" in card
    stored = await installed.scene.world.store.anomalies.find_anomaly(TENANT, anomaly_id)
    assert stored.status is AnomalyStatus.ACKNOWLEDGED


async def test_once_invited_the_channel_gets_the_next_card_and_its_loss_is_news_again(installed: Installed) -> None:
    expel(installed)
    await installed.alert(0)
    installed.slack.invite_bot(installed.scene.channel.channel_id)
    await installed.alert(1)
    assert (len(installed.scene.cards()), len(installed.cards()), len(installed.told())) == (1, 1, 1)
    expel(installed)
    await installed.alert(2)
    assert (len(installed.cards()), len(installed.told())) == (2, 2)


async def test_senders_at_once_tell_it_once(installed: Installed) -> None:
    archive(installed)
    for number in range(6):
        await installed.scene.alert(number)
        installed.scene.world.turn(3 * HOUR)
    await asyncio.gather(*(installed.scene.new_sender().deliver_due() for _ in range(4)))
    assert (len(installed.cards()), len(installed.told())) == (6, 1)


async def test_without_a_channel_cards_come_to_the_installer_and_nothing_is_wrong(installed: Installed) -> None:
    await installed.scene.use_channel("", installed.ann)
    await installed.alert()
    assert len(installed.cards()) == 1
    assert installed.told() == []


async def name_admins(installed: Installed, *user_ids: str, installer: str = "") -> None:
    """Let these be admins, by a role that somebody gave them."""
    tenants = installed.scene.world.store.tenants
    record = AuditRecord(at=installed.scene.world.clock(), action=AuditAction.ROLE_SET, actor="U0")
    await installed.scene.use_channel(installed.scene.channel.channel_id, installer)
    await tenants.save_roles(TENANT, dict.fromkeys(user_ids, Role.ADMIN), record)


async def test_where_nobody_installed_the_app_an_admin_is_told_and_gets_the_cards(installed: Installed) -> None:
    await name_admins(installed, installed.ann)
    archive(installed)
    for number in range(2):
        await installed.alert(number)
    assert len(installed.cards()) == 2
    [told] = installed.told()
    assert "come to you alone" in told


@pytest.mark.parametrize("has_channel", [True, False])
async def test_who_has_left_gets_nothing_and_the_next_admin_does(installed: Installed, has_channel: bool) -> None:
    """Slack takes messages to them without a word, and nobody would read those."""
    installed.slack.set_scopes(["chat:write", "users:read"])
    gone = installed.slack.add_user("gone", deleted=True).user_id
    await name_admins(installed, installed.ann, installer=gone)
    if has_channel:
        archive(installed)
    else:
        await installed.scene.use_channel("", gone)
    await installed.alert()
    assert len(installed.cards()) == 1
    assert len(installed.told()) == has_channel
    assert installed.slack.messages(gone) == []
    assert gone in (await tenant(installed)).lost_channel_ids


async def test_a_person_who_takes_no_message_is_passed_over_and_nobody_hears_that_they_are_a_channel(
    installed: Installed,
) -> None:
    bob = installed.slack.add_user("bob").user_id
    await name_admins(installed, bob, installer=installed.ann)
    await installed.scene.use_channel("", installed.ann)
    installed.slack.fail_next("chat.postMessage", error="user_disabled")
    await installed.alert()
    assert [bool(one.metadata) for one in installed.slack.messages(bob)] == [True]
    assert installed.told() == []


async def test_where_all_have_left_status_says_that_cards_wait(installed: Installed) -> None:
    installed.slack.set_scopes(["chat:write", "users:read"])
    gone = installed.slack.add_user("gone", deleted=True).user_id
    await name_admins(installed, installer=gone)
    archive(installed)
    await installed.alert()
    shown = str(status(await installed.scene.world.reports.status(TENANT)).blocks)
    assert "takes no cards, and nobody is known who could get them" in shown
    await name_admins(installed, installed.ann, installer=gone)
    await installed.scene.later()
    assert len(installed.cards()) == 1
    shown = str(status(await installed.scene.world.reports.status(TENANT)).blocks)
    assert f"they go to <@{installed.ann}> alone" in shown


async def tenant(installed: Installed) -> Tenant:
    return await installed.scene.world.store.tenants.find_tenant(TENANT)


async def test_with_nobody_to_tell_the_card_waits_for_its_channel(installed: Installed) -> None:
    await installed.scene.use_channel(installed.scene.channel.channel_id)
    archive(installed)
    await installed.alert()
    assert installed.cards() == []
    installed.scene.channel.is_archived = False
    await installed.scene.later()
    assert len(installed.scene.cards()) == 1


async def test_who_cannot_be_told_gets_the_card_all_the_same(installed: Installed) -> None:
    archive(installed)
    installed.slack.fail_next("chat.postMessage", error="is_archived")
    installed.slack.fail_next("chat.postMessage", error="fatal_error")
    await installed.alert()
    assert len(installed.cards()) == 1
    assert installed.told() == []


async def test_other_refusals_wait(installed: Installed) -> None:
    installed.slack.fail_next("chat.postMessage", error="account_inactive")
    await installed.alert()
    assert installed.cards() == []
    await installed.scene.later()
    assert len(installed.scene.cards()) == 1


async def test_a_direct_message_in_doubt_is_posted_again_and_says_so(installed: Installed) -> None:
    archive(installed)
    await installed.alert(0)
    installed.slack.fail_next("chat.postMessage", error="is_archived")
    installed.slack.fail_next("chat.postMessage", status=500, after_effect=True)
    anomaly = await installed.scene.alert(1)
    await installed.scene.sender.deliver_due()
    assert (await installed.scene.delivery(anomaly)).state is DeliveryState.UNCERTAIN
    await installed.scene.later()
    assert (await installed.scene.delivery(anomaly)).state is DeliveryState.SENT
    assert len(installed.cards()) == 3
    assert "may repeat" in installed.cards()[-1].lower()


async def routed(installed: Installed) -> Channel:
    """A channel that takes the cards of what is critical."""
    oncall = installed.slack.add_channel("oncall")
    route = Route(channel_id=oncall.channel_id, severity=Severity.CRITICAL)
    record = AuditRecord(at=installed.scene.world.clock(), action="setting.changed", actor="U1")
    await installed.scene.world.store.tenants.save_route(TENANT, route, record)
    return oncall


async def critical(installed: Installed, number: int) -> None:
    await installed.scene.world.ingest(installed.scene.world.launch(30, actor=stranger(number)))
    await installed.scene.sender.deliver_due()
    installed.scene.world.turn(3 * HOUR)


async def test_a_card_goes_by_its_route_and_stays_where_it_is(installed: Installed) -> None:
    oncall = await routed(installed)
    await installed.alert(0)
    await critical(installed, 1)
    assert (len(installed.scene.cards()), len(installed.slack.messages(oncall.channel_id))) == (1, 1)
    await installed.scene.use_channel("C9", installed.ann)
    [card] = installed.slack.messages(oncall.channel_id)
    anomaly_id = card.metadata["event_payload"]["anomaly_id"] if card.metadata else ""
    await installed.scene.world.verdicts.acknowledge(TENANT, anomaly_id, installed.ann)
    await installed.scene.later()
    assert "acknowledged this" in words(card)


async def test_a_card_that_gets_critical_stays_in_the_channel_of_its_posting(installed: Installed) -> None:
    oncall = await routed(installed)
    await installed.scene.alert(0)
    await installed.scene.sender.deliver_due()
    await installed.scene.world.ingest(installed.scene.world.launch(60, actor=stranger(0)))
    await installed.scene.later()
    assert len(installed.scene.cards()) == 1
    assert installed.slack.messages(oncall.channel_id) == []


async def test_a_lost_route_is_told_once_and_its_cards_go_to_the_alert_channel(installed: Installed) -> None:
    oncall = await routed(installed)
    installed.slack.archive_channel(oncall.channel_id)
    for number in range(3):
        await critical(installed, number)
    assert len(installed.scene.cards()) == 3
    [told] = installed.told()
    assert f"I cannot post to <#{oncall.channel_id}>: it is archived" in told
    assert f"its cards go to <#{installed.scene.channel.channel_id}>" in told
    oncall.is_archived = False
    await critical(installed, 3)
    installed.slack.archive_channel(oncall.channel_id)
    await critical(installed, 4)
    assert (len(installed.scene.cards()), len(installed.told())) == (4, 2)


async def test_where_route_and_alert_channel_are_lost_cards_come_to_the_installer(installed: Installed) -> None:
    oncall = await routed(installed)
    installed.slack.archive_channel(oncall.channel_id)
    archive(installed)
    await critical(installed, 0)
    await critical(installed, 1)
    assert (len(installed.cards()), len(installed.told())) == (2, 2)
