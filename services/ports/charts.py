"""Pictures of charts, for where Slack draws none itself."""

from datetime import datetime
from typing import Protocol

from engine.models.chart import Chart, SignedChart


class ChartAddresses(Protocol):
    """Addresses that hold their chart, and that nobody else can make."""

    def address(self, tenant_id: str, chart: Chart, until: datetime) -> str:
        """Give where the chart's picture is seen until then; empty where browsers and Slack cannot reach this bot."""
        ...

    def read(self, token: str) -> SignedChart:
        """Give the chart of an address's last part; raise NotFound for one that this bot did not make."""
        ...


class ChartDrawer(Protocol):
    """Draws."""

    async def draw(self, chart: Chart) -> bytes:
        """Give the chart as PNG."""
        ...
