"""How readily an account, a service or a type alerts."""

from enum import StrEnum

import msgspec


class Sensitivity(StrEnum):
    """``LOW`` needs stronger reasons, ``HIGH`` weaker ones. The safety net is the same for all."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SensitivityRule(msgspec.Struct, frozen=True, kw_only=True):
    """A level for a service, a resource type, or with neither for the whole account."""

    level: Sensitivity
    service: str = ""
    resource_type: str = ""
