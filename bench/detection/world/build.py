"""Whole accounts: normal life, look-alikes and incidents from one seed."""

import random

import msgspec

from bench.detection.world.incidents import INCIDENTS
from bench.detection.world.lookalikes import LOOKALIKES
from bench.detection.world.normal import NORMAL
from bench.detection.world.scene import DAY, EPOCH, Bill, Incident, Record, Scene
from engine.pricing.estimate import Prices

DAYS = 56
_HISTORY = 28
_BRAND_NEW = 1 / 6
_SETTLED_DAY = 16
_INCIDENTS_EACH = 6
_LOOKALIKES_EACH = 5
_EARLY = 0.1


class AccountWorld(msgspec.Struct, frozen=True):
    """One account's records in the order of their time, and what of them is an incident.

    It was connected ``history_days`` after its first record and watched for ``days``; a brand-new one has no history.
    """

    account_id: str
    kind: str
    days: int
    records: list[Record]
    incidents: list[Incident]
    bills: list[Bill]
    history_days: int = 0

    @property
    def history(self) -> list[Record]:
        """What had happened before it was connected."""
        return [record for record in self.records if record[0].event_time < EPOCH]

    @property
    def watched(self) -> list[Record]:
        """What happened since it was connected."""
        return [record for record in self.records if record[0].event_time >= EPOCH]

    @property
    def is_quiet(self) -> bool:
        """Whether this is the kind of account that should hear nothing of us in its first days."""
        return self.kind == "quiet startup"


def build_world(seed: int, prices: Prices, *, accounts: int, days: int = DAYS) -> list[AccountWorld]:
    """Make accounts of every kind in turn; the same seed gives the same world."""
    kinds = list(NORMAL)
    return [_account(f"{seed}-{n}", n, kinds[n % len(kinds)], days, prices) for n in range(accounts)]


def _account(seed: str, number: int, kind: str, days: int, prices: Prices) -> AccountWorld:
    rng = random.Random(seed)  # noqa: S311 - a made-up world needs repeatable chance, not secrets
    history = 0 if rng.random() < _BRAND_NEW else _HISTORY
    scene = Scene(f"{number:012d}", history + days, rng, prices, history=history)
    off = history + scene.rng.randint(20, 40)
    scene.holidays = set(range(off, off + scene.rng.randint(1, 4)))
    cast = NORMAL[kind](scene)
    for lookalike in scene.rng.sample(LOOKALIKES, _LOOKALIKES_EACH):
        lookalike(scene, cast, _lookalike_day(scene, kind))
    for name, day in zip(scene.rng.sample(list(INCIDENTS), _INCIDENTS_EACH), _incident_days(scene, kind), strict=True):
        at = scene.at_work(day) if scene.rng.random() < 0.6 else day * DAY + scene.rng.uniform(0, 23)
        INCIDENTS[name](scene, cast, scene.open_incident(name), at)
    return AccountWorld(scene.account_id, kind, days, scene.records(), scene.incidents, scene.bills, history)


def _lookalike_day(scene: Scene, kind: str) -> int:
    """Look-alikes come at any time after the first week."""
    first = _SETTLED_DAY if kind == "quiet startup" else 8
    return scene.rng.randint(scene.history + first, scene.days - 8)


def _incident_days(scene: Scene, kind: str) -> list[int]:
    """Days apart from each other; now and then one comes while the account is still young."""
    settled = scene.history + _SETTLED_DAY
    span = scene.days - 4 - settled
    days = [settled + int((n + scene.rng.random() * 0.8) * span / _INCIDENTS_EACH) for n in range(_INCIDENTS_EACH)]
    if kind != "quiet startup" and scene.rng.random() < _EARLY * _INCIDENTS_EACH:
        days[0] = scene.history + scene.rng.randint(4, 12)
    return days
