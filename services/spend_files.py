"""The bill's days as a file to take along."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from engine.spend_table import columns_of
from services.ports import Bills, Clock
from services.ports.spend import TableFiles


class SpendFiles:
    """Reads what is stored; asks AWS nothing."""

    def __init__(self, bills: Bills, files: TableFiles, clock: Clock) -> None:
        self._bills = bills
        self._files = files
        self._clock = clock

    def require_parquet(self) -> None:
        """Raise InvalidSetting where no such file can be written."""
        self._files.require()

    async def parquet(self, tenant_id: str, span: timedelta) -> AsyncGenerator[bytes, None]:
        """One Parquet file, written in a thread: it takes a while for many accounts."""
        days = await self._bills.find_days(tenant_id, (self._clock() - span).date())
        yield await asyncio.to_thread(lambda: self._files.write(columns_of(days)))
