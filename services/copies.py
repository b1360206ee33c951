"""Cards that stand in a channel twice, because nobody could know whether the first one had arrived."""

import logging

from engine.errors import NotFound, UpstreamError
from engine.models.anomaly import Anomaly
from engine.models.delivery import Delivery, SlackMessage
from services.ports import Accounts, Notifier, Outbox

_log = logging.getLogger(__name__)


class Copies:
    """Takes copies away, or keeps them true. A copy is never worth an error: the card itself is what counts."""

    def __init__(self, outbox: Outbox, accounts: Accounts, notifier: Notifier) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._notifier = notifier

    async def remove(self, tenant_id: str, late: Delivery) -> None:
        """Take away what a late sender posted, once the next one's card is known to stand.

        While it is not known, the copy stays: it may be the only card, and the next sender may have found it.
        """
        kept = await self._outbox.find_delivery(tenant_id, late.anomaly_id)
        if kept is None or not late.message_ts or kept.message_ts in ("", late.message_ts):
            _log.info("card %s: somebody else has it by now", late.anomaly_id)
            return
        try:
            await self._notifier.delete_card(tenant_id, SlackMessage(late.channel_id, late.message_ts))
        except UpstreamError as error:
            _log.warning("card %s: its copy stays in the channel: %s", late.anomaly_id, error)

    async def repaint(self, tenant_id: str, anomaly: Anomaly, clicked: SlackMessage) -> None:
        """Show on the card that was clicked what became of it, where that is not the one which is kept true."""
        try:
            kept = await self._outbox.find_delivery(tenant_id, anomaly.anomaly_id)
            if kept is None or clicked.message_ts == kept.message_ts:
                return
            account = await self._accounts.find_account(tenant_id, anomaly.account_id)
            await self._notifier.update_card(tenant_id, clicked, anomaly, account, may_repeat=kept.may_repeat)
        except (NotFound, UpstreamError) as error:
            _log.warning("card %s: the copy that was clicked could not be updated: %s", anomaly.anomaly_id, error)
