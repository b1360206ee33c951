"""What a developer's machine has in its environment for other programs, kept away from the demo's bot."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_FOREIGN = re.compile(r"(AWS|SLACK|STRIPE|OTEL|DD0C|MONGODB)_.*|.*_PROXY", re.IGNORECASE)


def foreign_settings(names: Iterable[str]) -> list[str]:
    """The variables that the bot or one of its libraries would heed.

    >>> foreign_settings(["PATH", "AWS_PROFILE", "https_proxy", "SLACK_CLIENT_ID"])
    ['AWS_PROFILE', 'https_proxy', 'SLACK_CLIENT_ID']
    """
    return [name for name in names if _FOREIGN.fullmatch(name)]


@contextmanager
def clean_environment() -> Iterator[None]:
    """Take them out of this process's environment, and put them back in the end."""
    taken = {name: os.environ.pop(name) for name in foreign_settings(list(os.environ))}
    try:
        yield
    finally:
        os.environ.update(taken)
