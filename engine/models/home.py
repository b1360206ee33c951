"""App Homes: who has opened theirs, and what one shows."""

from datetime import datetime

import msgspec

from engine.models.account import Role, Tenant
from engine.models.anomaly import Anomaly
from engine.models.quiet import QuietPattern
from engine.models.report import AnomalyRow, StatusReport
from engine.models.zombie_watch import ZombieWatch


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """The Home of somebody who opened it.

    It is looked at again when it is due. ``shown`` tells what was published last from what is known now; empty means
    that it must be published whatever is known. ``attempts`` counts failures since the last success.
    """

    user_id: str
    opened_at: datetime
    due_at: datetime
    shown: str = ""
    published_at: datetime | None = None
    attempts: int = 0


class HomeAnomaly(msgspec.Struct, frozen=True):
    """An open anomaly: as a row, as it stands, and the address of its card, empty where none is known."""

    row: AnomalyRow
    anomaly: Anomaly
    card_url: str = ""


class HomeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a Home shows to somebody of this role.

    ``anomalies`` are the newest of ``open_count``; ``own_rules`` counts sensitivities that differ from the usual.
    ``zombies`` is None before the first look for idle resources.
    """

    tenant: Tenant
    role: Role
    status: StatusReport
    anomalies: tuple[HomeAnomaly, ...] = ()
    open_count: int = 0
    quiet: tuple[QuietPattern, ...] = ()
    own_rules: int = 0
    zombies: ZombieWatch | None = None
