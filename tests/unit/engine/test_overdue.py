"""What should have ended by now: a reason more of the incident that started it, or a finding of its own."""

from datetime import timedelta

from engine.audit import suppressions_of
from engine.models.account import GovernanceMode
from engine.models.anomaly import AnomalyStatus, DecisionKind
from engine.models.verdict import Expectation
from tests.unit.engine.factories import ACCOUNT, T0, account
from tests.unit.engine.test_channels import HOUR, Life


def logged() -> tuple[Life, list[str]]:
    """Two dear launches in one incident, which strict mode only logs and learns, by who always ends within an hour."""
    known = Life(account=account(GovernanceMode.STRICT)).weeks(4, usd=2.0)
    return known, [known.start(T0 + n * timedelta(minutes=5), 60.0) for n in range(2)]


def test_an_incident_that_was_logged_keeps_all_it_holds_when_its_launches_are_overdue() -> None:
    known, _ = logged()
    (before,) = known.state.anomalies.values()
    assert (before.decision.kind, len(before.event_ids)) == (DecisionKind.LOG, 2)
    known.start(T0 + 20 * HOUR, 0.1, "t3.micro")
    (after,) = known.state.anomalies.values()
    assert (after.anomaly_id, after.event_ids, after.running_ids) == (
        before.anomaly_id,
        before.event_ids,
        before.running_ids,
    )
    assert after.running_hourly_cost == 120.0
    assert [one.name for one in after.signals if one.name == "overrun"] == ["overrun"]
    assert after.score >= before.score


def test_its_burn_ends_with_what_it_started() -> None:
    known, started = logged()
    known.start(T0 + 20 * HOUR, 0.1, "t3.micro")
    for one in started:
        known.stop(T0 + 21 * HOUR, one)
    (ended,) = known.state.anomalies.values()
    assert (ended.status, ended.running_hourly_cost) == (AnomalyStatus.RESOLVED, 0.0)
    assert ended.burnt_usd == 60.0 * 21 + 60.0 * (21 - 5 / 60)


def test_an_incident_that_is_not_at_hand_is_not_overwritten() -> None:
    known, _ = logged()
    (before,) = known.state.anomalies.values()
    known.state.anomalies.clear()
    known.start(T0 + 20 * HOUR, 0.1, "t3.micro")
    assert before.anomaly_id not in known.state.anomalies
    assert len(known.state.anomalies) == 2


def test_what_is_expected_is_noted_apart_from_its_launch_and_nobody_is_told() -> None:
    known = Life(account=account()).weeks(4, usd=2.0)
    known.state.expectations = [expected("m5.large", 100.0)]
    known.start(T0, 60.0)
    (of_launch,) = known.state.anomalies.values()
    known.start(T0 + 20 * HOUR, 0.1, "t3.micro")
    first, late = known.state.anomalies.values()
    assert (first, late.is_covered, late.event_ids) == (of_launch, True, of_launch.event_ids)
    assert (late.decision.kind, late.decision.reason) == (DecisionKind.LOG, "Expected, as U1 said.")
    assert [one.name for one in late.signals] == ["overrun"]
    [record] = suppressions_of({}, [first, late], T0)
    assert record.details["anomaly_ids"] == first.anomaly_id  # of the other a digest would have told, and no card
    assert [one.anomaly_id for one in known.state.resources.values() if one.hourly_cost == 60.0] == [""]
    known.start(T0 + 40 * HOUR, 0.1, "t3.micro")
    assert len(known.state.anomalies) == 2


def expected(resource_type: str, usd: float) -> Expectation:
    return Expectation(
        expectation_id="x-1",
        account_id=ACCOUNT,
        actor_key="",
        resource_types=(resource_type,),
        max_hourly_cost=usd,
        created_by="U1",
        created_at=T0,
    )
