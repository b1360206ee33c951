"""Two tree ensembles for streams, each times the log of the cost; their limits were chosen on the development seeds."""

from collections import deque

import numpy
import rrcf
from river.anomaly import HalfSpaceTrees

from bench.detection.cards import Card, alarm_by_event
from bench.detection.detectors.features import Features, log_cost
from bench.detection.world import AccountWorld
from engine.models.cost_event import CostEvent

_WARM_UP = 50
_HALF_SPACE_LIMIT = 0.17
_CUT_LIMIT = 3.5
_TREES = 6
_POINTS = 64


def half_space_trees(account: AccountWorld) -> list[Card]:
    """river's half-space trees."""
    forest = HalfSpaceTrees(n_trees=10, height=6, window_size=100, seed=1)
    features, count = Features(), 0

    def is_alarming(event: CostEvent) -> bool:
        nonlocal count
        count += 1
        numbers = dict(enumerate(features.of(event)))
        score = forest.score_one(numbers) * log_cost(event)
        forest.learn_one(numbers)
        return count > _WARM_UP and score > _HALF_SPACE_LIMIT

    return alarm_by_event(account, is_alarming)


def random_cut_forest(account: AccountWorld) -> list[Card]:
    """Robust random cut forest over the last launches."""
    trees = [rrcf.RCTree(random_state=number) for number in range(_TREES)]
    features, window, count = Features(), deque[int](), 0

    def is_alarming(event: CostEvent) -> bool:
        nonlocal count
        count += 1
        point = numpy.array(features.of(event))
        if len(window) >= _POINTS:
            oldest = window.popleft()
            for tree in trees:
                tree.forget_point(oldest)
        window.append(count)
        for tree in trees:
            tree.insert_point(point, index=count)
        displaced = sum(float(tree.codisp(count)) for tree in trees) / _TREES
        return count > _WARM_UP and displaced * log_cost(event) > _CUT_LIMIT

    return alarm_by_event(account, is_alarming)
