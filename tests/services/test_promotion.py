"""Who may leave the default strict mode, and when."""

import pytest

from engine.models.account import AccountStatus, GovernanceMode
from engine.models.anomaly import AnomalyStatus, Decision, DecisionKind, Severity, Signal
from services.promotion import Promotion
from tests.services.world import ACCOUNT, DAY, TENANT, World
from tests.store.samples import anomaly, baseline, changes
from tests.store.samples import loaded as no_state


def promotion(world: World) -> Promotion:
    return Promotion(
        lookups=world.store.system,
        accounts=world.store.accounts,
        experiences=world.store.baselines,
        anomalies=world.store.anomalies,
        clock=world.clock,
    )


async def live(world: World, days: float, *, would: int = 0, told: int = 0, expected: int = 0, quiet: int = 0) -> None:
    """Let the account have a past: would-be alerts without a label, alerts with one, false ones among them."""
    logged = Decision(DecisionKind.LOG, "strict mode")
    found = [anomaly(f"would-{n}", decision=logged) for n in range(would)]
    found += [anomaly(f"quiet-{n}", decision=logged, severity=Severity.INFO) for n in range(quiet)]
    found += [anomaly(f"low-{n}", decision=logged, score=0.9) for n in range(quiet)]
    late = (Signal("overrun", 2.0, "It may run on."),)
    found += [anomaly(f"late-{n}", decision=logged, score=2.0, signals=late) for n in range(quiet)]
    for number in range(told):
        status = AnomalyStatus.EXPECTED if number < expected else AnomalyStatus.ACKNOWLEDGED
        found.append(anomaly(f"told-{number}", status=status, status_by="U1"))
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock())
    past = baseline(first_event_time=world.clock() - days * DAY, events=100)
    lived = changes(baseline=past, cost_events=[], resources={}, anomalies={one.anomaly_id: one for one in found})
    await world.store.ledger.commit(TENANT, loaded, lived, world.clock())


@pytest.mark.parametrize(
    ("days", "would", "told", "expected", "promoted"),
    [
        (28, 0, 0, 0, True),
        (13.9, 0, 0, 0, False),
        (28, 4, 0, 0, True),  # one a week
        (28, 5, 0, 0, False),
        (28, 3, 2, 0, False),  # those that alerted count too
        (28, 50, 5, 0, True),  # enough verdicts: they count, not how many there were
        (28, 0, 5, 1, False),  # a fifth was wrong
        (28, 0, 10, 1, False),  # exactly a tenth is not under it
        (28, 0, 11, 1, True),
    ],
)
async def test_when_an_account_is_promoted(
    *, world: World, days: float, would: int, told: int, expected: int, promoted: bool
) -> None:
    await live(world, days, would=would, told=told, expected=expected, quiet=9)
    assert await promotion(world).promote_accounts() == int(promoted)
    account = await world.account()
    assert account.mode is (GovernanceMode.AUDIT if promoted else GovernanceMode.STRICT)
    assert account.mode_set_by == ""
    recorded = (await world.store.audit.find_chain(TENANT)).entries
    assert [(one.action, one.actor, one.account_id) for one in recorded if one.action == "account.promoted"] == [
        ("account.promoted", "dd0c", ACCOUNT)
    ] * int(promoted)


async def test_the_history_read_at_connection_counts(world: World) -> None:
    await live(world, 90)
    await world.change_account(history_alerts=13)
    assert await promotion(world).promote_accounts() == 0
    await world.change_account(history_alerts=12)
    assert await promotion(world).promote_accounts() == 1


@pytest.mark.parametrize(
    "account",
    [
        {"mode_set_by": "U1"},
        {"mode": GovernanceMode.AUDIT},
        {"status": AccountStatus.LEARNING},
        {"status": AccountStatus.DENIED},
    ],
)
async def test_who_is_left_alone(world: World, account: dict[str, object]) -> None:
    await live(world, 28)
    await world.change_account(**account)
    before = await world.account()
    assert await promotion(world).promote_accounts() == 0
    assert await world.account() == before


async def test_an_account_without_any_cost_event_stays_strict(world: World) -> None:
    assert await promotion(world).promote_accounts() == 0
    assert (await world.account()).mode is GovernanceMode.STRICT


async def test_what_the_safety_net_caught_counts_whatever_its_score(world: World) -> None:
    await live(world, 28)
    loaded = await world.store.ledger.load_state(TENANT, ACCOUNT, [], world.clock())
    caught = {f"net-{n}": anomaly(f"net-{n}", score=0.2) for n in range(5)}
    netted = changes(baseline=loaded.state.baseline, cost_events=[], resources={}, anomalies=caught)
    await world.store.ledger.commit(TENANT, loaded, netted, world.clock())
    assert await promotion(world).promote_accounts() == 0


async def test_another_tenants_alerts_do_not_count(world: World) -> None:
    await live(world, 28)
    found = changes(anomalies={f"a-{n}": anomaly(f"a-{n}") for n in range(50)})
    await world.store.ledger.commit("t-2", no_state(), found, world.clock())
    assert await promotion(world).promote_accounts() == 1
