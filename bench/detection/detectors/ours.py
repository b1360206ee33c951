"""Our own engine, as ``dd0c replay`` runs it: from a cold start, as an account in audit mode."""

from bench.detection.cards import Card, Detector
from bench.detection.world import AccountWorld
from engine.models.anomaly import Anomaly, DecisionKind, Severity
from engine.pricing.estimate import Prices
from services.replay_account import ReplayAccount


def ours(prices: Prices) -> Detector:
    """Make the detector with the prices it knows."""
    return lambda account: [Card(one.detected_at, one.event_ids) for one in alerts(account, prices)]


def alerts(account: AccountWorld, prices: Prices) -> list[Anomaly]:
    """The anomalies that people would have been told of."""
    replayed = ReplayAccount(account.account_id, account.records[0][0].event_time, prices)
    found = [anomaly for record in account.records for anomaly in replayed.advance(record)[1]]
    return [one for one in (*found, *replayed.close()) if _is_alert(one)]


def _is_alert(anomaly: Anomaly) -> bool:
    return anomaly.decision.kind is DecisionKind.ALERT and anomaly.severity is not Severity.INFO
