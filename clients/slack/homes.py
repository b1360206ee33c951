"""Home tabs to Slack."""

from collections import OrderedDict

from blocks.home import home
from clients.slack.errors import translated
from clients.slack.notifier import ClientFor
from clients.slack.spacing import Turns
from engine.errors import Throttled, UpstreamError
from engine.models.delivery import SlackMessage
from engine.models.home import HomeReport

_PLACE = "views.publish"
# Slack allows a workspace a hundred a minute.
_INTERVAL_SECONDS = 0.7
_MOST_URLS = 10_000


class SlackHomes:
    """Publishes for each tenant in turns, over all processes; nobody waits for theirs here."""

    def __init__(self, client_for: ClientFor, turns: Turns) -> None:
        self._client_for = client_for
        self._turns = turns
        self._urls: OrderedDict[tuple[str, SlackMessage], str] = OrderedDict()

    async def publish(self, tenant_id: str, user_id: str, report: HomeReport) -> None:
        """Show it to one person. Throttled says when the tenant's next turn comes, and that nothing was shown."""
        client = await self._client_for(tenant_id)
        view = home(report)
        wait = await self._turns.take(tenant_id, _PLACE, _INTERVAL_SECONDS, 0.0)
        if wait > 0:
            raise Throttled("It is not this Home's turn yet.", code="no_turn", retry_after=wait)
        try:
            async with translated("Publishing a Home"):
                await client.views_publish(user_id=user_id, view=view)
        except Throttled as error:
            await self._turns.defer(tenant_id, _PLACE, error.retry_after or _INTERVAL_SECONDS)
            raise

    async def find_card_url(self, tenant_id: str, message: SlackMessage) -> str:
        """The address of a message, empty where Slack gives none. It never changes, so it is asked for once."""
        key = (tenant_id, message)
        if key not in self._urls:
            client = await self._client_for(tenant_id)
            try:
                async with translated("Asking for a card's address"):
                    answer = await client.chat_getPermalink(channel=message.channel_id, message_ts=message.message_ts)
            except UpstreamError:
                return ""
            self._urls[key] = str(answer.get("permalink") or "")
            if len(self._urls) > _MOST_URLS:
                self._urls.popitem(last=False)
        return self._urls[key]
