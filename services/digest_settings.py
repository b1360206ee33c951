"""When a tenant's digest comes, as its people set it."""

from collections.abc import Sequence

from engine.command_line.schedule import parse_schedule
from engine.digest_times import next_digest
from engine.models.audit import AuditAction, AuditRecord
from engine.models.report import DigestSetting
from services.ports import Clock, Tenants
from services.zones import find_zones, zone_of


class DigestSettings:
    """Changes the schedule; whoever sends digests reads it."""

    def __init__(self, tenants: Tenants, clock: Clock) -> None:
        self._tenants = tenants
        self._clock = clock

    async def change(self, tenant_id: str, user_id: str, words: Sequence[str]) -> DigestSetting:
        """Set the schedule. Raises InvalidCommand, with what to say, for words that are not understood."""
        now = self._clock()
        tenant = await self._tenants.find_tenant(tenant_id)
        schedule = parse_schedule(words, tenant.digest, await find_zones())
        said = f"{schedule.rhythm.value} {schedule.at:%H:%M} {schedule.zone} {schedule.weekday}"
        record = AuditRecord(
            at=now, action=AuditAction.SETTING_CHANGED, actor=user_id, details={"setting": "digest", "to": said}
        )
        await self._tenants.save_digest(tenant_id, schedule, record)
        return DigestSetting(schedule, next_digest(schedule, now, zone_of(schedule.zone)), tenant.alert_channel_id)
