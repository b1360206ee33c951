"""App Homes: which are due, and how they are published."""

from datetime import datetime, timedelta
from typing import Protocol

from engine.models.delivery import SlackMessage
from engine.models.home import Home, HomeReport


class HomeRows(Protocol):
    """Homes that people opened. Claiming is atomic, so several processes may publish."""

    async def open_home(self, tenant_id: str, user_id: str, now: datetime, keep: timedelta) -> None:
        """Note that somebody opened their Home: it is due, whatever it shows. It is forgotten after ``keep``."""
        ...

    async def hasten(self, tenant_id: str, now: datetime) -> None:
        """Make all Homes of the tenant due: something has changed."""
        ...

    async def claim_due(self, now: datetime, gap: timedelta, lease_seconds: float) -> tuple[str, Home] | None:
        """Take the (tenant id, home) that is due longest and was not published within ``gap``, until the lease ends."""
        ...

    async def claim_one(
        self, tenant_id: str, user_id: str, now: datetime, gap: timedelta, lease_seconds: float
    ) -> Home | None:
        """Take this Home, as ``claim_due`` would, or None when it is not due or somebody has it."""
        ...

    async def save_home(self, tenant_id: str, before: Home, after: Home) -> None:
        """Write what became of a Home and let it go; what was opened or hastened meanwhile stays due."""
        ...

    async def delete_home(self, tenant_id: str, user_id: str) -> None:
        """Forget a Home that can no longer be published."""
        ...


class HomePublisher(Protocol):
    """Slack's Home tabs."""

    async def publish(self, tenant_id: str, user_id: str, report: HomeReport) -> None:
        """Show it to one person. Throttled says when the tenant's next turn comes, and that nothing was shown."""
        ...

    async def find_card_url(self, tenant_id: str, message: SlackMessage) -> str:
        """The address of a message, empty where Slack gives none."""
        ...
