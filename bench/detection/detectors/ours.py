"""Our own engine, for an account in audit mode whose cards nobody answers: with its history, and without."""

from collections.abc import Iterable

from bench.detection.cards import Card, Detector
from bench.detection.world import AccountWorld, Record
from bench.detection.world.scene import EPOCH
from engine.models.anomaly import Anomaly, DecisionKind, Severity
from engine.pricing.estimate import Prices
from services.replay_account import ReplayAccount


def ours(prices: Prices) -> Detector:
    """As the bot runs: what happened before the account was connected is read first."""
    return lambda account: _cards(account, account.history, prices)


def cold(prices: Prices) -> Detector:
    """As ``dd0c replay`` runs: nothing is known of any account when its records begin."""
    return lambda account: _cards(account, (), prices)


def _cards(account: AccountWorld, history: Iterable[Record], prices: Prices) -> list[Card]:
    replayed = ReplayAccount(account.account_id, EPOCH, prices)
    replayed.learn(history)
    found = [anomaly for record in account.watched for anomaly in replayed.advance(record)[1]]
    return [Card(one.detected_at, one.event_ids) for one in (*found, *replayed.close()) if _is_alert(one)]


def _is_alert(anomaly: Anomaly) -> bool:
    return anomaly.decision.kind is DecisionKind.ALERT and anomaly.severity is not Severity.INFO
