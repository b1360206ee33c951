"""A tenant's own thresholds of what counts as idle."""

from collections.abc import Mapping, Sequence

from engine.errors import InvalidCommand
from engine.models.audit import AuditAction, AuditRecord
from engine.zombies.own_thresholds import ThresholdRow, checked, parse_threshold, rows_of
from services.ports import Clock, Tenants

_HOW = "Say it like `/dd0c settings zombies nat_days 14`, or `default` in place of the number."


class ZombieSettings:
    """Shows and changes them; scans read them when they begin."""

    def __init__(self, tenants: Tenants, clock: Clock) -> None:
        self._tenants = tenants
        self._clock = clock

    async def rows(self, tenant_id: str) -> Sequence[ThresholdRow]:
        """Every threshold as it holds for the tenant."""
        return rows_of((await self._tenants.find_tenant(tenant_id)).zombie_thresholds)

    async def say(self, tenant_id: str, user_id: str, words: Sequence[str]) -> Sequence[ThresholdRow]:
        """Change what two words say, or nothing where there are none. Raises InvalidCommand."""
        if not words:
            return await self.rows(tenant_id)
        if len(words) != 2:  # noqa: PLR2004 - which, and how much
            raise InvalidCommand(_HOW)
        name = words[0].lower()
        return await self.change(tenant_id, user_id, {name: parse_threshold(name, words[1])})

    async def change(self, tenant_id: str, user_id: str, changes: Mapping[str, float | None]) -> Sequence[ThresholdRow]:
        """Set some thresholds, all or none; None brings the usual value back. Raises InvalidCommand."""
        own = (await self._tenants.find_tenant(tenant_id)).zombie_thresholds
        made = {name: value for name, value in checked(own, changes).items() if own.get(name) != value}
        if made:
            said = ", ".join(f"{name} {'default' if value is None else f'{value:g}'}" for name, value in made.items())
            record = AuditRecord(
                at=self._clock(),
                action=AuditAction.SETTING_CHANGED,
                actor=user_id,
                details={"setting": "zombie thresholds", "to": said},
            )
            await self._tenants.save_zombie_thresholds(tenant_id, made, record)
        return await self.rows(tenant_id)
