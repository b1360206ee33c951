"""How to stop what an anomaly started, as a page shows it."""

import msgspec

from blocks.preflight import preflight_line
from blocks.text import plain
from blocks.unmarked import unmarked
from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.cost_event import ActorKind
from engine.remediation import stop_commands

_MOST_NAMED = 200


class StoppingView(msgspec.Struct, frozen=True, kw_only=True):
    """Commands to run, those that lose more, and what to know before. ``console`` says where else it can be done."""

    commands: str
    harder: str
    listing: str
    left_out: int
    before: str
    by_automation: bool
    console: str


def stopping_view(anomaly: Anomaly) -> StoppingView | None:
    """Nothing for what is over, is expected, or cannot be given back."""
    if anomaly.ended_at is not None or anomaly.status is AnomalyStatus.EXPECTED or anomaly.is_commitment:
        return None
    found = stop_commands(anomaly, lambda some: some.named <= _MOST_NAMED)
    return StoppingView(
        commands="\n".join(found.stop),
        harder="\n".join(found.harder),
        listing="\n".join(found.listing),
        left_out=found.running - found.named,
        before=unmarked("".join(preflight_line(anomaly))),
        by_automation=anomaly.actor.kind is ActorKind.AUTOMATION,
        console=f"{plain(anomaly.lead.service, 40)} in {plain(anomaly.lead.region, 30)}",
    )
