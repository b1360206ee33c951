"""An anomaly about which somebody was asked, where its ticket would go, and a key that opens an account."""

from typing import Any

from clients.cipher import Cipher
from engine.models.access_key import AccessKey, SealedAccessKey
from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.asking import Ask
from engine.models.ticket import SealedTracker, Tracker, TrackerKind, TrackerPlace
from tests.store.samples import ACCOUNT, HOUR, NOW, TENANT, anomaly

PLACE = TrackerPlace(kind=TrackerKind.LINEAR, base_url="https://api.linear.app", project="OPS")
ASK = Ask(
    ask_id="ask-1",
    user_id="U2",
    asked_by="U1",
    asked_at=NOW,
    answer_by=NOW + HOUR,
    channel_id="C1",
    message_ts="1.0",
)


def asked_about(revision: int = 2, **fields: Any) -> Anomaly:
    """As a verdict left it: snoozed, and expected from now on."""
    snoozed: dict[str, Any] = {"status": AnomalyStatus.SNOOZED, "snoozed_until": NOW, "expectation_id": "expectation-1"}
    return anomaly(revision=revision, asked=ASK, **snoozed, **fields)


def tracker() -> Tracker:
    return Tracker(place=PLACE, token="lin_api_1")


def sealed_tracker() -> SealedTracker:
    """As it is stored by a cipher that draws only zeros."""
    sealed = Cipher({"v1": bytes(32)}, bytes).seal(tracker().token, f"trackers/{TENANT}/token")
    return SealedTracker(place=PLACE, token=sealed, connected_by="U1", connected_at=NOW)


def access_key(key_id: str = "AKIAIOSFODNN7EXAMPLE") -> AccessKey:
    return AccessKey(key_id=key_id, secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def sealed_access_key() -> SealedAccessKey:
    """As it is stored by a cipher that draws only zeros."""
    sealed = Cipher({"v1": bytes(32)}, bytes).seal(access_key().secret, f"access_keys/{TENANT}/{ACCOUNT}/secret")
    return SealedAccessKey(
        account_id=ACCOUNT, key_id=access_key().key_id, secret=sealed, given_by="operator", given_at=NOW
    )
