"""Customers make their accounts stricter, and never looser than what they earned or what the operator laid down."""

from typing import Any

import pytest

from engine.errors import InvalidCommand
from engine.models.account import AwsAccount, GovernanceMode
from engine.models.anomaly import DecisionKind
from engine.models.policy import Policy
from services.promotion import Promotion
from tests.services.test_preferences import preferences_of
from tests.services.world import ACCOUNT, DAY, HOUR, TENANT, World, stranger

OTHER = "210987654321"


async def say(world: World, *words: str, account: str | None = None) -> str:
    """Type a setting; gives the mode that holds then, and who made it so."""
    options = {"account": account} if account else {}
    report = await preferences_of(world).settings(TENANT, ["mode", *words], options, "U7")
    [one] = [one for one in report.accounts if one.account_id == ACCOUNT]
    return f"{one.mode.value} {one.mode_set_by} {'policy' if one.mode_by_policy else ''}".strip()


async def reasons(world: World) -> list[tuple[DecisionKind, str]]:
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock() - 9 * HOUR)
    return [(one.decision.kind, one.decision.reason) for one in loaded.state.anomalies.values()]


@pytest.mark.parametrize("account", [None, ACCOUNT])
async def test_strict_silences_even_the_safety_net_and_says_who_chose_it(world: World, account: str | None) -> None:
    assert await say(world, "strict", account=account) == "strict U7"
    await world.ingest(world.launch(40))
    [(kind, reason)] = await reasons(world)
    assert kind is DecisionKind.LOG
    assert reason == f"Alert for account {ACCOUNT} suppressed by strict mode, chosen by U7."
    *_, entry = (await world.store.audit.find_chain(TENANT)).entries
    assert (entry.action, entry.actor, entry.account_id) == ("alert.suppressed", "dd0c", ACCOUNT)
    assert (entry.details["reason"], entry.details["alerts"]) == (reason, 1)
    assert await say(world, "default", account=account) == "strict"
    world.turn(2 * HOUR)
    await world.ingest(world.launch(40, actor=stranger(1)))
    assert DecisionKind.ALERT in {kind for kind, _ in await reasons(world)}


@pytest.mark.parametrize("account", [None, ACCOUNT])
async def test_what_was_earned_comes_back_with_the_default(world: World, account: str | None) -> None:
    await world.change_account(mode=GovernanceMode.AUDIT)
    assert await say(world, "strict", account=account) == "strict U7"
    assert await say(world, "default", account=account) == "audit"


async def test_the_default_loosens_neither_the_policy_nor_an_account_that_is_being_learned(world: World) -> None:
    assert await say(world, "default") == "strict"
    await world.change_account(mode=GovernanceMode.AUDIT)
    world.policies.policy = Policy(GovernanceMode.STRICT)
    assert await say(world, "default") == "strict  policy"
    assert await say(world, "strict") == "strict U7 policy"
    [health] = (await world.reports.status(TENANT)).accounts
    assert (health.mode_set_by, health.mode_by_policy) == ("U7", True)


@pytest.mark.parametrize("words", [(), ("audit",), ("loud",), ("strict", "please")])
async def test_no_other_mode_can_be_chosen(world: World, words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidCommand, match="A mode can only be made stricter"):
        await say(world, *words)
    assert (await world.store.audit.find_chain(TENANT)).entries == ()


async def test_a_choice_for_all_holds_for_accounts_that_come_later_and_for_one_only_there(world: World) -> None:
    await say(world, "strict", account=ACCOUNT)
    other = {name: getattr(await world.account(), name) for name in AwsAccount.__struct_fields__}
    other |= {"account_id": OTHER, "mode": GovernanceMode.AUDIT, "strict_set_by": "", "external_id": "dd0c-2"}
    await world.store.accounts.insert_account(TENANT, AwsAccount(**other))
    modes = {one.account_id: one.mode for one in (await world.reports.status(TENANT)).accounts}
    assert modes == {ACCOUNT: GovernanceMode.STRICT, OTHER: GovernanceMode.AUDIT}
    await say(world, "strict")
    modes = {one.account_id: one.mode for one in (await world.reports.status(TENANT)).accounts}
    assert set(modes.values()) == {GovernanceMode.STRICT}
    assert (await world.store.ledger.load_state(TENANT, OTHER, [], world.clock())).state.account.mode_set_by == "U7"


async def test_promotion_leaves_a_choice_alone(world: World) -> None:
    await world.ingest(world.launch(1))
    world.turn(20 * DAY)
    await say(world, "strict")
    promotion = Promotion(
        lookups=world.store.system,
        accounts=world.store.accounts,
        experiences=world.store.baselines,
        anomalies=world.store.anomalies,
        clock=world.clock,
    )
    assert await say(world, "strict", account=ACCOUNT) == "strict U7"
    assert await promotion.promote_accounts() == 1
    assert await say(world, "default") == "strict U7"
    assert await say(world, "default", account=ACCOUNT) == "audit"


async def test_each_choice_is_in_the_audit_log(world: World) -> None:
    await say(world, "strict", account=ACCOUNT)
    await say(world, "default")
    entries = (await world.store.audit.find_chain(TENANT)).entries
    assert [(one.action, one.actor, one.account_id, one.details) for one in entries] == [
        ("setting.changed", "U7", ACCOUNT, {"mode": "strict"}),
        ("setting.changed", "U7", "", {"mode": "default"}),
    ]


async def test_a_batch_judged_before_the_choice_is_judged_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.ingest(world.launch(1, actor=stranger(3)))
    load = world.store.ledger.load_state

    async def chosen_meanwhile(*args: Any) -> Any:
        loaded = await load(*args)
        monkeypatch.undo()
        await say(world, "strict", account=ACCOUNT)
        return loaded

    monkeypatch.setattr(world.store.ledger, "load_state", chosen_meanwhile)
    world.turn(3 * HOUR)
    await world.ingest(world.launch(40))
    assert {kind for kind, _ in await reasons(world)} == {DecisionKind.LOG}
