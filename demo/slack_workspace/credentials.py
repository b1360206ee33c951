"""The bot's tokens, as the workspace knows them."""

import secrets
from dataclasses import dataclass, field

from demo.slack_workspace.errors import SlackError


@dataclass
class Credentials:
    """The bot's token and, once it stopped working, the error that says why. Older ones of a rotation still work."""

    bot_token: str
    refusal: str | None = None
    older: set[str] = field(default_factory=set)

    def check(self, token: str) -> None:
        """Refuse a token that is missing, wrong or no longer good."""
        if not token:
            raise SlackError("not_authed")
        if token != self.bot_token and token not in self.older:
            raise SlackError("invalid_auth")
        if self.refusal:
            raise SlackError(self.refusal)

    def renew(self) -> None:
        """Give out another token; after an uninstallation the ones before are gone for good."""
        self.older = set() if self.refusal else {*self.older, self.bot_token}
        self.bot_token = f"xoxb-{secrets.token_hex(12)}"
        self.refusal = None
