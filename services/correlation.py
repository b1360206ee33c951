"""What entries of the log have in common: the job or the request they were written in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_NOTHING: Mapping[str, str] = {}
# A context variable follows tasks and what they start, which no argument could through libraries that log.
_CURRENT: ContextVar[Mapping[str, str]] = ContextVar("correlation", default=_NOTHING)


@contextmanager
def correlated(**names: str) -> Iterator[None]:
    """Let every entry written inside carry these names besides those around it.

    >>> with correlated(job="poll_accounts"):
    ...     dict(correlation())
    {'job': 'poll_accounts'}
    """
    token = _CURRENT.set({**_CURRENT.get(), **names})
    try:
        yield
    finally:
        _CURRENT.reset(token)


def correlation() -> Mapping[str, str]:
    """What is known here; empty outside of any job and request."""
    return _CURRENT.get()
