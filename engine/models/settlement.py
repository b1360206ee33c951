"""What follows from reading what a tenant pays for."""

from collections.abc import Sequence

import msgspec

from engine.models.account import AwsAccount
from engine.models.audit import AuditRecord
from engine.models.billing import Billing
from engine.models.post import Post


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be stored together: where a tenant stands now, and all that follows from it."""

    billing: Billing
    paused: Sequence[AwsAccount] = ()
    resumed: Sequence[AwsAccount] = ()
    posts: Sequence[Post] = ()
    records: Sequence[AuditRecord] = ()
