"""The operator's policy at work: batches are judged by it, the log says so once, and the status tells the truth."""

import logging

import pytest

from engine.examples import FlatPrices
from engine.models.account import GovernanceMode
from engine.models.anomaly import Anomaly, DecisionKind
from engine.models.policy import NO_POLICY, Policy
from services.intake import Intake
from services.policies import FixedPolicy
from services.reports import Reports
from tests.services.world import ACCOUNT, DAY, DEPLOY, HOUR, TENANT, World

STRICT = Policy(accounts={ACCOUNT: GovernanceMode.STRICT})
SUPPRESSED = f"Alert for account {ACCOUNT} suppressed by strict mode, set by the operator's policy."


async def known_well(world: World, policy: Policy) -> None:
    await world.change_account(mode=GovernanceMode.AUDIT)
    await world.ingest(*(world.launch(1, "t3.micro", ago=n * DAY, actor=DEPLOY) for n in range(30)))
    world.intake = Intake(
        world.store.ledger, world.store.accounts, FlatPrices(), world.clock, policies=FixedPolicy(policy)
    )


async def found(world: World, count: int) -> Anomaly:
    """The one anomaly of a launch by a stranger and of a second one that joins it."""
    await world.ingest(world.launch(count))
    await world.ingest(world.launch(1))
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock() - HOUR)
    return max(loaded.state.anomalies.values(), key=lambda known: known.hourly_cost)


@pytest.mark.parametrize(("policy", "kind"), [(NO_POLICY, DecisionKind.ALERT), (STRICT, DecisionKind.LOG)])
async def test_an_account_that_is_strict_by_policy_is_scored_and_logged(
    world: World, policy: Policy, kind: DecisionKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await known_well(world, policy)
    assert (await found(world, 8)).decision.kind is kind
    assert caplog.text.count(SUPPRESSED) == (policy is STRICT)


async def test_the_safety_net_comes_through_and_says_so(world: World) -> None:
    await known_well(world, STRICT)
    decision = (await found(world, 30)).decision
    assert (decision.kind, decision.safety_net) == (DecisionKind.ALERT, True)
    assert "It came through strict mode." in decision.reason


async def test_the_account_keeps_its_own_mode(world: World) -> None:
    await known_well(world, STRICT)
    await found(world, 8)
    assert (await world.account()).mode is GovernanceMode.AUDIT


@pytest.mark.parametrize(("policy", "mode"), [(NO_POLICY, GovernanceMode.AUDIT), (STRICT, GovernanceMode.STRICT)])
async def test_the_status_tells_the_mode_that_holds(world: World, policy: Policy, mode: GovernanceMode) -> None:
    await world.change_account(mode=GovernanceMode.AUDIT)
    store = world.store
    reports = Reports(
        tenants=store.tenants,
        accounts=store.accounts,
        anomalies=store.anomalies,
        outbox=store.outbox,
        posts=store.posts,
        set_aside=store.inbox,
        spending=store.spending,
        experiences=store.baselines,
        clock=world.clock,
        policies=FixedPolicy(policy),
    )
    assert (await reports.account(TENANT, ACCOUNT)).mode is mode
