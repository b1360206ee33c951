"""What an operator lays down for all accounts of an installation, above what the accounts themselves are set to."""

from collections.abc import Mapping

import msgspec

from engine.models.account import GovernanceMode


class Policy(msgspec.Struct, frozen=True):
    """The mode that holds unless ``accounts`` names another for an AWS account's id.

    It only restricts: ``AUDIT`` leaves every account as it is. In ``panic_mode`` everything is scored and logged, and
    nothing is sent to anybody; ``panic_by`` and ``panic_reason`` say who wants that, and why, to whoever asks.
    """

    governance_mode: GovernanceMode = GovernanceMode.AUDIT
    accounts: Mapping[str, GovernanceMode] = {}
    panic_mode: bool = False
    panic_by: str = ""
    panic_reason: str = ""

    def makes_strict(self, account_id: str) -> bool:
        """Whether an account is strict by this policy, whatever it is set to itself.

        >>> policy = Policy(GovernanceMode.STRICT, {"210987654321": GovernanceMode.AUDIT})
        >>> policy.makes_strict("123456789012"), policy.makes_strict("210987654321")
        (True, False)
        """
        return self.accounts.get(account_id, self.governance_mode) is GovernanceMode.STRICT

    def mode_of(self, account_id: str, own: GovernanceMode) -> GovernanceMode:
        """The more restrictive of the policy's mode and the account's own.

        >>> Policy().mode_of("123456789012", GovernanceMode.STRICT)
        <GovernanceMode.STRICT: 'strict'>
        """
        return GovernanceMode.STRICT if self.makes_strict(account_id) else own


NO_POLICY = Policy()
