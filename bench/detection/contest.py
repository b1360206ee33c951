"""Who competes, on which seeds, and how the contest goes."""

import hashlib
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bench.detection.cards import Detector
from bench.detection.detectors.daily import daily_total
from bench.detection.detectors.fixed import fixed
from bench.detection.detectors.ours import cold, ours
from bench.detection.detectors.statistics import ewma, plain_z
from bench.detection.metrics import Figures, Tally, figures
from bench.detection.world import AccountWorld, build_world
from bench.detection.world.scene import EPOCH
from engine.baselines import rates
from engine.pricing.estimate import Prices
from engine.scoring import thresholds

DEVELOPMENT_SEEDS = (1, 2, 3, 4, 5, 6)
OURS = "ours"
_COLD = "ours, nothing known"
_WORLDS = 6
_ACCOUNTS = 10
_FORESTS = "bench.detection.detectors.forests"


class Row(msgspec.Struct, frozen=True):
    """One detector's figures, or why it did not take part."""

    detector: str
    figures: Figures | None
    skipped: str = ""


def fresh_seeds() -> tuple[int, ...]:
    """Seeds nobody has tuned on: they follow from the numbers that were tuned, and change with every one of them."""
    texts = [Path(str(module.__file__)).read_bytes() for module in (thresholds, rates)]
    digest = hashlib.sha256(b"\0".join(texts)).digest()
    return tuple(int.from_bytes(digest[4 * n : 4 * n + 4]) for n in range(_WORLDS))


def build(seeds: tuple[int, ...], prices: Prices) -> list[AccountWorld]:
    """All accounts of all seeds."""
    return [account for seed in seeds for account in build_world(seed, prices, accounts=_ACCOUNTS)]


def contest(accounts: list[AccountWorld], prices: Prices) -> Iterator[Row]:
    """Let every detector see every account, and give the rows of the table as they become known."""
    for name, find in _detectors(prices).items():
        try:
            detector = find()
        except ImportError as error:
            yield Row(name, None, f"{error.name or error} is not installed")
            continue
        yield Row(name, measure(detector, accounts))


def measure(detector: Detector, accounts: list[AccountWorld]) -> Figures:
    """One detector's figures over all accounts; what it says of the time before they were connected is not counted."""
    tally = Tally()
    for account in accounts:
        tally.add(account, [card for card in detector(account) if card.at >= EPOCH])
    return figures(tally)


def _detectors(prices: Prices) -> dict[str, Callable[[], Detector]]:
    def forest(name: str) -> Callable[[], Detector]:
        def find() -> Detector:
            detector: Detector = getattr(importlib.import_module(_FORESTS), name)
            return detector

        return find

    return {
        "fixed $5/h": lambda: fixed(5.0),
        "fixed $25/h": lambda: fixed(25.0),
        "z > 2.5 + novelty": lambda: plain_z,
        "EWMA": lambda: ewma,
        "half-space trees": forest("half_space_trees"),
        "random cut forest": forest("random_cut_forest"),
        "daily total 24 h late": lambda: daily_total,
        _COLD: lambda: cold(prices),
        OURS: lambda: ours(prices),
    }
