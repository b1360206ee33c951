"""What should have ended by now: a reason more of the incident that started it, or a finding of its own."""

from datetime import timedelta

from engine.models.account import GovernanceMode
from engine.models.anomaly import AnomalyStatus, DecisionKind
from tests.unit.engine.factories import T0, account
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
