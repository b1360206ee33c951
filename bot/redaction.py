"""Takes secrets out of text that is about to be written down."""

import re
from collections.abc import Iterable, Iterator

from pydantic import SecretStr
from pydantic_settings import BaseSettings

HIDDEN = "[redacted]"
_SHORTEST = 8  # What is shorter may be a word, and hiding that would spoil the log.
_KINDS = (
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+",  # Slack
    r"xapp-[\w-]+",
    r"\b(?:sk|rk|pk)_(?:live|test)_\w+",  # Stripe
    r"\bwhsec_[\w+/=]+",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS
    r"\bgh[pousr]_\w{20,}",  # GitHub, Linear, Jira
    r"\bgithub_pat_\w+",
    r"\blin_api_\w+",
    r"\bATATT[\w=-]{20,}",
    r"\bdd0c_[\w-]{16,}",
    r"\beyJ[\w-]+\.[\w-]+\.[\w-]*",  # JSON Web Tokens
    r"(?<=://)[^/\s@]+(?=@)",  # user and password in an address
    r"(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{8,}",
)


class Redaction:
    """Hides what looks like a secret of a kind we meet, and what is one of ``secrets``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        own = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, own), *_KINDS]))

    def __call__(self, text: str) -> str:
        """Give the text without them.

        >>> Redaction(["open sesame"])("token xoxb-1-abc, mongodb://u:p@h/, open sesame")
        'token [redacted], mongodb://[redacted]@h/, [redacted]'
        """
        return self._pattern.sub(HIDDEN, text)


def secrets_in(settings: BaseSettings) -> Iterator[str]:
    """All that the settings hold as secret: each value, and each key of a list of keys."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
            yield from re.split(r"[,:\s]+", value.get_secret_value())
