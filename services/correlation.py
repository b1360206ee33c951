"""What entries of the log have in common: the job, the request or the work item they were written in."""

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


def correlate(**names: str) -> None:
    """Let every entry from here on carry these names and no others, until this task ends or names others.

    It is for a task that does one thing after the other, whose failures are logged only behind each of them.

    >>> from contextvars import copy_context
    >>> def work() -> dict[str, str]:
    ...     correlate(work="poll")
    ...     return dict(correlation())
    >>> copy_context().run(work)
    {'work': 'poll'}
    """
    _CURRENT.set(names)


def correlation() -> Mapping[str, str]:
    """What is known here; empty outside of any job, request and work item."""
    return _CURRENT.get()
