"""Finds the picture behind a signed address."""

from engine.errors import NotFound
from services.ports import ChartAddresses, ChartDrawer, Clock, Tenants

_GONE = "There is no such chart, or not any more."


class ChartPictures:
    """A chart is seen until its address expires, or its tenant leaves."""

    def __init__(self, *, addresses: ChartAddresses, drawer: ChartDrawer, tenants: Tenants, clock: Clock) -> None:
        self._addresses = addresses
        self._drawer = drawer
        self._tenants = tenants
        self._clock = clock

    async def find(self, token: str) -> bytes:
        """Give the PNG; raise NotFound for an address that is not ours, too old, or of a tenant that left."""
        signed = self._addresses.read(token)
        if signed.until < self._clock() or (await self._tenants.find_tenant(signed.tenant_id)).leaving:
            raise NotFound(_GONE)
        return await self._drawer.draw(signed.chart)
