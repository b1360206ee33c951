"""What customers choose of their mode: strict, for one account or all, and back to what the account has earned."""

from collections.abc import Sequence
from enum import StrEnum

from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.account import AwsAccount, Tenant
from engine.models.audit import AuditAction, AuditRecord
from engine.modes import ModeInForce, mode_in_force
from services.policies import NO_POLICIES, Policies
from services.ports import Accounts, Clock, Tenants


class ModeChoice(StrEnum):
    """``STRICT`` silences all, the safety net too; ``DEFAULT`` takes that back, and loosens nothing besides."""

    STRICT = "strict"
    DEFAULT = "default"


class Modes:
    """Says which mode holds, and lets people make it stricter."""

    def __init__(self, tenants: Tenants, accounts: Accounts, clock: Clock, policies: Policies = NO_POLICIES) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._clock = clock
        self._policies = policies

    async def in_force(self, tenant_id: str, accounts: Sequence[AwsAccount]) -> list[ModeInForce]:
        """The mode that holds for each of a tenant's accounts, in their order."""
        tenant = await self._tenants.find_tenant(tenant_id)
        return [self.of(one, tenant) for one in accounts]

    def of(self, account: AwsAccount, tenant: Tenant) -> ModeInForce:
        """The mode that holds for one account."""
        return mode_in_force(account, tenant, self._policies.current())

    async def choose(self, tenant_id: str, user_id: str, choice: ModeChoice) -> None:
        """Choose for all accounts of the tenant, also those that are connected later."""
        set_by = user_id if choice is ModeChoice.STRICT else ""
        await self._tenants.save_strict_choice(tenant_id, set_by, self._record(user_id, choice, ""))

    async def choose_for(self, tenant_id: str, account_id: str, user_id: str, choice: ModeChoice) -> None:
        """Choose for one account. Raises NotFound when the tenant has none of that id."""
        set_by = user_id if choice is ModeChoice.STRICT else ""
        await self._accounts.save_mode_choice(tenant_id, account_id, set_by, self._record(user_id, choice, account_id))

    def _record(self, user_id: str, choice: ModeChoice, account_id: str) -> AuditRecord:
        return AuditRecord(
            at=self._clock(),
            action=AuditAction.SETTING_CHANGED,
            actor=user_id,
            account_id=account_id,
            details={"mode": choice.value},
        )


def parse_choice(words: Sequence[str]) -> ModeChoice:
    """Read what stands behind ``settings mode``. Raises InvalidCommand, with what to say.

    >>> parse_choice(["Strict"])
    <ModeChoice.STRICT: 'strict'>
    """
    said = " ".join(words).lower()
    try:
        return ModeChoice(said)
    except ValueError:
        raise InvalidCommand(
            f"{shown(said) if said else 'Nothing'} is no mode that can be chosen. A mode can only be made stricter: "
            "`/dd0c settings mode strict` tells nobody of anything any more, very expensive launches included, and "
            "`/dd0c settings mode default` goes back to what each account has earned. `--account A` is for one alone."
        ) from None
