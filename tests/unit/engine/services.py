"""Helpers for the tests of managed services: what a record says in one line, and what an account makes of several."""

from typing import Any

from engine.account_state import AccountState
from engine.models.cost_event import Change, CostEvent
from engine.pipeline import advance, start_changes
from engine.pricing import Rate
from tests.unit.engine.factories import Record, new_state, parse_record, record

Said = tuple[str, str, tuple[str, ...], dict[str, float]]


def said(raw: Record) -> Said:
    """The change, type, ids and usage of a record's one cost event."""
    (event,) = parse_record(raw)
    return told(event)


def told(event: CostEvent) -> Said:
    """The change, type, ids and usage of a cost event."""
    return event.change.value, event.resource_type, event.resource_ids, {one.sku: one.amount for one in event.usage}


class FlatPrices:
    """A dollar an hour for one unit of everything that has a price at all."""

    def rate(self, sku: str, region: str) -> Rate | None:  # noqa: ARG002 - the protocol asks for the Region too
        return None if sku.startswith(("like/", "recount", "retype/")) else Rate(1.0, "list")


class Trail:
    """An account that lives through records one after the other, an hour apart."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._hours = 0.0
        self.state: AccountState = new_state()
        self.events: list[CostEvent] = []

    def call(self, name: str, request: Any = None, response: Any = None) -> CostEvent:
        """Live through a call; gives its last cost event as it was priced."""
        raw = record(self._source, name, request, response, at=self._hours)
        self._hours += 1
        changes = start_changes(self.state)
        advance(parse_record(raw), self.state, changes, FlatPrices())
        self.events.extend(changes.cost_events)
        return self.events[-1]

    @property
    def running(self) -> dict[str, float | None]:
        """What runs and its price, without templates and what else is free."""
        return {
            key.split("/", 2)[2]: one.hourly_cost
            for key, one in self.state.resources.items()
            if one.running and one.hourly_cost != 0.0
        }


START: str = Change.START.value
STOP: str = Change.STOP.value
MODIFY: str = Change.MODIFY.value
