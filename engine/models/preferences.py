"""What a tenant has set, as it is shown."""

import msgspec

from engine.models.account import GovernanceMode
from engine.models.sensitivity import SensitivityRule


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is set for one AWS account, and the mode that holds for it.

    ``mode_set_by`` chose strict mode, and is empty where nobody did; ``mode_by_policy`` says that the operator did.
    """

    account_id: str
    name: str
    mode: GovernanceMode
    mode_set_by: str
    sensitivities: tuple[SensitivityRule, ...]
    mode_by_policy: bool = False


class SettingsReport(msgspec.Struct, frozen=True):
    """All accounts' settings, and what was just changed: the rule, and the ids of the accounts it holds for.

    ``chosen_mode`` is the mode that was just chosen, for all accounts where there are no ``changed_ids``.
    """

    accounts: tuple[AccountSettings, ...]
    changed: SensitivityRule | None = None
    changed_ids: tuple[str, ...] = ()
    chosen_mode: str = ""
