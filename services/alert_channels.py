"""Where a tenant's cards go: its alert channel, and until that takes them whoever installed the app."""

import logging

from engine.errors import Rejected, UpstreamError
from engine.models.account import Tenant
from services.ports import Messages, Tenants

_log = logging.getLogger(__name__)
_TAKES_NONE = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
    }
)


class AlertChannels:
    """Gives channels to the sender; a person's id stands for the direct message with them."""

    def __init__(self, tenants: Tenants, messages: Messages) -> None:
        self._tenants = tenants
        self._messages = messages

    async def find(self, tenant_id: str) -> str:
        """Where a new card goes first. Raises NotFound for a tenant that is gone."""
        tenant = await self._tenants.find_tenant(tenant_id)
        return tenant.alert_channel_id or tenant.installer_user_id

    async def find_instead(self, tenant_id: str, channel_id: str, error: UpstreamError) -> str:
        """Where a card goes that this channel refused; empty when it must wait for this one.

        Who installed the app is told so once, until the channel takes a card again.
        """
        if not isinstance(error, Rejected) or error.code not in _TAKES_NONE:
            return ""
        tenant = await self._tenants.find_tenant(tenant_id)
        if tenant.installer_user_id in ("", channel_id):
            return ""
        if await self._tenants.lose_channel(tenant_id, channel_id):
            _log.warning("tenant %s: its alert channel takes no cards (%s)", tenant_id, error.code)
            await self._tell(tenant, channel_id, error.code)
        return tenant.installer_user_id

    async def _tell(self, tenant: Tenant, channel_id: str, reason: str) -> None:
        """Whoever cannot be told gets the card all the same."""
        try:
            await self._messages.tell_lost_channel(tenant, channel_id, reason)
        except UpstreamError as error:
            _log.warning("tenant %s could not be told of its channel: %s", tenant.tenant_id, error)

    async def note_reached(self, tenant_id: str, channel_id: str) -> None:
        """A card stands in this channel, so losing it is news again. The card counts even where that is not noted."""
        try:
            await self._tenants.regain_channel(tenant_id, channel_id)
        except UpstreamError as error:
            _log.warning("tenant %s: not noted that its channel is back: %s", tenant_id, error)
