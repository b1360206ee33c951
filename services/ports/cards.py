"""Cards on their way to Slack."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from engine.models.account import AwsAccount, Tenant
from engine.models.anomaly import Anomaly
from engine.models.delivery import CardPlace, Delivery, SlackMessage
from engine.models.post import Post
from engine.models.routing import RouteRow


class Outbox(Protocol):
    """Cards on their way. Claiming is atomic, so several senders may run."""

    async def claim_due(
        self, now: datetime, lease_seconds: float, without: Collection[str] = ()
    ) -> tuple[str, Delivery] | None:
        """Take the (tenant id, delivery) that is due longest, or one whose sender died; ``without`` these tenants'.

        The row is returned as it was (a dead sender's row still says SENDING), but with the number of this claim. It is
        SENDING until the lease ends.
        """
        ...

    async def claim_one(self, tenant_id: str, anomaly_id: str, now: datetime, lease_seconds: float) -> Delivery | None:
        """Take this anomaly's delivery, as ``claim_due`` would, or None when it is not due or somebody has it."""
        ...

    async def save_delivery(self, tenant_id: str, delivery: Delivery) -> bool:
        """Write what the sender found out and release the claim; ``wanted`` keeps the higher value.

        Nothing is written, and False returned, when somebody else has claimed it since. Raises NotFound.
        """
        ...

    async def find_stuck(self, tenant_id: str, held_before: datetime) -> list[Delivery]:
        """Deliveries that are dead, uncertain, failed at least once and not yet sent, or held since before then."""
        ...

    async def find_delivery(self, tenant_id: str, anomaly_id: str) -> Delivery | None: ...

    async def find_held(self, tenant_id: str, held_for: str, limit: int) -> list[str]:
        """The ids of the anomalies whose cards were held back for this message, oldest first."""
        ...

    async def count_held(self, tenant_id: str, held_for: str) -> int:
        """How many cards were held back for this message."""
        ...

    async def count_held_since(self, tenant_id: str, since: datetime) -> int:
        """How many cards of anomalies since then are held back now, whatever message stands for them."""
        ...

    async def find_held_now(self, tenant_id: str, anomaly_ids: Collection[str]) -> frozenset[str]:
        """Those of these anomalies that have no card, because it is held back."""
        ...

    async def make_steps_due(self, now: datetime, limit: int) -> int:
        """Make sent cards of all tenants due whose ``steps_at`` has come, longest ago first; return how many."""
        ...

    async def hasten_waiting(self, tenant_id: str, now: datetime) -> None:
        """Let what failed before, and waits for another try, be tried at once."""
        ...

    async def requeue_dead(self, tenant_id: str, now: datetime) -> int:
        """Make dead deliveries pending again (the channel or token works again); return how many."""
        ...


class Budgets(Protocol):
    """How many cards each channel has had on a day, over all senders."""

    async def take(self, tenant_id: str, place: CardPlace, anomaly_id: str, most: int | None) -> bool:
        """Give an anomaly's card a place in its channel; False when ``most`` others have theirs (None: any number).

        Who asks again is given the same answer once it has its place, so that each card counts once.
        """
        ...

    async def hold(self, tenant_id: str, delivery: Delivery, summary: Post) -> bool:
        """Note that a claimed card is held back, and let the message say so that stands for it, together.

        Nothing is written, and False returned, when somebody else has claimed it since.
        """
        ...


class Notifier(Protocol):
    """Slack, outbound."""

    async def post_card(
        self, tenant_id: str, channel_id: str, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> SlackMessage: ...

    async def update_card(
        self, tenant_id: str, message: SlackMessage, anomaly: Anomaly, account: AwsAccount, *, may_repeat: bool
    ) -> None: ...

    async def delete_card(self, tenant_id: str, message: SlackMessage) -> None:
        """Take a card away that stands in the channel twice."""
        ...

    async def find_card(self, tenant_id: str, channel_id: str, anomaly_id: str, since: datetime) -> SlackMessage | None:
        """Look for the card in the channel's history; AccessDenied when the scope for that was not granted."""
        ...


class Messages(Protocol):
    """What is said about the installation itself, and not about costs."""

    async def welcome(self, tenant: Tenant) -> None:
        """Greet who installed the app, in a direct message that leads on."""
        ...

    async def tell_takeover(self, tenant: Tenant, former: str) -> None:
        """Tell who had installed the app for a workspace that its organisation has installed it as a whole."""
        ...

    async def try_channel(self, tenant_id: str, channel_id: str, user_id: str, row: RouteRow | None = None) -> None:
        """Say in a channel that cards, or those of a route, will come there, because of this user.

        Rejected or AccessDenied when it takes no message.
        """
        ...

    async def ask_for_invitation(self, tenant_id: str, webhook_url: str) -> None:
        """Say in the channel that was picked at installation that the bot must be invited there."""
        ...

    async def tell_lost_channel(self, tenant: Tenant, user_id: str, channel_id: str, reason: str, instead: str) -> None:
        """Tell this person that a channel takes no cards; ``reason`` is Slack's own word.

        ``instead`` is where its cards go.
        """
        ...

    async def tell_dead_webhook(self, tenant: Tenant, url: str, reason: str) -> None:
        """Tell who installed the app that this address is told nothing any more, and why."""
        ...
