"""An idle volume, and the scan that found it."""

from typing import Any

from engine.models.zombie_ask import ZombieAsk
from engine.zombies.models import Confidence, Finding, Scan, VerdictKind, ZombieVerdict
from tests.store.samples import ACCOUNT, HOUR, NOW


def finding(finding_id: str = "z-1", **changes: Any) -> Finding:
    given: dict[str, Any] = {
        "account_id": ACCOUNT,
        "rule": "volume_unattached",
        "kind": "volume",
        "family": "volumes",
        "region": "eu-west-1",
        "resource_id": "vol-1",
        "evidence": ("attached to nothing",),
        "confidence": Confidence.HIGH,
        "monthly_cost": 8.0,
        "found_at": NOW,
        "seen_at": NOW,
        **changes,
    }
    return Finding(finding_id=finding_id, **given)


def scan(**changes: Any) -> Scan:
    return Scan(**{"account_id": ACCOUNT, "began_at": NOW, "ended_at": NOW + HOUR, **changes})


def kept(**changes: Any) -> ZombieVerdict:
    return ZombieVerdict(**{"kind": VerdictKind.KEEP, "by": "U1", "at": NOW, "until": NOW + HOUR, **changes})


def ask(ask_id: str = "zombies/U1", **changes: Any) -> ZombieAsk:
    return ZombieAsk(**{"ask_id": ask_id, "user_id": "U1", "asked_at": NOW, "account_ids": (ACCOUNT,), **changes})
