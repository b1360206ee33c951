"""The file system's errors in our own words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import AccessDenied, Rejected, Unavailable

_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WRONG = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP})


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise the errors of ``engine.errors`` for those of the operating system; ``code`` is its name, like ENOSPC."""
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, type(error).__name__)
        text = f"{doing}: {os.strerror(error.errno) if error.errno else error}."
        if error.errno in _DENIED:
            raise AccessDenied(text, code=code) from error
        if error.errno in _WRONG:
            raise Rejected(text, code=code) from error
        raise Unavailable(text, code=code) from error
    except ValueError as error:  # What Python says of a NUL in a path.
        raise Rejected(f"{doing}: {error}.", code="ValueError") from error
