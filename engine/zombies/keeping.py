"""Keeps the dearest findings and counts the rest: a hundred thousand snapshots need no more memory than a few."""

import heapq
from collections.abc import Collection, Sequence

from engine.zombies.models import Finding, Rest

MOST_OF_A_RULE = 200


class Keeper:
    """For each rule and Region the dearest findings, and all that are ``known`` already.

    >>> keeper = Keeper(frozenset(), most=1)
    >>> keeper.rest()
    ()
    """

    def __init__(self, known: Collection[str], most: int = MOST_OF_A_RULE) -> None:
        self._known = known
        self._most = most
        self._dearest: dict[tuple[str, str], list[tuple[float, str, Finding]]] = {}
        self._kept: dict[str, Finding] = {}
        self._rest: dict[tuple[str, str], Rest] = {}

    def add(self, finding: Finding) -> None:
        """Take one in; it may push out the cheapest of its rule and Region."""
        if finding.finding_id in self._known:
            self._kept[finding.finding_id] = finding
            return
        heap = self._dearest.setdefault((finding.rule, finding.region), [])
        heapq.heappush(heap, (finding.monthly_cost or 0.0, finding.finding_id, finding))
        if len(heap) > self._most:
            self._count(heapq.heappop(heap)[2])

    def _count(self, finding: Finding) -> None:
        key = (finding.rule, finding.region)
        counted = self._rest.get(key, Rest(*key, 0, 0.0))
        self._rest[key] = Rest(*key, counted.count + 1, counted.monthly_cost + (finding.monthly_cost or 0.0))

    def findings(self) -> Sequence[Finding]:
        """All that are kept."""
        return [*self._kept.values(), *(one for heap in self._dearest.values() for _, _, one in heap)]

    def rest(self) -> tuple[Rest, ...]:
        """What is only counted, by rule and Region."""
        return tuple(self._rest.values())
