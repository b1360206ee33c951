"""Access keys that open AWS accounts, where a self-hosted installation has no role there."""

from datetime import datetime

import msgspec


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """A long-term key of an IAM user. The secret is never shown, not even where somebody prints this."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"AccessKey(key_id={self.key_id[:4]}...)"


class SealedAccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key of one AWS account as it is stored: its secret is sealed. ``given_at`` is when we were given it."""

    account_id: str
    key_id: str
    secret: str
    given_by: str
    given_at: datetime
