"""What costs nothing by itself but often comes before something that does."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.cost_event import Actor


class PrecursorKind(StrEnum):
    """What happened; it stands where the resource type of a finding stands."""

    FAILED_LAUNCH = "failed_launch"
    QUOTA_INCREASE = "quota_increase"
    REGION_ENABLED = "region_enabled"
    FIRST_USE_OF_REGION = "first_use_of_region"


class Precursor(msgspec.Struct, frozen=True, kw_only=True):
    """One sign that is no cost event. ``text`` is the sentence a person reads."""

    kind: PrecursorKind
    event_id: str
    account_id: str
    event_time: datetime
    region: str
    service: str
    actor: Actor
    text: str
    source_ip: str = ""
