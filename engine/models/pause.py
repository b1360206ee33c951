"""Alerting that is paused, and what was found meanwhile."""

from datetime import datetime

import msgspec

from engine.models.account import OperatorPanic
from engine.models.report import AnomalyRow


class Paused(msgspec.Struct, frozen=True):
    """Since when alerting is paused, and by whom. ``held`` counts cards that waited to be sent and stay unsent;
    ``newly`` says that it was not paused before."""

    since: datetime
    by: str
    held: int = 0
    newly: bool = True


class Resumed(msgspec.Struct, frozen=True):
    """Alerting goes on. ``rows`` are the dearest of what was found in the meantime, ``total`` counts all of it.

    ``hourly_cost`` is USD an hour of all that still runs of it. ``since`` is None where nothing was paused.
    ``operator`` is the panic mode of the operator's that ended, or, where ``is_still_paused``, the one that goes on
    and whose end will tell all of it; None where a person of the tenant's ended their own pause.
    """

    since: datetime | None
    by: str
    rows: tuple[AnomalyRow, ...] = ()
    total: int = 0
    hourly_cost: float = 0.0
    operator: OperatorPanic | None = None
    is_still_paused: bool = False
