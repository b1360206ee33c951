"""Standard output that cannot take what we say: a full disk, or an encoding that lacks letters."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def standard_output() -> Iterator[None]:
    """Say in one sentence that standard output takes no more; what closes a pipe early, such as ``head``, is no fault.

    Raises ClickException.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        # What is still in the buffer is written once more when the process ends; it must have somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reason = os.strerror(error.errno) if error.errno else error
        raise click.ClickException(f"Standard output cannot be written: {reason}.") from error


def never_fail_to_encode() -> None:
    """Show as \\\\u2026 and the like what the terminal's encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
