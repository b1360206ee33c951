"""The operator's policy as use cases see it: something that says what holds now."""

from typing import Protocol

import msgspec

from engine.models.policy import NO_POLICY, Policy


class Policies(Protocol):
    """Knows the policy without waiting for anything."""

    def current(self) -> Policy:
        """What holds now; asked once a batch."""


class FixedPolicy(msgspec.Struct, frozen=True):
    """One that never changes."""

    policy: Policy = NO_POLICY

    def current(self) -> Policy:
        """Always the same."""
        return self.policy


NO_POLICIES = FixedPolicy()
