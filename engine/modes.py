"""Which mode holds for an account: what it has earned, made stricter by its people or by the operator."""

import msgspec

from engine.models.account import AwsAccount, GovernanceMode, Tenant
from engine.models.policy import Policy


class ModeInForce(msgspec.Struct, frozen=True, kw_only=True):
    """The mode that holds. ``set_by`` is the user who chose strict, ``by_policy`` says that the operator did too."""

    mode: GovernanceMode
    set_by: str = ""
    by_policy: bool = False


def as_chosen(account: AwsAccount, tenant: Tenant) -> AwsAccount:
    """Give the account in the mode that its people want: strict where somebody chose so, for it or for all.

    >>> from engine.examples import new_account
    >>> tenant = Tenant(tenant_id="t", team_id="T1", team_name="acme", alert_channel_id="C1", strict_set_by="U1")
    >>> as_chosen(new_account(), tenant).mode_set_by
    'U1'
    """
    by = account.strict_set_by or tenant.strict_set_by
    return msgspec.structs.replace(account, mode=GovernanceMode.STRICT, mode_set_by=by) if by else account


def mode_in_force(account: AwsAccount, tenant: Tenant, policy: Policy) -> ModeInForce:
    """Give the strictest of the three; nobody can loosen what another made strict.

    >>> from engine.examples import new_account
    >>> tenant = Tenant(tenant_id="t", team_id="T1", team_name="acme", alert_channel_id="C1")
    >>> mode_in_force(new_account(), tenant, Policy()).mode
    <GovernanceMode.STRICT: 'strict'>
    """
    chosen = as_chosen(account, tenant)
    by_policy = policy.makes_strict(account.account_id)
    mode = policy.mode_of(account.account_id, chosen.mode)
    return ModeInForce(mode=mode, set_by=chosen.mode_set_by, by_policy=by_policy)
