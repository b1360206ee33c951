"""A chart: a few bars with their labels."""

from datetime import datetime

import msgspec


class Bar(msgspec.Struct, frozen=True):
    """USD under a label of at most twenty characters, unique within its chart."""

    label: str
    usd: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Bars in the order of time, and what they are measures of. ``by`` names what one label stands for."""

    title: str
    by: str
    bars: tuple[Bar, ...]


class SignedChart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart of a tenant's that may be looked at until a time."""

    tenant_id: str
    chart: Chart
    until: datetime
