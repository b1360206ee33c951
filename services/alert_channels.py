"""Where a tenant's cards go: by its routes and its alert channel, and until those take them to the installer."""

import logging

from engine.errors import Rejected, UpstreamError
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly
from engine.routing import channel_of, instead_of
from services.policies import NO_POLICIES, Policies
from services.ports import Messages, Tenants
from services.refusals import TAKES_NONE

_log = logging.getLogger(__name__)


class AlertChannels:
    """Gives channels to the sender; a person's id stands for the direct message with them."""

    def __init__(self, tenants: Tenants, messages: Messages, policies: Policies = NO_POLICIES) -> None:
        self._tenants = tenants
        self._messages = messages
        self._policies = policies

    async def are_silent(self, tenant_id: str) -> bool:
        """Whether nobody is to be told of anything new. Raises NotFound for a tenant that is gone."""
        return self._are_all_silent() or (await self._tenants.find_tenant(tenant_id)).is_silenced

    def _are_all_silent(self) -> bool:
        """Known before it has come to every tenant: what is sent meanwhile could not be taken back."""
        return self._policies.current().panic_mode

    async def find(self, tenant_id: str, anomaly: Anomaly) -> str:
        """Where a new card goes first. Raises NotFound for a tenant that is gone."""
        tenant = await self._tenants.find_tenant(tenant_id)
        return channel_of(tenant, anomaly.account_id, anomaly.severity)

    async def find_instead(self, tenant_id: str, channel_id: str, error: UpstreamError) -> str:
        """Where a card goes that this channel refused; empty when it must wait for this one.

        Who installed the app is told so once, until the channel takes a card again.
        """
        if not isinstance(error, Rejected) or error.code not in TAKES_NONE:
            return ""
        tenant = await self._tenants.find_tenant(tenant_id)
        instead = instead_of(tenant, channel_id)
        if instead and await self._tenants.lose_channel(tenant_id, channel_id):
            _log.warning("tenant %s: the channel %s takes no cards (%s)", tenant_id, channel_id, error.code)
            await self._tell(tenant, channel_id, error.code, instead)
        return instead

    async def _tell(self, tenant: Tenant, channel_id: str, reason: str, instead: str) -> None:
        """Whoever cannot be told gets the card all the same; where nobody is known, the log has to do."""
        if not tenant.installer_user_id:
            return
        try:
            await self._messages.tell_lost_channel(tenant, channel_id, reason, instead)
        except UpstreamError as error:
            _log.warning("tenant %s could not be told of its channel: %s", tenant.tenant_id, error)

    async def note_reached(self, tenant_id: str, channel_id: str) -> None:
        """A card stands in this channel, so losing it is news again. The card counts even where that is not noted."""
        try:
            await self._tenants.regain_channel(tenant_id, channel_id)
        except UpstreamError as error:
            _log.warning("tenant %s: not noted that its channel is back: %s", tenant_id, error)
