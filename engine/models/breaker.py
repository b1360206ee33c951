"""Circuit breakers of rules on trial."""

from datetime import datetime

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """Where a rule is looked at: in one AWS account, or everywhere in the installation (both ids empty)."""

    tenant_id: str = ""
    account_id: str = ""

    @property
    def in_words(self) -> str:
        """Such as ``in account 111122223333`` or ``everywhere``."""
        return f"in account {self.account_id}" if self.account_id else "everywhere"


EVERYWHERE = Scope()


class Breaker(msgspec.Struct, frozen=True):
    """A rule that was switched off at ``opened_at``, and on again at ``closed_at`` if that is set.

    ``in_hour`` is how many alerts it raised in an hour, ``allowed`` how many it may. ``told_at`` is when the operator
    was told of it by a message; whoever tells has until ``telling_until`` for that.
    """

    flag: str
    scope: Scope
    opened_at: datetime
    in_hour: int
    allowed: float
    closed_at: datetime | None = None
    told_at: datetime | None = None
    telling_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the rule is switched off."""
        return self.closed_at is None
