"""What a tenant has set, as it is shown."""

import msgspec

from engine.models.account import GovernanceMode
from engine.models.sensitivity import SensitivityRule


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is set for one AWS account. ``mode_set_by`` is empty where nobody chose the mode."""

    account_id: str
    name: str
    mode: GovernanceMode
    mode_set_by: str
    sensitivities: tuple[SensitivityRule, ...]


class SettingsReport(msgspec.Struct, frozen=True):
    """All accounts' settings, and what was just changed: the rule, and the ids of the accounts it holds for."""

    accounts: tuple[AccountSettings, ...]
    changed: SensitivityRule | None = None
    changed_ids: tuple[str, ...] = ()
