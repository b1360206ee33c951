"""The modal behind *Show details*: all that is known of one incident, down to the records it was made of."""

from collections.abc import Sequence

from blocks.anomaly_words import amount_of
from blocks.card import Block, paragraphs
from blocks.explanation import explanation
from blocks.form_modal import modal
from blocks.leaked_key import leaked_key
from blocks.money import PRICE_SOURCES, PRICE_UNKNOWN, per_hour, usd
from blocks.text import code, escape, short_actor, when
from engine.models.cost_event import Change, CostEvent
from engine.models.search import Explanation

TITLE = "Details"
RECORDS_SHOWN = 10
_IDS_SHOWN = 3
_DEEDS = {Change.START: "started", Change.STOP: "stopped", Change.MODIFY: "changed"}


def details_modal(told: Explanation, records: Sequence[CostEvent]) -> Block:
    """The facts of an incident, why it was told or not, its history, what to do about a key, and the first records."""
    return modal(TITLE, [*explanation(told).blocks, *leaked_key(told.anomaly), *_records(told, records)])


def _records(told: Explanation, records: Sequence[CostEvent]) -> list[Block]:
    if not records:
        return paragraphs("records", ["*CloudTrail records*", "They are not kept any more."])
    known = len(told.anomaly.event_ids)
    lines = [_line(one) for one in records[:RECORDS_SHOWN]]
    part = f" (the first {len(lines)} of {known:,})" if known > len(lines) else ""
    return paragraphs("records", [f"*CloudTrail records*{part}", *lines])


def _line(event: CostEvent) -> str:
    """One record: when which call by whom from where did what, and its id to look it up by."""
    amount = escape(amount_of(event.resource_type, event.quantity), 80)
    ids = ", ".join(code(one, 60) for one in event.resource_ids[:_IDS_SHOWN]) or "no ids"
    if (rest := len(event.resource_ids) - _IDS_SHOWN) > 0:
        ids += f" and {rest:,} more"
    caller = escape(short_actor(event.actor.name or event.actor.key, 60))
    origin = f" from {code(event.source_ip, 60)}" if event.source_ip else ""
    return (
        f"• {when(event.event_time)} {code(event.event_name, 60)} in {escape(event.region, 30)} by {caller}{origin}: "
        f"{_DEEDS[event.change]} {amount} ({ids}), {_price(event)}, event {code(event.event_id, 60)}"
    )


def _price(event: CostEvent) -> str:
    if event.upfront_cost is not None:
        return f"{usd(event.upfront_cost)} for the term"
    if event.hourly_cost is None:
        return PRICE_UNKNOWN
    source = PRICE_SOURCES.get(event.price_source or "", "")
    return per_hour(event.hourly_cost) + (f" ({source})" if source else "")
