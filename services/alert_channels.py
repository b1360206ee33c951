"""Where a tenant's cards go: by its routes and its alert channel, and until those take them to who administers."""

import logging

from engine.errors import NotFound, Rejected, UpstreamError
from engine.models.account import Tenant
from engine.models.anomaly import Anomaly
from engine.routing import channel_of, instead_of, people_of
from services.policies import NO_POLICIES, Policies
from services.ports import Messages, People, Tenants
from services.refusals import TAKES_NONE, TAKES_NONE_AS_PERSON

_log = logging.getLogger(__name__)


class AlertChannels:
    """Gives channels to the sender; a person's id stands for the direct message with them."""

    def __init__(
        self,
        tenants: Tenants,
        messages: Messages,
        policies: Policies = NO_POLICIES,
        people: People | None = None,
    ) -> None:
        """Without ``people`` nobody looks whether somebody has left."""
        self._people = people
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
        return await self._present(tenant, channel_of(tenant, anomaly.account_id, anomaly.severity))

    async def find_present(self, tenant_id: str, channel_id: str) -> str:
        """Who gets in place of an admin who has left what was meant for them; others, and channels, stay what they are.

        Empty when all have left. Raises NotFound for a tenant that is gone.
        """
        return await self._present(await self._tenants.find_tenant(tenant_id), channel_id)

    async def _present(self, tenant: Tenant, channel_id: str) -> str:
        people = people_of(tenant)
        while channel_id in people and await self._has_left(tenant.tenant_id, channel_id):
            if channel_id not in tenant.lost_channel_ids:
                await self._tenants.lose_channel(tenant.tenant_id, channel_id)
            channel_id = instead_of(tenant, channel_id)
        return channel_id

    async def _has_left(self, tenant_id: str, user_id: str) -> bool:
        """Where nobody may look, everybody counts as present."""
        if self._people is None:
            return False
        try:
            return (await self._people.fetch_person(tenant_id, user_id)).has_left
        except (UpstreamError, NotFound):
            return False

    async def find_instead(self, tenant_id: str, channel_id: str, error: UpstreamError) -> str:
        """Where a card goes that this channel or person refused; empty when it must wait.

        Whoever gets it is told so once, until the channel takes a card again.
        """
        if not isinstance(error, Rejected) or error.code not in TAKES_NONE_AS_PERSON:
            return ""
        tenant = await self._tenants.find_tenant(tenant_id)
        is_person = channel_id in people_of(tenant)
        if not is_person and error.code not in TAKES_NONE:
            return ""
        instead = await self._present(tenant, instead_of(tenant, channel_id))
        if channel_id and await self._tenants.lose_channel(tenant_id, channel_id):
            _log.warning("tenant %s: %s takes no cards (%s)", tenant_id, channel_id, error.code)
            if not is_person:
                await self._tell(tenant, channel_id, error.code, instead)
        return instead

    async def _tell(self, tenant: Tenant, channel_id: str, reason: str, instead: str) -> None:
        """Tell the first who can be told. They get the card all the same; where nobody is known, status says it."""
        for user_id in people_of(tenant):
            if await self._has_left(tenant.tenant_id, user_id):
                continue
            try:
                await self._messages.tell_lost_channel(tenant, user_id, channel_id, reason, instead)
            except Rejected as error:
                _log.warning("tenant %s: %s could not be told of its channel: %s", tenant.tenant_id, user_id, error)
            except UpstreamError as error:
                _log.warning("tenant %s could not be told of its channel: %s", tenant.tenant_id, error)
                return
            else:
                return

    async def note_reached(self, tenant_id: str, channel_id: str) -> None:
        """A card stands in this channel, so losing it is news again. The card counts even where that is not noted."""
        try:
            await self._tenants.regain_channel(tenant_id, channel_id)
        except UpstreamError as error:
            _log.warning("tenant %s: not noted that its channel is back: %s", tenant_id, error)
